"""Effects of the tests' own, one of each policy, on rows of a table of their own and at a provider in memory."""

import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal

from sqlalchemy import Connection

from worker.kit.database import Database, Row, execute, in_transaction, query
from worker.kit.errors import Refused
from worker.ledger.outcomes import Done, Json, Recorded
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit


def create_sample_table(database: Database) -> None:
    """Row 1 is what the sample effects act for."""
    with database.transaction() as connection:
        execute(connection, "drop table if exists test_samples")
        execute(
            connection,
            """
            create table test_samples (id integer primary key, generation integer not null default 0,
                text text not null default 'first', reference jsonb, applied integer not null default 0,
                created_at timestamptz not null default now())
            """,
        )
        execute(connection, "insert into test_samples (id) values (1)")


def sample_row(database: Database) -> Row:
    with database.transaction() as connection:
        return query(connection, "select * from test_samples where id = 1")[0]


class Provider:
    """A provider in memory. `script` says how the next calls go: an exception, or something to do before it answers.
    `shown` is what it answers who looks, `blind` why it cannot.

    Whatever arrives is kept in `calls`, also when the answer is an exception: nobody but the provider knows.
    """

    def __init__(self, *script: Exception | Callable[[], object]) -> None:
        self.script = deque(script)
        self.calls: list[bytes] = []
        self.looks = 0
        self.shown: Json | None = None
        self.blind: Exception | None = None

    def post(self, request: bytes) -> Json:
        assert not in_transaction()
        self.calls.append(request)
        step = self.script.popleft() if self.script else None
        if isinstance(step, Exception):
            raise step
        if step:
            step()
        return {"id": f"post-{len(self.calls)}"}


class SampleEffect:
    """What the sample plans share (worker.ledger.plans.EffectPlan): post the text of row 1."""

    provider = "test"

    def __init__(self, provider: Provider, *limits: Limit, operation: str = "create") -> None:
        self.limits: Sequence[Limit] = limits
        self._provider = provider
        self._operation = operation
        self.frozen = 0
        self.deadlines: list[float] = []
        self.keys: list[str] = []

    def prepare(self) -> str:
        assert not in_transaction()
        return "token"

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        [row] = query(connection, "select generation, created_at from test_samples where id = 1 for update")
        return EffectKey(f"sample:1:{self._operation}", row["generation"], row["created_at"], row="sample:1")

    def freeze(self, connection: Connection, prepared: str) -> Frozen | Recorded:
        assert prepared == "token"
        self.frozen += 1
        [row] = query(connection, "select text from test_samples where id = 1")
        body = json.dumps({"text": row["text"]}).encode()
        return Frozen(body, body)

    def load_body(self, connection: Connection, effect: Effect) -> bytes:
        return effect.evidence

    def call(self, effect: Effect, body: bytes, prepared: str, deadline: float) -> Json:
        assert prepared == "token"
        self.deadlines.append(deadline - time.monotonic())
        self.keys.append(effect.provider_key)
        return self._provider.post(body)

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        execute(
            connection,
            "update test_samples set reference = %s::jsonb, applied = applied + 1 where id = 1",
            (json.dumps(dict(effect.reference or {})),),
        )
        return Done({"reference": effect.reference})

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        execute(connection, "update test_samples set generation = generation + 1 where id = 1")

    def refused(self, connection: Connection, _effect: Effect, _error: Refused, /) -> Recorded | None:
        execute(connection, "update test_samples set generation = generation + 1 where id = 1")
        return None


class SampleReplay(SampleEffect):
    policy: Literal["replay"] = "replay"
    window_seconds = 3600


class SampleLookup(SampleEffect):
    policy: Literal["lookup"] = "lookup"

    def look_up(self, effect: Effect, prepared: str) -> Json | None:
        assert not in_transaction()
        assert prepared == "token"
        self._provider.looks += 1
        if self._provider.blind:
            raise self._provider.blind
        return self._provider.shown


class SampleAsk(SampleEffect):
    policy: Literal["ask"] = "ask"
