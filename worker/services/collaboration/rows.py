"""Applications as those see them who decide about them together, and the lists that the main web app keeps on them.

It checks nothing there: a list may be missing, JSON's null, one bare value, or hold items of any type. What cannot be
read is left where it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import Row, query


@dataclass(frozen=True, slots=True)
class Application:
    """company_id: of the offer that it is for."""

    id: int
    company_id: int


def application(connection: Connection, application_id: int) -> Application | None:
    found = query(
        connection,
        "select a.id, j.company_id from job_applications a join jobs j on j.id = a.job_id where a.id = %s",
        (application_id,),
    )
    return Application(**found[0]) if found else None


def hold(connection: Connection, application_id: int) -> bool:
    """Keep others from changing it until the transaction ends; False when it is gone."""
    return bool(query(connection, "select id from job_applications where id = %s for no key update", (application_id,)))


def columns(connection: Connection, application_id: int, *names: str) -> Row:
    """Some of its columns. Raises LookupError when it is gone."""
    found = query(connection, f"select {', '.join(names)} from job_applications where id = %s", (application_id,))
    if not found:
        raise LookupError(f"application {application_id} is gone")
    return found[0]


def as_list(column: str) -> str:
    """SQL: what a column of type jsonb holds, as a list."""
    return (
        f"case coalesce(jsonb_typeof({column}), 'null') when 'null' then '[]'::jsonb when 'array' then {column} "
        f"else jsonb_build_array({column}) end"
    )


def without(column: str, positions: str) -> str:
    """SQL: the list without the items at `positions`, an integer array, counted from 0."""
    return (
        "coalesce((select jsonb_agg(item.value order by item.number) "
        f"from jsonb_array_elements({as_list(column)}) with ordinality as item (value, number) "
        f"where item.number - 1 <> all({positions})), '[]'::jsonb)"
    )


def items(stored: Any) -> list[Any]:
    """The same list as read by Python."""
    if stored is None:
        return []
    return stored if isinstance(stored, list) else [stored]


def texts(stored: Any) -> Iterator[tuple[int, str]]:
    """Items that can be shown as a text, with their positions; numbers are shown as they are written."""
    for position, item in enumerate(items(stored)):
        if isinstance(item, str | int | float) and not isinstance(item, bool):
            yield position, str(item)
