"""`email.send_bulk`: one template to many applications, written a hundred at a time, then followed to the end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from worker.catalogue.email import DELIVER_BATCH, SendBulk
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Cancel, Done, Json, Recorded, Run, Snooze, Write
from worker.services.email import applications, posting, texts
from worker.services.email.applications import ApplicationContext
from worker.services.email.batches import LARGEST
from worker.services.email.letters import LetterContext
from worker.services.email.messages import NewMessage
from worker.services.email.texts import Texts

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
    """Look at all letters before the first is written; raises Permanent with every name that lacks a value."""
    choice = Texts(connection, payload.company_id, payload.template_id, payload.kind)
    readers = applications.contexts(connection, ids, payload.company_id, sent_by=payload.sent_by)
    lacking: dict[str, list[int]] = {}
    for identifier, names in _missing(choice, payload, readers):
        for name in names:
            lacking.setdefault(name, []).append(identifier)
    texts.refuse_missing(lacking)
    version = choice.for_locale("fr").version if payload.template_id else None
    return Progress(len(ids), version=version)


def _missing(
    choice: Texts, payload: SendBulk, readers: Mapping[int, ApplicationContext]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What is missing depends on the text and on which values there are, not on what they say."""
    known: dict[Any, tuple[str, ...]] = {}
    for identifier, reader in sorted(readers.items()):
        text = choice.for_locale(reader.locale)
        alike = (reader.locale, frozenset(reader.values_in(text.draft.locale)))
        if alike not in known:
            known[alike] = texts.missing(text, reader, _kept(payload, identifier))
        yield identifier, known[alike]


def _chunk(context: RunContext, payload: SendBulk, ids: Sequence[int], reached: Progress) -> Progress:
    """A batch of messages and its delivery."""
    run = context.run
    part = ids[reached.written : reached.written + LARGEST]

    def work(connection: Connection) -> tuple[Progress, Json]:
        new, skipped = _messages(connection, run, payload, part, reached.version)
        posting.post(connection, run, DELIVER_BATCH, new)
        next_one = reached.after(part, skipped)
        return next_one, asdict(next_one)

    return context.step(work)


def _messages(
    connection: Connection, run: Run, payload: SendBulk, ids: Sequence[int], version: int | None
) -> tuple[list[NewMessage], dict[str, list[int]]]:
    choice = Texts(connection, payload.company_id, payload.template_id, payload.kind, version)
    readers = applications.contexts(connection, ids, payload.company_id, sent_by=payload.sent_by)
    new: list[NewMessage] = []
    skipped: dict[str, list[int]] = {}
    for identifier in ids:
        reader = readers.get(identifier)
        if reader is None or not reader.recipient:
            skipped.setdefault(NO_ADDRESS if reader else GONE, []).append(identifier)
            continue
        new.append(
            texts.message(
                choice.for_locale(reader.locale),
                reader,
                _kept(payload, identifier),
                source=source_of(run, identifier),
                company_id=payload.company_id,
            )
        )
    return new, skipped


def _kept(payload: SendBulk, application_id: int) -> LetterContext:
    return LetterContext(application_id=application_id, sent_by=payload.sent_by, values=payload.values)


def _conclude(connection: Connection, run: Run, ids: Sequence[int], reached: Progress) -> Recorded:
    standing = posting.follow(connection, run, [source_of(run, identifier) for identifier in ids])
    if standing.waiting:
        return Snooze(posting.LOOK_AGAIN, asdict(replace(reached, states=standing.states)))
    if standing.open:
        sent = sum(standing.states.values()) - standing.open
        raise posting.undelivered(standing, f"{standing.open} mails were not sent, {sent} were dealt with.")
    return Done(
        {
            "total": reached.total,
            "messages": dict(standing.states),
            "skipped": dict(reached.skipped),
            "reasons": dict(standing.reasons),
        }
    )
