"""The call at a calendar that is under way for an interview (table interview_calls)."""

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from worker.kit.database import execute, query

Operation = Literal["create", "update", "cancel"]


@dataclass(frozen=True, slots=True)
class Call:
    operation: str
    generation: int
    body: bytes


def write(connection: Connection, interview_id: int, call: Call) -> None:
    """Write the call whose effect begins in this transaction."""
    execute(
        connection,
        """
        insert into interview_calls (interview_id, operation, generation, body) values (%s, %s, %s, %s)
        on conflict (interview_id) do update
           set operation = excluded.operation, generation = excluded.generation, body = excluded.body,
               created_at = now()
        """,
        (interview_id, call.operation, call.generation, call.body),
    )


def find(connection: Connection, interview_id: int) -> Call | None:
    rows = query(
        connection, "select operation, generation, body from interview_calls where interview_id = %s", (interview_id,)
    )
    return Call(rows[0]["operation"], rows[0]["generation"], bytes(rows[0]["body"])) if rows else None


def end(connection: Connection, interview_id: int) -> None:
    execute(connection, "delete from interview_calls where interview_id = %s", (interview_id,))


def evidence(interview_id: int, body: bytes) -> bytes:
    """What the ledger keeps for 400 days: which bytes were promised, not the bytes with their addresses."""
    return json.dumps({"interview": interview_id, "sha256": hashlib.sha256(body).hexdigest()}).encode()
