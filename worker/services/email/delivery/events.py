"""What the mail provider reports about mails it took. Applied once each, in whatever order they arrive."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, ValidationError, field_validator
from sqlalchemy import Connection

from worker.catalogue.email import APPLY_EVENT
from worker.kit.database import Row, execute, query
from worker.kit.mailboxes import canonical
from worker.ledger import inbox
from worker.ledger.effect_rows import note_reference
from worker.ledger.outcomes import Done, Recorded
from worker.ledger.plans import Effect
from worker.ledger.uncertain import lock_open_effects
from worker.services.email.delivery.batches import effect_key
from worker.services.email.recipients import suppression
from worker.services.email.wording import formats

SOURCE = "resend"
# Seconds since 1970 are below this, milliseconds are above; no mail was sent before that year.
MILLISECONDS = 1e11
EARLIEST = 2000

# What each type makes of a message; a late delay still proves that the mail was taken. Others are ignored.
STATES: Mapping[str, str] = {
    "email.sent": "sent",
    "email.delivery_delayed": "sent",
    "email.failed": "failed",
    "email.delivered": "delivered",
    "email.suppressed": "suppressed",
    "email.bounced": "bounced",
    "email.complained": "complained",
}
# A state gives way to a higher one only, so that the order of arrival does not matter.
RANK: Mapping[str, int] = {
    "pending": 0,
    "sending": 0,
    "unknown": 0,
    "sent": 1,
    "failed": 2,
    "delivered": 3,
    "suppressed": 4,
    "bounced": 5,
    "complained": 6,
}
ERRORS: Mapping[str, str] = {
    "failed": "The mail provider could not send the mail",
    "suppressed": "The mail provider does not write to this address",
    "bounced": "The mail came back",
    "complained": "The recipient reported the mail as unwanted",
}


class Report(BaseModel):
    """What is kept of an event: no subject, no sender, no text of a mail server. message: our tag."""

    type: str
    email_id: str = Field(min_length=1, max_length=200)
    created_at: AwareDatetime | None = None
    to: tuple[str, ...] = ()
    message: int | None = Field(default=None, ge=1, lt=2**63)
    kind: str = ""

    @field_validator("created_at", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> datetime | None:
        return value if isinstance(value, datetime) else _instant(value)

    @property
    def permanent(self) -> bool:
        return self.kind.partition(",")[0].casefold() == "permanent"


def read(event: Any) -> Report | None:
    """The report in a webhook's JSON; None for a type that changes nothing here, or a shape that nobody knows."""
    data = event.get("data") if isinstance(event, dict) else None
    if not isinstance(data, dict) or str(event.get("type")) not in STATES:
        return None
    try:
        return Report(
            type=event["type"],
            email_id=_line(data.get("email_id")),
            created_at=event.get("created_at"),
            to=tuple(address for each in _list(data.get("to")) if (address := _address(each))),
            message=_tag(data.get("tags")),
            kind=_kind(data),
        )
    except ValidationError:
        return None


def _instant(value: Any) -> datetime | None:
    """When it happened, in whichever form that is written, UTC where no zone is named; None for what is no moment: then
    the time of receipt stands in.
    """
    try:
        if isinstance(value, int | float):
            seconds = float(value)
            moment = datetime.fromtimestamp(seconds / 1000 if seconds > MILLISECONDS else seconds, UTC)
        else:
            moment = datetime.fromisoformat(str(value).strip().upper().removesuffix("UTC").rstrip())
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC) if moment.year >= EARLIEST else None
    except (ValueError, OverflowError, OSError):
        return None


def _line(value: Any) -> str:
    """Text that Postgres can store, on one line."""
    return formats.line(value.encode("utf-8", "replace").decode(), 200) if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value[:50] if isinstance(value, list) else [value]


def _address(value: Any) -> str:
    written = _line(value)
    return canonical(written) or canonical(parseaddr(written)[1])


def _tag(tags: Any) -> int | None:
    """Our message's number. Tags are sent as a list and come back as a map; both are read."""
    if isinstance(tags, list):
        tags = {each.get("name"): each.get("value") for each in tags if isinstance(each, dict)}
    value = tags.get("message") if isinstance(tags, dict) else None
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19 else None


def _kind(data: Mapping[str, Any]) -> str:
    for name, members in (("bounce", ("type", "subType")), ("suppressed", ("type",)), ("failed", ("reason",))):
        details = data.get(name)
        if isinstance(details, dict):
            return formats.line(", ".join(text for each in members if (text := _line(details.get(each)))), 100)
    return ""


def receive(connection: Connection, identifier: str, report: Report) -> bool:
    """Write a report down with the run that will apply it; False when this delivery was received before."""
    return inbox.receive(connection, SOURCE, identifier, report.model_dump(mode="json"), APPLY_EVENT)


def apply(connection: Connection, event_id: UUID) -> Recorded:
    """Move the message forward and put its address on the lists or off them. A second time changes nothing."""
    with inbox.handling(connection, event_id) as event:
        return Done({"state": "handled"}) if event is None else _apply(connection, event)


def _apply(connection: Connection, event: inbox.Event) -> Recorded:
    report = Report.model_validate(event.payload)
    found = _find(connection, report)
    if found is not None:
        confirm_from_event(connection, found["batch_id"])
    message = _lock(connection, found["id"]) if found is not None else None
    if found is not None and message is None:
        return event.postpone(1.0)
    state = _move(connection, message, report) if message is not None else None
    _judge_address(connection, message, report, report.created_at or event.received_at)
    return Done({"message": message and message["id"], "state": state})


def _find(connection: Connection, report: Report) -> Row | None:
    """By the provider's id, else by our tag: then the address must fit as well, because several installations may send
    through one account.
    """
    rows = query(
        connection,
        """
        select id, batch_id from email_messages where provider_id = %(email)s
        union all
        select id, batch_id from email_messages
         where id = %(message)s and provider_id is null and lower(recipient) = any(%(to)s)
        limit 1
        """,
        {"email": report.email_id, "message": report.message, "to": list(report.to)},
    )
    return rows[0] if rows else None


def _lock(connection: Connection, message_id: int) -> Row | None:
    """None while somebody else holds it: waiting with other messages locked could end in a deadlock."""
    rows = query(
        connection,
        "select id, state, recipient from email_messages where id = %s for no key update skip locked",
        (message_id,),
    )
    return rows[0] if rows else None


def _move(connection: Connection, message: Row, report: Report) -> str:
    state = STATES[report.type]
    if RANK[state] <= RANK[message["state"]]:
        state = message["state"]
    error = ERRORS.get(state)
    execute(
        connection,
        """
        update email_messages
           set state = %(state)s, provider_id = coalesce(provider_id, %(email)s), updated_at = now(),
               sent_at = coalesce(sent_at, least(%(at)s::timestamptz, now()), now()),
               error = case when %(state)s = %(before)s then error else %(error)s end
         where id = %(id)s
        """,
        {
            "id": message["id"],
            "state": state,
            "before": message["state"],
            "email": report.email_id,
            "at": report.created_at,
            "error": error and f"{error}{f' ({report.kind})' if report.kind else ''}.",
        },
    )
    return state


def _judge_address(connection: Connection, message: Row | None, report: Report, at: datetime) -> None:
    """The account's other mails count as well: the provider itself stops writing to their addresses."""
    address = (message and message["recipient"]) or (report.to[0] if len(report.to) == 1 else "")
    if not address:
        return
    source = f"{SOURCE}:{report.email_id}"
    match STATES[report.type]:
        case "complained":
            suppression.suppress(connection, address, reason="complained", source=source, at=at)
        case "bounced" if report.permanent:
            suppression.suppress(connection, address, reason="bounced", source=source, at=at)
        case "bounced":
            suppression.count_soft_bounce(connection, address)
        case "suppressed":
            suppression.suppress(connection, address, reason="provider", source=source, at=at)
        case "delivered":
            suppression.forget_soft_bounces(connection, address)


def confirm_from_event(connection: Connection, batch_id: int | None = None) -> int:
    """A batch that waits for a person was sent after all when the provider knows one of its mails, because it takes
    all of a batch or none. Its run goes on and writes that down; returns how many do. None: every batch.
    """
    rows = query(
        connection,
        """
        select b.id, b.generation from email_batches b
         where b.finished_at is null and case when %(batch)s::bigint is null
               then exists (select from email_messages m where m.batch_id = b.id and m.provider_id is not null)
               else b.id = %(batch)s end
         order by b.id
        """,
        {"batch": batch_id},
    )
    sent = lock_open_effects(connection, [(effect_key(row["id"]), row["generation"]) for row in rows])
    for key, generation in sent:
        note_reference(connection, Effect(key, generation, b""), {"ids": []})
    return len(sent)
