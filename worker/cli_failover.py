"""`intowork failover`: stop what sends in bulk, and tell what a replica that took over may lack."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click
from rich.table import Table
from rich.text import Text

from worker.cli_kit import settings_or_leave, show, transaction
from worker.kit.database import Row
from worker.ledger import controls, gap
from worker.ledger.gap import Gap

ACTOR = "cli"
BULK = "bulk"
LOOK_BACK = click.FloatRange(1, 86_400)
NEXT = """
What to do now ("A failover to a replica" in docs/runbook.md):
1. Ask the database's operators how far the replica was behind; give a longer time with --seconds if it was more.
2. Settle what is unsettled, after a look at the provider: POST /api/tasks/ID/settle.
3. Look at the provider for calls after the newest write above: this database does not know them, and what asked for
   them is queued again. Cancel here what was carried out there: POST /api/tasks/ID/cancel.
4. Then let bulk go on: POST /api/queues/bulk/resume.
"""


@click.command()
@click.option("--seconds", default=60.0, show_default=True, type=LOOK_BACK, help="How far to look back.")
@click.option("--at", help="The moment of the failover (ISO 8601, UTC); without it, now.")
@click.option("--keep-running", is_flag=True, help="Only look; pause nothing.")
def failover(seconds: float, at: str | None, keep_running: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Pause the queue bulk, and list what may be missing after a failover to an asynchronous replica."""
    moment = _moment(at)
    settings = settings_or_leave()
    if not keep_running:
        with transaction(settings) as connection:
            controls.pause(connection, BULK, ACTOR, reason="a failover")
        click.echo("The queue bulk is paused: no digest and no mail of a batch begins. What runs goes on.")
    with transaction(settings) as connection:
        found = gap.look(connection, seconds=seconds, at=moment)
    _tell(found)
    click.echo(NEXT)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text} is no instant: write it like 2026-12-01T09:00:00.") from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _tell(found: Gap) -> None:
    newest = "nothing was written" if found.newest is None else f"the newest write is of {_instant(found.newest)}"
    click.echo(f"From {_instant(found.since)} to {_instant(found.until)}: {newest}.")
    _table("Unsettled: begun, and no answer is known here", found.unsettled)
    _table("Calls whose answer is known", found.sent)
    _table("Runs", found.runs)
    _table("Published and not begun here: the old server may know more of them", found.published)


def _table(title: str, rows: Sequence[Row]) -> None:
    if not rows:
        click.echo(f"{title}: none.")
        return
    table = Table(*rows[0], title=title, title_justify="left")
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row.values()))
    show(table)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return _instant(value) if isinstance(value, datetime) else str(value)


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
