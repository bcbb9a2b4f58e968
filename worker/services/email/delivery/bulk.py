"""`email.send_bulk`: one template to many applications, written a hundred at a time, then followed to the end."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import Connection

from worker.catalogue.email import DELIVER_BATCH, SendBulk
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Cancel, Done, Json, Recorded, Run, Snooze, Write
from worker.services.email.delivery import checking, outbox, templated_messages
from worker.services.email.delivery.batches import LARGEST
from worker.services.email.delivery.messages import NewMessage
from worker.services.email.recipients import directory
from worker.services.email.rendering.contexts import TemplatedContext
from worker.services.email.templating.resolver import TemplateResolver

GONE = "gone"
NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a bulk run has come; kept as its progress. `skipped`: applications by the reason they get no mail."""

    total: int
    written: int = 0
    version: int | None = None
    skipped: Mapping[str, list[int]] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, progress: Json | None) -> "Progress | None":
        return cls(**progress) if progress else None

    def after(self, ids: Sequence[int], skipped: Mapping[str, list[int]]) -> "Progress":
        reasons = {*self.skipped, *skipped}
        lists = {reason: [*self.skipped.get(reason, []), *skipped.get(reason, [])] for reason in sorted(reasons)}
        return replace(self, written=self.written + len(ids), skipped=lists)


def send_bulk(context: RunContext, payload: SendBulk) -> Outcome:
    """Nothing is sent to anybody while a value is missing for somebody. A repetition goes on where it was."""
    ids = list(dict.fromkeys(payload.application_ids))
    reached = Progress.of(context.run.progress) or context.transaction(
        lambda connection: _check(connection, payload, ids)
    )
    while reached.written < reached.total:
        if context.cancelled():
            return Cancel(f"Stopped on request after {reached.written} of {reached.total} mails were written.")
        reached = _chunk(context, payload, ids, reached)
    return Write(lambda connection: _conclude(connection, context.run, ids, reached))


def source_of(run: Run, application_id: int) -> str:
    """A run writes one message per application, however often it is repeated."""
    return f"run:{run.id}:{application_id}"


def _check(connection: Connection, payload: SendBulk, ids: Sequence[int]) -> Progress:
    """Look at all mails before the first is written; raises Permanent with every name that lacks a value."""
    first = checking.refuse_incomplete(connection, payload)
    return Progress(len(ids), version=first.version if payload.template_id else None)


def _chunk(context: RunContext, payload: SendBulk, ids: Sequence[int], reached: Progress) -> Progress:
    """A batch of messages and its delivery."""
    run = context.run
    part = ids[reached.written : reached.written + LARGEST]

    def work(connection: Connection) -> tuple[Progress, Json]:
        new, skipped = _messages(connection, run, payload, part, reached.version)
        outbox.post(connection, run, DELIVER_BATCH, new)
        next_one = reached.after(part, skipped)
        return next_one, asdict(next_one)

    return context.step(work)


def _messages(
    connection: Connection, run: Run, payload: SendBulk, ids: Sequence[int], version: int | None
) -> tuple[list[NewMessage], dict[str, list[int]]]:
    choice = TemplateResolver(connection, payload.company_id, payload.template_id, payload.kind, version)
    recipients = directory.of_applications(connection, ids, payload.company_id, sent_by=payload.sent_by)
    new: list[NewMessage] = []
    skipped: dict[str, list[int]] = {}
    for identifier in ids:
        recipient = recipients.get(identifier)
        if recipient is None or not recipient.address:
            skipped.setdefault(NO_ADDRESS if recipient else GONE, []).append(identifier)
            continue
        new.append(
            templated_messages.message(
                choice.for_locale(recipient.locale),
                recipient,
                _kept(payload, identifier),
                source=source_of(run, identifier),
                company_id=payload.company_id,
            )
        )
    return new, skipped


def _kept(payload: SendBulk, application_id: int) -> TemplatedContext:
    return TemplatedContext(application_id=application_id, sent_by=payload.sent_by, values=payload.values)


def _conclude(connection: Connection, run: Run, ids: Sequence[int], reached: Progress) -> Recorded:
    status = outbox.follow(connection, run, [source_of(run, identifier) for identifier in ids])
    if status.waiting:
        return Snooze(outbox.LOOK_AGAIN, asdict(replace(reached, states=status.states)))
    if status.open:
        sent = sum(status.states.values()) - status.open
        raise outbox.undelivered(status, f"{status.open} mails were not sent, {sent} were dealt with.")
    return Done(
        {
            "total": reached.total,
            "messages": dict(status.states),
            "skipped": dict(reached.skipped),
            "reasons": dict(status.reasons),
        }
    )
