"""People on X."""

import hashlib
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.emulators.web import BadRequest

_USERNAME = re.compile(r"[A-Za-z0-9_]{1,15}")


@dataclass(slots=True)
class Person:
    """An e-mail address names the person to the emulator only. suspended: may not post."""

    email: str
    name: str
    username: str
    suspended: bool = False

    @property
    def id(self) -> str:
        return str(10**18 + int(hashlib.sha256(self.email.encode()).hexdigest()[:14], 16))

    def shown(self) -> dict[str, Any]:
        return {
            "email": self.email,
            "id": self.id,
            "name": self.name,
            "username": self.username,
            "suspended": self.suspended,
        }


_PEOPLE = (
    Person("rh@exemple.cm", "Exemple SA", "exemple_sa"),
    Person("direction@exemple.cm", "Paul Essomba", "pessomba"),
)


class Directory:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._people = {each.email: Person(each.email, each.name, each.username) for each in _PEOPLE}

    def people(self) -> list[Person]:
        with self._guard:
            return list(self._people.values())

    def by_id(self, identifier: str) -> Person | None:
        return next((each for each in self.people() if each.id == identifier), None)

    def get_or_make(self, email: str) -> Person:
        email = email.strip().lower()
        if "@" not in email:
            raise BadRequest(f"an account is an e-mail address, not {email!r}")
        word = re.sub(r"[^a-z0-9_]", "_", email.partition("@")[0])[:15]
        with self._guard:
            return self._people.setdefault(email, Person(email, word.capitalize(), word))

    def change(self, email: str, wishes: Mapping[str, Any]) -> Person:
        """{name?, username?, suspended?}"""
        if unknown := sorted(set(wishes) - {"name", "username", "suspended"}):
            raise BadRequest(f"a person has name, username and suspended, not {', '.join(unknown)}")
        username = wishes.get("username")
        if username is not None and not _USERNAME.fullmatch(str(username)):
            raise BadRequest(f"a username has at most 15 letters, digits and underscores, not {username!r}")
        person = self.get_or_make(email)
        with self._guard:
            person.name = str(wishes.get("name", person.name))
            person.username = str(wishes.get("username", person.username))
            person.suspended = bool(wishes.get("suspended", person.suspended))
        return person
