"""Effects of an account that a person has to reconnect, for real workers: one of each policy, killed where told."""

import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.kit.errors import NeedsReconnect, Refused
from worker.kit.http import SendWindow, build_session
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.handlers import BoundTask, Outcome, RunContext
from worker.ledger.outcomes import Done, Json, Recorded
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit, Perform, Policy

GATE = "test account"
STEPS = ("prepare", "freeze", "call", "answer", "apply")

TABLES = """
create table test_accounts (id integer primary key, connected boolean not null);
create table test_posts (id integer primary key, generation integer not null default 0,
    reference jsonb, applied integer not null default 0, created_at timestamptz not null default now())
"""


class Post(Payload):
    """marker: the file that remembers that the child was killed at `killed_at`."""

    post_id: int
    policy: Policy
    provider_url: str
    killed_at: str = ""
    marker: str = ""


class AccountEffect:
    """Create post `post_id` at the provider, with the account's token."""

    provider = "test account"
    limits: Sequence[Limit] = (Limit("test application", 1000.0), Limit("test application", 500.0, "account:1"))

    def __init__(self, context: RunContext, payload: Post) -> None:
        self._context = context
        self._payload = payload

    def prepare(self) -> str:
        connected = self._context.transaction(
            lambda connection: query(connection, "select connected from test_accounts")
        )
        if not connected[0]["connected"]:
            raise NeedsReconnect("The account has to be connected again.", gate=GATE)
        self._reach("prepare")
        return "token"

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        row = self._row(connection)
        if row["reference"]:
            return Done({"reference": row["reference"]})
        return EffectKey(f"test.post:{row['id']}", row["generation"], row["created_at"])

    def freeze(self, connection: Connection, prepared: str) -> Frozen | Recorded:
        body = json.dumps({"post": self._row(connection)["id"]}).encode()
        self._reach("freeze")
        return Frozen(body, body)

    def load_body(self, connection: Connection, effect: Effect) -> bytes:
        return effect.evidence

    def call(self, effect: Effect, body: bytes, prepared: str, deadline: float) -> Json:
        self._reach("call")
        headers = {"Authorization": f"Bearer {prepared}"}
        if self._payload.policy == "replay":
            headers["Idempotency-Key"] = effect.provider_key
        with build_session() as session, SendWindow(deadline).applied():
            response = session.post(self._payload.provider_url, data=body, headers=headers)
        self._reach("answer")
        answer: Mapping[str, Any] = response.json()
        return answer

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        execute(
            connection,
            "update test_posts set reference = %s::jsonb, applied = applied + 1 where id = %s",
            (json.dumps(dict(effect.reference or {})), self._payload.post_id),
        )
        self._reach("apply")
        return Done({"reference": effect.reference})

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        execute(connection, "update test_posts set generation = generation + 1 where id = %s", (self._payload.post_id,))

    def refused(self, connection: Connection, _effect: Effect, _error: Refused, /) -> Recorded | None:
        return None

    def _row(self, connection: Connection) -> Row:
        return query(connection, "select * from test_posts where id = %s for update", (self._payload.post_id,))[0]

    def _reach(self, step: str) -> None:
        marker = Path(self._payload.marker)
        if self._payload.killed_at == step and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class ReplayedPost(AccountEffect):
    policy: Literal["replay"] = "replay"
    window_seconds = 3600


class SoughtPost(AccountEffect):
    policy: Literal["lookup"] = "lookup"

    def look_up(self, effect: Effect, prepared: str) -> Json | None:
        with build_session() as session:
            url = f"{self._payload.provider_url}/{self._payload.post_id}"
            response = session.get(url, headers={"Authorization": f"Bearer {prepared}"})
        answer: Mapping[str, Any] = response.json()
        return answer or None


class UnknownPost(AccountEffect):
    policy: Literal["ask"] = "ask"


def post(context: RunContext, payload: Post) -> Outcome:
    match payload.policy:
        case "replay":
            return Perform(ReplayedPost(context, payload))
        case "lookup":
            return Perform(SoughtPost(context, payload))
        case "ask":
            return Perform(UnknownPost(context, payload))


POST = BoundTask(
    TaskDefinition("test.post", Post, "Create a post with an account's token.", max_attempts=20, timeout=30), post
)
