"""The API as its callers see it: credentials, a task of the tests' own, and a worker on call."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import jwt
from flask.testing import FlaskClient
from flask_openapi.openapi import OpenAPI

from tests.factories import runs
from worker.kit.database import Database, execute, query
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.handlers import BoundTask, Outcome, RunContext
from worker.ledger.keys import create_key
from worker.ledger.outcomes import Done

SECRET = "a secret of at least thirty-two bytes, shared with the main web app"
WEBHOOK_SECRET = "whsec_aW50b3dvcmstdGVzdC1zZWNyZXQtMDEyMzQ1Njc4OWE="
SIGNING_SECRET = "the secret that signs the links of these tests"


class Words(Payload):
    text: str
    count: int = 0
    recipient_id: int | None = None


ECHO = TaskDefinition(name="test.echo", payload=Words, description="Says it again.", queue="interactive", priority=3)
# werkzeug's TestResponse, whose `json` may be anything.
Answer = Any
Handler = Callable[[RunContext, Words], Outcome]


def echo(context: RunContext, payload: Words) -> Outcome:
    return Done({"text": payload.text})


@dataclass
class Api:
    """A client with credentials, the database beneath it, and a worker that ends runs when told."""

    app: OpenAPI
    client: FlaskClient
    database: Database
    worker: UUID
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any) -> Answer:
        return self.client.open(path, method=method, headers={**self.headers, **(headers or {})}, **options)

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("POST", path, **({} if body is None else {"json": body}), **options)

    def send(self, raw: bytes | str, path: str = "/api/tasks", content_type: str = "application/json") -> Answer:
        return self.call("POST", path, data=raw, content_type=content_type)

    def make(self, text: str = "hello", **members: Any) -> UUID:
        answer = self.post("/api/tasks", {"task": ECHO.name, "payload": {"text": text}, **members})
        assert answer.status_code == 202, answer.text
        return UUID(answer.json["id"])

    def work(self, run_id: UUID, handler: Handler = echo) -> None:
        runs.execute_run(self.database, self.worker, BoundTask(ECHO, handler), run_id)

    def rows(self, sql: str, parameters: Mapping[str, Any] | tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        with self.database.transaction() as connection:
            return query(connection, sql, parameters)

    def with_key(self, *scopes: str) -> "Api":
        with self.database.transaction() as connection:
            _, secret = create_key(connection, "test", scopes)
        return self.with_token(secret)

    def with_token(self, token: str) -> "Api":
        return Api(self.app, self.client, self.database, self.worker, {"Authorization": f"Bearer {token}"})

    def with_user(self, user_id: int, role: str, *, active: bool = True, email: str | None = None) -> "Api":
        with self.database.transaction() as connection:
            execute(
                connection,
                """
                insert into users (id, email, role, first_name, last_name, is_active)
                values (%s, %s, %s, 'Awa', 'Ndong', %s) on conflict do nothing
                """,
                (user_id, email or f"user{user_id}@example.com", role.upper(), active),
            )
        return self.with_token(token(sub=str(user_id)))


def token(secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """An access token as the main web app makes it; a claim of None is left out."""
    now = int(time.time())
    every = {"sub": "1", "email": "x@example.com", "role": "admin", "type": "access", "iat": now, "exp": now + 3600}
    kept = {name: value for name, value in {**every, **claims}.items() if value is not None}
    return jwt.encode(kept, secret, algorithm=algorithm)
