"""Notes on an application: appended, listed, and deleted by whoever wrote them.

A note is found by its id. Those of the main web app have none: theirs is made of what they hold, so that it stays
theirs whatever is deleted before them. A position is turned into an id before the row is held, so that whoever waits
for another deletion deletes what he meant, or nothing.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.kit.ids import new_id
from worker.services.collaboration import changes, rows
from worker.services.collaboration.people import Person

LONGEST_NOTE = 2000
MOST_NOTES = 500
OWN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MADE_ID = re.compile(r"n[0-9a-f]{24}(?:-[1-9][0-9]{0,5})?")
COLUMN = "recruiter_notes"

APPEND = f"""
update job_applications
   set {COLUMN} = {rows.as_list(COLUMN)} || jsonb_build_array(%(note)s::jsonb || jsonb_build_object('created_at',
           to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'))),
       updated_at = now()
 where id = %(application)s
returning {COLUMN} -> -1 as note, jsonb_array_length({COLUMN}) as total
"""
DELETE = f"""
update job_applications set {COLUMN} = {rows.without(COLUMN, "%(positions)s::integer[]")}, updated_at = now()
 where id = %(application)s
"""


@dataclass(frozen=True, slots=True)
class Note:
    """index: its place in the list, the oldest is 0. user_id, created_at: None where a program did not write them."""

    id: str
    index: int
    user_id: int | None
    user_name: str
    note: str
    created_at: datetime | None


class TooManyNotes(Exception):
    """The application has as many notes as it may have."""


class NotTheAuthor(Exception):
    """Somebody else wrote it."""


def is_id(text: str) -> bool:
    return bool(OWN_ID.fullmatch(text) or MADE_ID.fullmatch(text))


def read(stored: Any) -> list[Note]:
    """Every item of the column is a note, so that indexes are positions."""
    taken: Counter[str] = Counter()
    return [_note(item, index, taken) for index, item in enumerate(rows.items(stored))]


def _note(item: Any, index: int, taken: Counter[str]) -> Note:
    members: dict[str, Any] = item if isinstance(item, dict) else {"note": item}
    name = members.get("id")
    base = name if isinstance(name, str) and OWN_ID.fullmatch(name) else _made_id(item)
    taken[base] += 1
    unique = base if taken[base] == 1 else f"{_made_id(item)}-{taken[base] - 1}"
    author, written = members.get("user_name"), members.get("note")
    return Note(
        unique,
        index,
        _number(members.get("user_id")),
        author if isinstance(author, str) else "",
        written if isinstance(written, str) else _as_text(written),
        _instant(members.get(each) for each in ("created_at", "timestamp")),
    )


def _made_id(item: Any) -> str:
    text = json.dumps(item, ensure_ascii=False, sort_keys=True, default=repr)
    return f"n{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def _as_text(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=lambda _: None)[:LONGEST_NOTE]


def _number(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _instant(written: Iterable[Any]) -> datetime | None:
    """The first that is a time (ISO 8601); without an offset it is UTC."""
    for value in written:
        try:
            found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
            if found is not None:
                return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def find(connection: Connection, application_id: int) -> list[Note]:
    """The oldest first."""
    return read(rows.columns(connection, application_id, COLUMN)[COLUMN])


def append(connection: Connection, application_id: int, author: Person, text: str) -> tuple[Note, int]:
    """The note and how many there are now; of an application that this transaction holds. Raises TooManyNotes."""
    counting = f"select jsonb_array_length({rows.as_list(COLUMN)}) as total from job_applications where id = %s"
    if query(connection, counting, (application_id,))[0]["total"] >= MOST_NOTES:
        raise TooManyNotes
    note = {"id": str(new_id()), "user_id": author.user_id, "user_name": author.user_name, "note": text}
    [made] = query(connection, APPEND, {"note": Jsonb(note), "application": application_id})
    return _note(made["note"], made["total"] - 1, Counter()), made["total"]


def meant(connection: Connection, application_id: int, place: int | str) -> str | None:
    """The id of the note at an index, or with an id; None when there is none. Asked before the row is held."""
    found = (each for each in find(connection, application_id) if place in (each.index, each.id))
    return next((each.id for each in found), None)


def delete(connection: Connection, application_id: int, user_id: int, note_id: str) -> bool:
    """Whether it was still there; of an application that this transaction holds. Raises NotTheAuthor."""
    note = next((each for each in find(connection, application_id) if each.id == note_id), None)
    if note is None:
        return False
    if note.user_id != user_id:
        raise NotTheAuthor
    execute(connection, DELETE, {"positions": [note.index], "application": application_id})
    written = note.created_at.isoformat() if note.created_at else None
    gone = {"id": note.id, "note": note.note, "created_at": written}
    changes.record(connection, application_id, user_id, "note_deleted", gone, None)
    return True
