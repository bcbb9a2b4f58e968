"""`intowork alerts`: runs of alerts and single alerts, started, looked at, stopped and resumed from a shell."""

import re
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from rich.table import Table
from sqlalchemy import Connection

from worker.catalogue import alerts as catalogue
from worker.cli_kit import Refused, settings_or_leave, show, transaction
from worker.kit.database import Database
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.settings import Settings
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.controls import ControlRefused, cancel, retry
from worker.ledger.enqueue import enqueue
from worker.services.alerts import dry_run, run_status
from worker.services.alerts.dry_run import Forecast
from worker.services.alerts.progress import RunProgress
from worker.services.alerts.run_status import RunStatus

INSTANT = "instant"
FREQUENCIES = (INSTANT, *get_args(catalogue.Frequency))
ACTOR = "cli"
AN_ALERT = click.IntRange(1, LARGEST_ROW_ID)


@click.group()
def alerts() -> None:
    """Job alerts: start a run, try one, see how far it is, stop it, resume it."""


@alerts.command("run")
@click.option("--frequency", required=True, type=click.Choice(FREQUENCIES))
@click.option("--period", help="The instant of the schedule that is made up for (ISO 8601); without it, now.")
@click.option("--dry-run", is_flag=True, help="Only tell what a run would do; write nothing.")
def run(frequency: str, period: str | None, dry_run: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Send the alerts of a frequency what they have not been served yet."""
    settings = settings_or_leave()
    instant = _period(period, settings)
    if dry_run:
        _forecast(settings, frequency, instant)
    elif frequency == INSTANT:
        _enqueue(settings, catalogue.INSTANT, catalogue.SendInstant())
    else:
        payload = catalogue.RunAlerts.model_validate({"frequency": frequency, "period": instant})
        _enqueue(settings, catalogue.RUN, payload)


def _period(text: str | None, settings: Settings) -> datetime:
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text} is no instant: write it like 2026-12-01T09:00.") from None
    return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(settings.platform_timezone))


def _enqueue(settings: Settings, task: TaskDefinition, payload: Payload) -> None:
    with transaction(settings) as connection:
        run_id = enqueue(connection, task, payload).id
    click.echo(f"Run {run_id} is queued. How far it is: intowork alerts show {run_id}")


def _forecast(settings: Settings, frequency: str, period: datetime) -> None:
    with transaction(settings) as connection:
        found = dry_run.forecast(connection, frequency, period)
    show(_forecast_table(found))
    for example in found.examples:
        jobs = ", ".join(str(job) for job in example.job_ids)
        click.echo(f"Alert {example.alert_id}: {example.total} new, the newest are offers {jobs}.")
    if found.ended:
        click.echo("The run of this period has succeeded already: another one of the same period would send nothing.")
    click.echo("Nothing was written and nothing was sent.")


def _forecast_table(found: Forecast) -> Table:
    table = Table("alerts", "", title=f"{found.frequency}, {found.period.isoformat()}")
    table.add_row("active", str(found.active))
    table.add_row("due: have offers to look at", str(found.due))
    table.add_row("match", str(found.matched))
    table.add_row("would be mailed", str(found.mailed))
    for reason, count in sorted(found.skipped.items()):
        table.add_row(f"skipped: {reason}", str(count))
    return table


@alerts.command("show")
@click.argument("run_or_number", metavar="ID")
def show_run(run_or_number: str) -> None:
    """Show how far the run ID is: the number of an alert run, or the id that `run` printed."""
    with transaction(settings_or_leave()) as connection:
        status = _status(connection, run_or_number)
    if status.reached is None:
        said = status.said.get("message") or status.said.get("state") or status.said or "it has not begun."
        click.echo(f"Run {status.run_id} is {status.state}: {said}")
    else:
        show(_progress_table(status, status.reached))


def _progress_table(status: RunStatus, reached: RunProgress) -> Table:
    alert_run = reached.alert_run
    table = Table("", "", title=f"Alert run {alert_run.id}: {alert_run.frequency}, {alert_run.period.isoformat()}")
    left = "" if reached.seconds_left is None else f"{reached.seconds_left:.0f} s"
    rows = {
        "state": alert_run.state,
        "run": f"{status.run_id} {status.state}" if status.run_id else "forgotten",
        "alerts": alert_run.alerts_total,
        "scanned": alert_run.alerts_scanned,
        "matched": alert_run.alerts_matched,
        "digests": alert_run.digests_stored,
        "mailed": reached.mailed,
        **{f"skipped: {reason}": count for reason, count in sorted(alert_run.skipped.items())},
        "alerts per second": reached.rate,
        "time left": left,
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


@alerts.command("stop")
@click.argument("run_or_number", metavar="ID")
@click.option("--reason", help="A sentence for the audit log.")
def stop(run_or_number: str, reason: str | None) -> None:
    """Stop the run ID. What it has stored is sent; the others keep their offers for the next run."""
    settings = settings_or_leave()
    with transaction(settings) as connection:
        run_id = _run_id(_status(connection, run_or_number))
    database = Database(settings.database_url.plain, pool_size=1, name="intowork-cli")
    try:
        word = cancel(database, run_id, ACTOR, reason=reason)
    finally:
        database.close()
    if word not in ("cancelled", "requested"):
        raise Refused(f"Run {run_id} is {word} and cannot be stopped.")
    click.echo(f"Run {run_id} is stopped." if word == "cancelled" else f"Run {run_id} stops when it next looks.")


@alerts.command("resume")
@click.argument("run_or_number", metavar="ID")
@click.option("--reason", help="A sentence for the audit log.")
def resume(run_or_number: str, reason: str | None) -> None:
    """Go on with the stopped or failed run ID, with what is left of it."""
    with transaction(settings_or_leave()) as connection:
        run_id = _run_id(_status(connection, run_or_number))
        try:
            retry(connection, run_id, ACTOR, reason=reason)
        except ControlRefused as error:
            raise Refused(str(error)) from error
    click.echo(f"Run {run_id} goes on.")


@alerts.command("test")
@click.argument("alert_id", type=AN_ALERT)
def test(alert_id: int) -> None:
    """Mail the newest open offers of the alert ALERT_ID to its owner, marked as a test."""
    _enqueue(settings_or_leave(), catalogue.TEST, catalogue.OneAlert(alert_id=alert_id))


@alerts.command("rerun")
@click.argument("alert_id", type=AN_ALERT)
def rerun(alert_id: int) -> None:
    """Send the alert ALERT_ID what it has not been served yet, outside its schedule."""
    _enqueue(settings_or_leave(), catalogue.RERUN, catalogue.OneAlert(alert_id=alert_id))


def _status(connection: Connection, run_or_number: str) -> RunStatus:
    status = run_status.find(connection, _identifier(run_or_number))
    if status is None:
        raise Refused(f"There is no run of alerts {run_or_number}.")
    return status


def _identifier(text: str) -> int | UUID:
    """The number of an alert run, or the id of a run."""
    try:
        return int(text) if re.fullmatch("[0-9]{1,18}", text) else UUID(text)
    except ValueError:
        raise click.BadParameter(f"{text} is neither the number of an alert run nor the id of a run.") from None


def _run_id(status: RunStatus) -> UUID:
    if status.run_id is None:
        raise Refused("This run is over, and forgotten since.")
    return status.run_id
