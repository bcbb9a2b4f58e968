"""Google accounts: whose they are, which calendars they have, and when they are busy otherwise."""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.emulators.google.times import rfc3339, zone_named
from sandbox.emulators.web import BadRequest

MEET = "hangoutsMeet"

_SAMPLES: tuple[tuple[str, str, str], ...] = (
    ("rh@exemple.cm", "Ressources humaines", "work"),
    ("awa.ndiaye@exemple.cm", "Awa Ndiaye", "work"),
    ("perso@gmail.com", "Paul Essomba", "consumer"),
)
_MEMBERS = frozenset(
    {"name", "kind", "time_zone", "conference_types", "calendars", "busy", "freebusy_error", "guests_answer"}
)

Period = tuple[datetime, datetime]


@dataclass(slots=True)
class Account:
    """The primary calendar's id is the address; `calendars` names further ones: id to summary.

    freebusy_error: reason that its calendars give inside a successful free/busy answer.
    guests_answer: what this person answers to every invitation at once: accepted, declined or tentative.
    """

    email: str
    name: str
    kind: str = "work"
    time_zone: str = "Africa/Douala"
    conference_types: list[str] = field(default_factory=lambda: [MEET])
    calendars: dict[str, str] = field(default_factory=dict)
    busy: list[Period] = field(default_factory=list)
    freebusy_error: str | None = None
    guests_answer: str | None = None

    @property
    def sub(self) -> str:
        """A stable number of 21 digits."""
        return str(10**20 + int(hashlib.sha256(self.email.encode()).hexdigest(), 16) % 10**20)

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def owns(self, calendar: str) -> bool:
        return calendar == self.email or calendar in self.calendars

    def sees(self, other: "Account") -> bool:
        """Colleagues of one organisation see when the others are busy."""
        return other.email == self.email or (self.kind == other.kind == "work" and self.domain == other.domain)

    def shown(self) -> dict[str, Any]:
        return {
            "email": self.email,
            "sub": self.sub,
            "name": self.name,
            "kind": self.kind,
            "time_zone": self.time_zone,
            "conference_types": self.conference_types,
            "calendars": [{"id": identifier, "summary": summary} for identifier, summary in self.calendars.items()],
            "busy": [{"start": start.isoformat(), "end": end.isoformat()} for start, end in self.busy],
            "freebusy_error": self.freebusy_error,
            "guests_answer": self.guests_answer,
        }


class Accounts:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._accounts = {email: Account(email, name, kind) for email, name, kind in _SAMPLES}

    def all(self) -> list[Account]:
        with self._guard:
            return list(self._accounts.values())

    def get(self, email: str) -> Account | None:
        return self._accounts.get(email.lower())

    def get_or_make(self, email: str) -> Account:
        """An unknown address becomes an account: of a consumer at gmail.com, else of an organisation."""
        email = email.strip().lower()
        if "@" not in email:
            raise BadRequest(f"an account is an e-mail address, not {email!r}")
        kind = "consumer" if email.endswith("@gmail.com") else "work"
        with self._guard:
            return self._accounts.setdefault(email, Account(email, email.partition("@")[0], kind))

    def owner(self, calendar: str) -> Account | None:
        """Whose calendar it is."""
        found = self.get(calendar)
        return found or next((account for account in self.all() if calendar in account.calendars), None)

    def change(self, email: str, members: Mapping[str, Any]) -> Account:
        """Make the account, or change the named members of it."""
        unknown = sorted(set(members) - _MEMBERS)
        if unknown:
            raise BadRequest(f"unknown members {', '.join(unknown)}; known: {', '.join(sorted(_MEMBERS))}")
        account = self.get_or_make(email)
        values = {name: _read(name, value) for name, value in members.items()}
        with self._guard:
            for name, value in values.items():
                setattr(account, name, value)
        return account

    def remove(self, email: str) -> None:
        with self._guard:
            self._accounts.pop(email.lower(), None)


def _read(name: str, value: Any) -> Any:
    if name == "kind" and value not in ("work", "consumer"):
        raise BadRequest(f"kind is work or consumer, not {value!r}")
    if name == "time_zone" and zone_named(value) is None:
        raise BadRequest(f"{value!r} is no IANA time zone")
    if name == "calendars":
        return {entry["id"]: entry.get("summary", entry["id"]) for entry in value}
    if name == "busy":
        return [period(entry) for entry in value]
    return value


def period(value: Any) -> Period:
    """{start, end} with offsets, from the emulator's own API."""
    ends = [rfc3339(value.get(name)) if isinstance(value, dict) else None for name in ("start", "end")]
    if ends[0] is None or ends[1] is None or ends[1] <= ends[0]:
        raise BadRequest(f"a period is {{start, end}} as RFC 3339 times with offsets, not {value!r}")
    return ends[0], ends[1]
