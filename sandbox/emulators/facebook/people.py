"""People on Facebook, and the pages on which they have tasks."""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.emulators.web import BadRequest

TASKS = ("MANAGE", "CREATE_CONTENT", "MODERATE", "MESSAGING", "ADVERTISE", "ANALYZE")


@dataclass(frozen=True, slots=True)
class Page:
    id: str
    name: str
    category: str = "Recruiter"


@dataclass(slots=True)
class Person:
    """tasks: page's id to what the person may do there. An e-mail address names the person to the emulator only."""

    email: str
    name: str
    tasks: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """As this app knows the person; another app would be told another one."""
        return str(10**16 + int(hashlib.sha256(self.email.encode()).hexdigest()[:12], 16))

    def shown(self) -> dict[str, Any]:
        pages = [{"page": page, "tasks": list(tasks)} for page, tasks in self.tasks.items()]
        return {"email": self.email, "id": self.id, "name": self.name, "pages": pages}


_PAGES = (
    Page("106541988990001", "Exemple SA"),
    Page("106541988990002", "Exemple Conseil"),
)
# One page, two pages to choose from, and none.
_PEOPLE = (
    Person("rh@exemple.cm", "Awa Ndiaye", {_PAGES[0].id: TASKS}),
    Person("direction@exemple.cm", "Paul Essomba", {page.id: TASKS for page in _PAGES}),
    Person("perso@gmail.com", "Jeanne Moussa"),
)


class Directory:
    """Every person and page."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._pages = {page.id: page for page in _PAGES}
        self._people = {each.email: Person(each.email, each.name, dict(each.tasks)) for each in _PEOPLE}

    def people(self) -> list[Person]:
        with self._guard:
            return list(self._people.values())

    def person(self, email: str) -> Person | None:
        return self._people.get(email.strip().lower())

    def get_or_make(self, email: str) -> Person:
        """An unknown address becomes a person without any page."""
        email = email.strip().lower()
        if "@" not in email:
            raise BadRequest(f"an account is an e-mail address, not {email!r}")
        with self._guard:
            return self._people.setdefault(email, Person(email, email.partition("@")[0].capitalize()))

    def pages(self) -> list[Page]:
        with self._guard:
            return list(self._pages.values())

    def page(self, identifier: str) -> Page | None:
        return self._pages.get(identifier)

    def change(self, email: str, wishes: Mapping[str, Any]) -> Person:
        """{name?, pages?: [{page, name?, tasks?}]}: pages that are not known are made."""
        if unknown := sorted(set(wishes) - {"name", "pages"}):
            raise BadRequest(f"a person has name and pages, not {', '.join(unknown)}")
        person = self.get_or_make(email)
        tasks = [self._tasks(entry) for entry in wishes.get("pages", ())]
        with self._guard:
            person.name = str(wishes.get("name", person.name))
            if "pages" in wishes:
                person.tasks = dict(tasks)
        return person

    def _tasks(self, entry: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
        identifier, tasks = str(entry.get("page", "")), tuple(entry.get("tasks", TASKS))
        if not identifier.isdecimal() or not set(tasks) <= set(TASKS):
            raise BadRequest(f"a page is {{page: digits, name?, tasks?: of {', '.join(TASKS)}}}, not {entry!r}")
        with self._guard:
            known = self._pages.get(identifier)
            if known is None or entry.get("name"):
                self._pages[identifier] = Page(identifier, str(entry.get("name") or f"Page {identifier}"))
        return identifier, tasks
