"""Calendars of connected accounts: interviews as events, whose guests the provider invites by itself.

A call that changes something belongs to an effect: `key` is what the effect is known by at the provider
(`EffectKey.provider_key`), `again` says that an earlier call under this key may have been carried out. Then, and after
a conflict, the client looks before it acts: one event per key, and guests hear of each change once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

Response = Literal["none", "accepted", "declined", "tentative"]
Busyness = Literal["busy", "tentative", "out_of_office"]
MOST_INVITED = 20
PROPOSAL_SECONDS = 2.0
"""That `CalendarProvider.proposals` takes at most."""


@dataclass(frozen=True, slots=True)
class Guest:
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class InterviewEvent:
    """An interview as it shall stand in a calendar.

    start and end: aware. zone: IANA name, in which people read them. description: plain text, its lines parted by
    line feeds. meeting: whether a link for a video call is wanted (Meet, Teams). hide_guests: guests do not see each
    other. page: the interview's page, for the organiser. ical_uid: told to guests before, for the event that is made.
    """

    title: str
    start: datetime
    end: datetime
    zone: str
    description: str = ""
    location: str = ""
    guests: tuple[Guest, ...] = ()
    meeting: bool = False
    hide_guests: bool = False
    page: str = ""
    ical_uid: str = ""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event as the provider has it. Nothing in it is a secret.

    address: of its page in the provider's calendar, for the organiser. meeting_link: as given, never checked against a
    pattern. link_pending: a link is being made; read again. no_link: a sentence saying why there will be none, else
    empty; French, in the catalogue (`worker.kit.localisation.message`). responses: of guests, by address in lower case.
    organiser_response: of the connected account itself. key: of the last change that was ours, None when it says none.
    changed_at: when anything about it last changed, on the provider's clock; None where it does not say. whole_day: it
    has no hours, and `start` and `end` are midnights.
    """

    id: str
    ical_uid: str
    start: datetime
    end: datetime
    address: str = ""
    etag: str = ""
    cancelled: bool = False
    meeting_link: str | None = None
    link_pending: bool = False
    no_link: str = ""
    responses: Mapping[str, Response] = field(default_factory=dict)
    organiser_response: Response = "accepted"
    key: str | None = None
    changed_at: datetime | None = None
    whole_day: bool = False


@dataclass(frozen=True, slots=True)
class Busy:
    """A time that is taken. What it is taken by is nobody else's business."""

    start: datetime
    end: datetime
    how: Busyness = "busy"


@dataclass(frozen=True, slots=True)
class Availability:
    """busy: by address in lower case, in order. unknown: addresses that could not be asked about, each with a sentence
    why (French, in the catalogue); nobody knows whether these are free.
    """

    busy: Mapping[str, tuple[Busy, ...]]
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MeetingWish:
    """A meeting of the account's owner with `invited`: at most MOST_INVITED addresses, beside his own.

    length: whole minutes. within: parts of at most 30 days, in order; aware.
    """

    invited: tuple[str, ...]
    length: timedelta
    within: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """starts: in order. none_because: the provider's word where there are none, for our logs."""

    starts: tuple[datetime, ...] = ()
    none_because: str = ""


class CalendarProvider(Protocol):
    """One account's calendar; `token` is its access token.

    Every method may raise AccessRefused, ScopeMissing and NoMailbox (worker.contracts.accounts), Retryable, RateLimited
    (its time is the provider's, hours for a quota), Unreachable, Misconfigured and Permanent; those that change
    something also Refused and UnknownOutcome, and NotSent when nothing left before `deadline` (time.monotonic).
    """

    def ical_uid(self, key: str) -> str:
        """Of the event that `create` makes under this key, unless one was told before (`InterviewEvent.ical_uid`);
        empty where the provider chooses.
        """

    def creation(self, event: InterviewEvent, key: str) -> bytes:
        """What `create` sends; the same for the same event and key."""

    def create(self, token: str, body: bytes, *, key: str, again: bool, deadline: float) -> CalendarEvent:
        """Make the event and invite its guests. A calendar that may make no video calls gets it without (`no_link`).

        What an earlier call made and somebody took away since comes back `cancelled`: it is not made anew.
        """

    def change(self, event: InterviewEvent, key: str) -> bytes:
        """What `update` sends."""

    def update(
        self, token: str, event_id: str, body: bytes, *, key: str, again: bool, deadline: float
    ) -> CalendarEvent | None:
        """Move or reword the event and tell its guests; its video link stays. None when it is gone."""

    def cancel(self, token: str, event_id: str, reason: str, *, again: bool, deadline: float) -> None:
        """Take the event away and tell its guests, with the reason where the provider can; one that is gone is fine."""

    def read(self, token: str, event_id: str) -> CalendarEvent | None:
        """The event as it stands; `cancelled` or None when somebody deleted it."""

    def window(self, token: str, start: datetime, end: datetime) -> Mapping[str, CalendarEvent]:
        """What stands in the account's calendar then, by id, in as few calls as there are pages of hundreds.

        What is deleted is left out, as is what cannot be read: an event that is missing has to be read by itself. Of
        repeated events only the whole row or its single occurrences are there.
        """

    def availability(
        self, token: str, addresses: Sequence[str], start: datetime, end: datetime, zone: str
    ) -> Availability:
        """When these people, of whom the account itself is one, are taken. At most 30 days.

        zone: IANA name; entries of whole days are days there.
        """

    def proposals(self, token: str, wish: MeetingWish) -> Proposals:
        """When the provider itself would let all these people meet, within their own working hours. None from one that
        proposes nothing. Raises ValueError for a wish beyond its bounds.
        """
