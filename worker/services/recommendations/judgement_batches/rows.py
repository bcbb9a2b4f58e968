"""Batches of pairs as rows: waiting, handed over (`sent`), and ended (`collected` or `given_up`)."""

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.services.ai.budgets import ALL, Reservation

WAITING = "waiting"
SENT = "sent"
COLLECTED = "collected"
GIVEN_UP = "given_up"

COLUMNS = """
id, company_id, state, generation, pairs, payload, day, micro_usd, price_share, provider_id, created_at, sent_at,
coalesce(sent_at < now() - interval '26 hours', false) as is_overdue
"""


@dataclass(frozen=True, slots=True)
class BatchPair:
    """fingerprint: of what was known of both when the batch was made. locale: the language of the reasons."""

    candidate_id: int
    job_id: int
    fingerprint: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """reservation: money put aside for it; None before. is_overdue: nothing will come any more."""

    id: int
    company_id: int
    state: str
    generation: int
    pairs: tuple[BatchPair, ...]
    payload: bytes | None
    reservation: Reservation | None
    provider_id: str | None
    created_at: datetime
    is_overdue: bool

    @property
    def mark(self) -> str:
        """How the names of its questions begin: the same for no two batches, not even of two installations."""
        return f"b{self.id}-{self.generation}-{int(self.created_at.timestamp() * 1_000_000):x}-"

    def name(self, place: int) -> str:
        """Of the question about a pair."""
        return f"{self.mark}{place}"


def write(connection: Connection, company_id: int, pairs: Sequence[BatchPair]) -> int:
    rows = query(
        connection,
        "insert into judgement_batches (company_id, pairs) values (%s, %s) returning id",
        (company_id, Jsonb([asdict(pair) for pair in pairs])),
    )
    number: int = rows[0]["id"]
    return number


def find(connection: Connection, batch_id: int, *, lock: bool = False) -> Batch | None:
    found = query(
        connection,
        f"select {COLUMNS} from judgement_batches where id = %s {'for update' if lock else ''}",
        (batch_id,),
    )
    return _read(found[0]) if found else None


def handed_over(connection: Connection) -> frozenset[str]:
    """The provider's names of the batches that are ours by record, of the last days."""
    found = query(
        connection,
        """
        select provider_id from judgement_batches
         where provider_id is not null and created_at > now() - interval '3 days'
        """,
    )
    return frozenset(row["provider_id"] for row in found)


def freeze(connection: Connection, batch: Batch, pairs: Sequence[BatchPair], body: bytes, held: Reservation) -> None:
    """What is to be handed over, and the money for it."""
    execute(
        connection,
        """
        update judgement_batches
           set pairs = %s, payload = %s, day = %s, micro_usd = %s, price_share = %s
         where id = %s
        """,
        (Jsonb([asdict(pair) for pair in pairs]), zlib.compress(body), held.day, held.micro_usd, held.share, batch.id),
    )


def begin_anew(connection: Connection, batch: Batch) -> None:
    """The next generation, of what the batch holds; its money was given back."""
    execute(
        connection,
        """
        update judgement_batches
           set generation = generation + 1, payload = null, day = null, micro_usd = null, price_share = null
         where id = %s
        """,
        (batch.id,),
    )


def note_sent(connection: Connection, batch_id: int, provider_id: str) -> None:
    execute(
        connection,
        "update judgement_batches set state = %s, provider_id = %s, payload = null, sent_at = now() where id = %s",
        (SENT, provider_id, batch_id),
    )


def end(connection: Connection, batch_id: int, state: str) -> None:
    execute(
        connection,
        "update judgement_batches set state = %s, payload = null, finished_at = now() where id = %s",
        (state, batch_id),
    )


def _read(row: Any) -> Batch:
    names = ("id", "company_id", "state", "generation", "provider_id", "created_at", "is_overdue")
    return Batch(
        pairs=tuple(BatchPair(**pair) for pair in row["pairs"]),
        payload=zlib.decompress(row["payload"]) if row["payload"] else None,
        reservation=_reservation(row["company_id"], row["day"], row["micro_usd"], row["price_share"]),
        **{name: row[name] for name in names},
    )


def _reservation(company: int, day: date | None, micro_usd: int | None, share: float | None) -> Reservation | None:
    if day is None:
        return None
    return Reservation(day, (ALL, company) if company != ALL else (ALL,), micro_usd or 0, share or 1.0)
