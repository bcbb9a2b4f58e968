"""Tags of an application: in lower case, without blanks around them, each once, in the order in which they came."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute
from worker.services.collaboration import changes, rows
from worker.services.email.wording import formats

MOST_TAGS = 10
LONGEST_TAG = 50
LONGEST_INPUT = 1000
COLUMN = "tags"

REPLACE = f"""
update job_applications set {COLUMN} = %(tags)s::jsonb || {rows.without(COLUMN, "%(gone)s::integer[]")},
       updated_at = now()
 where id = %(application)s
"""
APPEND = f"""
update job_applications set {COLUMN} = {rows.as_list(COLUMN)} || %(tags)s::jsonb, updated_at = now()
 where id = %(application)s
"""


class TagRefused(ValueError):
    """A tag, or one more, that cannot be kept; the sentence says why. is_blank: nothing is left of it."""

    def __init__(self, sentence: str, *, is_blank: bool = False) -> None:
        super().__init__(sentence)
        self.is_blank = is_blank


def clean(text: str) -> str:
    """A tag as it is kept; empty when nothing is left. Slashes at its ends go: each can be part of an address."""
    words = formats.line(unicodedata.normalize("NFC", text).lower(), LONGEST_INPUT)
    return "/".join(part for part in words.split("/") if part).strip("/ ")


def checked(text: str) -> str:
    """Raises TagRefused."""
    tag = clean(text)
    if not tag:
        raise TagRefused("Tag cannot be empty", is_blank=True)
    if len(tag) > LONGEST_TAG:
        raise TagRefused(f"A tag may have at most {LONGEST_TAG} characters; this one has {len(tag)}.")
    if "\ufffd" in tag:
        raise TagRefused("The tag holds a character that cannot be read; encode the address as UTF-8.")
    return tag


def several(texts: Iterable[str]) -> list[str]:
    """Blank ones and doubles are left out. Raises TagRefused."""
    found = list(dict.fromkeys(checked(text) for text in texts if clean(text)))
    if len(found) > MOST_TAGS:
        raise TagRefused(f"At most {MOST_TAGS} tags are kept; these are {len(found)}.")
    return found


def read(stored: Any) -> list[str]:
    """As the main web app, or we, wrote them."""
    return list(dict.fromkeys(text for _, text in rows.texts(stored) if text.strip()))


def find(connection: Connection, application_id: int) -> list[str]:
    return read(rows.columns(connection, application_id, COLUMN)[COLUMN])


def replace(connection: Connection, application_id: int, user_id: int, tags: Sequence[str]) -> list[str]:
    """All of them; of an application that this transaction holds."""
    stored = rows.columns(connection, application_id, COLUMN)[COLUMN]
    shown = [position for position, _ in rows.texts(stored)]
    return _written(connection, application_id, user_id, stored, shown, tags)


def add(connection: Connection, application_id: int, user_id: int, tag: str) -> list[str]:
    """One more at the end, unless it is there; of an application that this transaction holds. Raises TagRefused."""
    stored = rows.columns(connection, application_id, COLUMN)[COLUMN]
    before = read(stored)
    if any(clean(each) == tag for each in before):
        return before
    if len(before) >= MOST_TAGS:
        raise TagRefused(f"At most {MOST_TAGS} tags are kept; remove one first.")
    execute(connection, APPEND, {"tags": Jsonb([tag]), "application": application_id})
    return _recorded(connection, application_id, user_id, before)


def remove(connection: Connection, application_id: int, user_id: int, tag: str) -> None:
    """Harmless when it is not there; of an application that this transaction holds."""
    stored = rows.columns(connection, application_id, COLUMN)[COLUMN]
    gone = [position for position, text in rows.texts(stored) if clean(text) == tag]
    if gone:
        _written(connection, application_id, user_id, stored, gone, [])


def _written(
    connection: Connection, application_id: int, user_id: int, stored: Any, gone: list[int], new: Sequence[str]
) -> list[str]:
    """`new` in place of the items at `gone`."""
    before = read(stored)
    if [text for position, text in rows.texts(stored) if position in gone] == list(new):
        return before
    execute(connection, REPLACE, {"tags": Jsonb(list(new)), "gone": gone, "application": application_id})
    return _recorded(connection, application_id, user_id, before)


def _recorded(connection: Connection, application_id: int, user_id: int, before: list[str]) -> list[str]:
    after = find(connection, application_id)
    changes.record(connection, application_id, user_id, "tags", before, after)
    return after
