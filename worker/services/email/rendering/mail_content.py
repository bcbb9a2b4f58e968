"""From a message's row to subject, HTML and text. One path for everything that is sent."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import Connection

from worker.kit.database import Row, savepoint
from worker.kit.logging import get_logger
from worker.kit.outages import is_outage
from worker.kit.settings import Settings
from worker.services.email.rendering import digests, templated_mail
from worker.services.email.rendering.rendered import Missing, Rendered

log = get_logger(__name__)

Layout = Callable[[Connection, Sequence[Row], Settings], dict[int, Rendered | Missing]]
# Layouts of their own, by what messages name in `template`; other rooms hand theirs in, and every other name is a
# template's.
LAYOUTS: Mapping[str, Layout] = {digests.TEMPLATE: digests.render}


def render_all(
    connection: Connection,
    rows: Sequence[Row],
    settings: Settings,
    layouts: Mapping[str, Layout] = MappingProxyType({}),
) -> dict[int, Rendered | Missing]:
    """Render rows of email_messages. One whose data nobody foresaw costs its own mail and no other's.

    layouts: those of other rooms, by name. A fault that all of them meet is no row's, and raised.
    """
    try:
        with savepoint(connection):
            return _together(connection, rows, settings, layouts)
    except Exception as error:
        if is_outage(error) or len(rows) < 2:
            raise
        return _one_by_one(connection, rows, settings, layouts, error)


def _one_by_one(
    connection: Connection, rows: Sequence[Row], settings: Settings, layouts: Mapping[str, Layout], fault: Exception
) -> dict[int, Rendered | Missing]:
    rendered: dict[int, Rendered | Missing] = {}
    spoilt: dict[int, str] = {}
    for row in rows:
        try:
            with savepoint(connection):
                rendered |= _together(connection, [row], settings, layouts)
        except Exception as error:
            if is_outage(error):
                raise
            spoilt[row["id"]] = type(error).__name__
    if len(spoilt) == len(rows):
        raise fault
    for identifier, name in spoilt.items():
        log.error("message.unwritable", message=identifier, error=name)
        rendered[identifier] = Missing(f"The mail cannot be written from what is on record ({name}).")
    return rendered


def _together(
    connection: Connection, rows: Sequence[Row], settings: Settings, layouts: Mapping[str, Layout]
) -> dict[int, Rendered | Missing]:
    """The rows' data are read in one go per layout."""
    known = {**layouts, **LAYOUTS}
    by_layout: defaultdict[Layout, list[Row]] = defaultdict(list)
    for row in rows:
        by_layout[known.get(row["template"], _templates)].append(row)
    rendered: dict[int, Rendered | Missing] = {}
    for layout, those in by_layout.items():
        rendered |= layout(connection, those, settings)
    return rendered


def _templates(connection: Connection, rows: Sequence[Row], _: Settings) -> dict[int, Rendered | Missing]:
    return templated_mail.render(connection, rows)
