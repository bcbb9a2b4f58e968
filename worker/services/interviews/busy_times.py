"""When the calendars of a company's people say that they are taken.

A calendar that cannot say so is named with a reason: nobody knows whether its owner is free. No transaction may be open
while calendars are asked.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from worker.contracts.accounts import NoMailbox, ScopeMissing
from worker.contracts.calendars import Availability, Busy, Busyness, CalendarProvider
from worker.contracts.providers import AUTHORISED, CALENDARS, AuthorisedProvider
from worker.kit.database import query
from worker.kit.errors import NeedsReconnect, RunError
from worker.kit.localisation import message
from worker.kit.time_limits import TimeLimit
from worker.services.integrations import credentials
from worker.services.integrations.credentials import Credential
from worker.services.integrations.tokens import TokenSource
from worker.services.interviews.account_calls import with_token

# Seconds for all calendars of one question: somebody looks at the answer now.
BUDGET = 4.0
# Connected calendars that one question asks.
MOST_CALENDARS = 20
# Google's name for an account's own calendar, where nobody knows its address.
OWN = "primary"
TO_RECONNECT = message("Ce calendrier doit d’abord être reconnecté.")
NOT_ANSWERED = message("Ce calendrier n’a pas répondu.")
NOT_GRANTED = message("L’accès aux disponibilités de ce calendrier n’a pas été accordé.")
NO_CALENDAR = message("Ce compte n’a pas de boîte aux lettres, donc pas de calendrier.")
NOT_CONNECTED = message("Aucun calendrier n’est connecté pour cette personne.")


@dataclass(frozen=True, slots=True)
class Window:
    """At most 30 days. zone: in which entries of whole days are read."""

    start: datetime
    end: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Calendar:
    """One that somebody connected, or (account: None) that of a colleague who connected none.

    key: what results know it by. address: its owner's, None where nobody knows it.
    """

    key: str
    address: str | None
    account: Credential | None = None

    @property
    def name(self) -> str:
        """What its provider knows it by."""
        return (self.address or OWN).lower()

    @property
    def unasked(self) -> str:
        """Why nobody knows what it holds before it has answered."""
        if self.account is None:
            return NOT_CONNECTED
        return NOT_ANSWERED if self.account.works else TO_RECONNECT


@dataclass(frozen=True, slots=True)
class Taken:
    """By something in this calendar."""

    calendar: str
    start: datetime
    end: datetime
    how: Busyness = "busy"


@dataclass(frozen=True, slots=True)
class Unknown:
    """reason: French, in the catalogue."""

    calendar: str
    reason: str


@dataclass(frozen=True, slots=True)
class BusyTimes:
    """asked: the accounts that answered."""

    taken: tuple[Taken, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    asked: tuple[int, ...] = ()


def calendars_of(connection: Connection, company_id: int, people: Sequence[int]) -> list[Calendar]:
    """What can be asked about these people of the company, of whom the first plans the interview.

    His accounts come first; where he has none, the company's newest, to which the interview would go. An account that
    several share is there once. Who has none is there without.
    """
    planner, others = people[0], set(people[1:])
    known = [each for each in credentials.of_company(connection, company_id, planner) if _is_calendar(each)]
    own = [each for each in known if each.user_id == planner] or known[:1]
    found: dict[object, Credential] = {}
    for each in [*own, *(each for each in known if each.user_id in others)]:
        found.setdefault((each.provider, each.account_id or (each.account_label or "").lower() or each.id), each)
    connected = [Calendar(f"account:{each.id}", each.account_label, each) for each in found.values()]
    without = {planner, *others} - {each.user_id for each in known}
    return [*connected[:MOST_CALENDARS], *_colleagues(connection, company_id, without)]


def _is_calendar(known: Credential) -> bool:
    return known.provider in CALENDARS and known.state.active


def _colleagues(connection: Connection, company_id: int, user_ids: Iterable[int]) -> list[Calendar]:
    rows = query(
        connection,
        """select u.id, u.email from users u join employers e on e.user_id = u.id
            where e.company_id = %s and u.id = any(%s::integer[]) order by u.id""",
        (company_id, list(user_ids)),
    )
    return [Calendar(f"person:{row['id']}", row["email"]) for row in rows]


@dataclass(frozen=True, slots=True)
class BusyTimesReader:
    """source and calendar: of a provider, for the run that asks."""

    source: Callable[[AuthorisedProvider], TokenSource]
    calendar: Callable[[AuthorisedProvider], CalendarProvider]

    def read(self, calendars: Sequence[Calendar], window: Window, until: float) -> BusyTimes:
        """Colleagues without an account are asked about through the first account that can tell of others.

        until: time.monotonic, after which no further calendar is asked.
        """
        colleagues = [each for each in calendars if each.account is None]
        unknown = {each.key: each.unasked for each in calendars}
        taken: list[Taken] = []
        asked: list[int] = []
        for each in calendars:
            if each.account is None or not each.account.works or time.monotonic() > until:
                continue
            about = colleagues if _tells_of_others(each, each.account) else []
            told = self._told(each, each.account, about, window, until)
            if isinstance(told, str):
                unknown[each.key] = told
                continue
            asked.append(each.account.id)
            unknown[each.key] = told.unknown.get(each.name, NOT_ANSWERED)
            colleagues = [] if about else colleagues
            for calendar in (each, *about):
                if calendar.name in told.busy:
                    del unknown[calendar.key]
                    taken += _held(calendar, told.busy[calendar.name])
        return BusyTimes(tuple(taken), tuple(Unknown(key, reason) for key, reason in unknown.items()), tuple(asked))

    def _told(
        self, own: Calendar, account: Credential, about: Sequence[Calendar], window: Window, until: float
    ) -> Availability | str:
        """What the account's provider says, or why it says nothing."""
        provider = AUTHORISED[account.provider]
        calendar = self.calendar(provider)
        names = list(dict.fromkeys([own.name, *(each.name for each in about)]))

        def ask(token: str) -> Availability:
            with TimeLimit(until).applied():
                return calendar.availability(token, names, window.start, window.end, window.zone.key)

        try:
            return with_token(self.source(provider), account.id, ask)
        except RunError as error:
            return reason_of(error)


def reason_of(error: RunError) -> str:
    """Why a calendar said nothing: French, in the catalogue."""
    reasons: Mapping[type[RunError], str] = {
        NeedsReconnect: TO_RECONNECT,
        ScopeMissing: NOT_GRANTED,
        NoMailbox: NO_CALENDAR,
    }
    return next((reason for kind, reason in reasons.items() if isinstance(error, kind)), NOT_ANSWERED)


def _tells_of_others(calendar: Calendar, account: Credential) -> bool:
    """Only accounts of organisations see when others are free; whose address is unknown is not told from them."""
    return account.account_kind != "personal" and "@" in (calendar.address or "")


def _held(calendar: Calendar, busy: Iterable[Busy]) -> list[Taken]:
    return [Taken(calendar.key, each.start, each.end, each.how) for each in busy]
