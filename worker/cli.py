"""`intowork`: what an operator does from a shell. Other packages add commands through an entry-point group."""

import re
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import click
import psycopg
import redis
import sqlalchemy.exc
from alembic import command
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from rich.table import Table
from rich.text import Text
from typing_extensions import override

from migrations.config import alembic_config
from worker.catalogue.everything import CATALOGUE
from worker.catalogue.schedule import SCHEDULES
from worker.cli_alerts import alerts
from worker.cli_kit import Refused, settings_or_leave, show, transaction, variables
from worker.kit.database import connect, is_outage, query
from worker.kit.settings import Settings
from worker.ledger.failure import scrub
from worker.ledger.keys import SCOPES, create_key, list_keys, revoke_key
from worker.ledger.queries import Readiness, readiness
from worker.ledger.synchronise import synchronise_catalogue, synchronise_schedules

EXTENSIONS = "intowork.commands"
OLDEST_POSTGRES = 15
DISPATCHER_SILENT = 10.0
TIMEOUT = 3.0
HIDDEN = "•••"
URL_SECRET = re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*(?=@)|(?<=password=)[^&\s]+")


class Commands(click.Group):
    """Our commands, and those of the packages that are installed beside us, loaded when they are asked for."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *extension_commands()})

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or extension_commands().get(cmd_name)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (sqlalchemy.exc.DBAPIError, psycopg.Error) as error:
            raise Refused(database_sentence(error)) from error


def extension_commands() -> dict[str, click.Command]:
    """Commands by name from every entry point of the group whose package is there."""
    commands: dict[str, click.Command] = {}
    for point in entry_points(group=EXTENSIONS):
        for each in load_extension(point):
            commands[each.name or ""] = each
    return commands


def load_extension(point: EntryPoint) -> list[click.Command]:
    """An entry point's commands; none when its own module is not installed."""
    try:
        commands: list[click.Command] = point.load()
    except ModuleNotFoundError as error:
        if error.name is not None and f"{point.module}.".startswith(f"{error.name}."):
            return []
        raise
    return commands


def database_sentence(error: BaseException) -> str:
    """What a database error means to an operator, without the statement or its values."""
    cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
    if isinstance(cause, psycopg.errors.UndefinedTable):
        return "The platform's tables are missing: run `intowork migrate` first."
    if isinstance(cause, psycopg.Error) and not is_outage(cause):
        return f"Postgres refused a statement ({cause.sqlstate}): {scrub(str(cause)).splitlines()[0]}."
    reason = (scrub(str(cause)).strip().splitlines() or ["no reason given"])[-1]
    return f"Postgres does not answer: {reason}. Check DATABASE_URL and that the server runs."


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The IntoWork platform from a shell."""


@main.group()
def keys() -> None:
    """Service keys: how other programs prove who they are."""


@keys.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help="May be repeated.")
def create(name: str, scopes: tuple[str, ...]) -> None:
    """Create the key NAME and print its secret, once."""
    with transaction(settings_or_leave()) as connection:
        try:
            identifier, secret = create_key(connection, name, scopes)
        except ValueError as error:
            raise Refused(str(error)) from error
    click.echo(f"Key {identifier}. Its secret is shown only now:", err=True)
    click.echo(secret)


@keys.command("list")
def show_keys() -> None:
    """List every key, without secrets."""
    with transaction(settings_or_leave()) as connection:
        found = list_keys(connection)
    table = Table("id", "name", "scopes", "created", "last used", "revoked")
    for key in found:
        moments = (key.created_at, key.last_used_at, key.revoked_at)
        table.add_row(str(key.id), Text(key.name), " ".join(key.scopes), *(_moment(each) for each in moments))
    show(table)


def _moment(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%d %H:%M UTC") if instant else ""


@keys.command("revoke")
@click.argument("key_id", type=click.UUID)
def revoke(key_id: UUID) -> None:
    """Make the key KEY_ID useless, at once and for good."""
    with transaction(settings_or_leave()) as connection:
        revoked = revoke_key(connection, key_id)
    if not revoked:
        raise Refused(f"There is no unrevoked key {key_id}; `intowork keys list` shows them all.")
    click.echo(f"Key {key_id} is revoked.")


@main.command()
def migrate() -> None:
    """Bring the database to this release: tables, then the catalogue and the schedule."""
    settings = settings_or_leave()
    try:
        command.upgrade(alembic_config(settings.direct_url), "head")
    except RuntimeError as error:
        raise Refused(str(error)) from error
    with transaction(settings) as connection:
        synchronise_catalogue(connection, CATALOGUE)
        synchronise_schedules(connection, SCHEDULES, settings.platform_timezone)
    click.echo(f"The database is at {newest_migration()}: {len(CATALOGUE)} tasks, {len(SCHEDULES)} schedules.")


def newest_migration() -> str:
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `sentence` says what is, and what to do when it is not well."""

    subject: str
    well: bool
    sentence: str


@main.command()
def doctor() -> None:
    """Look at settings, Postgres, migrations, broker and dispatcher; the exit code is 1 when something is not well."""
    settings = settings_or_leave()
    findings = [Finding("settings", well=True, sentence="Every variable is valid."), *examine(settings)]
    table = Table("", "what", "finding")
    for each in findings:
        word = Text("ok", style="green") if each.well else Text("no", style="red")
        table.add_row(word, each.subject, Text(each.sentence))
    show(table)
    if not all(each.well for each in findings):
        sys.exit(1)


def examine(settings: Settings) -> list[Finding]:
    """Everything outside this process that the platform needs."""
    try:
        with transaction(settings) as connection:
            version = int(query(connection, "show server_version_num")[0]["server_version_num"])
            state = readiness(connection)
    except (sqlalchemy.exc.DBAPIError, psycopg.Error) as error:
        return [Finding("Postgres", well=False, sentence=database_sentence(error)), look_at_broker(settings.broker_url)]
    return [
        _postgres(version),
        *_direct(settings),
        _migrations(state),
        look_at_broker(settings.broker_url),
        _dispatcher(state),
    ]


def _direct(settings: Settings) -> list[Finding]:
    if settings.database_direct_url is None:
        return []
    try:
        connect(settings.direct_url, name="intowork-cli").close()
    except psycopg.Error as error:
        sentence = database_sentence(error).replace("DATABASE_URL", "DATABASE_DIRECT_URL")
        return [Finding("direct connection", well=False, sentence=sentence)]
    return [Finding("direct connection", well=True, sentence="Postgres answers without PgBouncer.")]


def _postgres(version: int) -> Finding:
    major = version // 10_000
    if major < OLDEST_POSTGRES:
        sentence = f"Postgres {major} answers, {OLDEST_POSTGRES} or newer is needed."
        return Finding("Postgres", well=False, sentence=sentence)
    return Finding("Postgres", well=True, sentence=f"Postgres {major} answers.")


def _migrations(state: Readiness) -> Finding:
    newest = newest_migration()
    if state.migration_current == newest:
        return Finding("migrations", well=True, sentence=f"The database is at {newest}, the newest.")
    at = state.migration_current or "none"
    sentence = f"The database is at {at}, this release needs {newest}: run `intowork migrate`."
    return Finding("migrations", well=False, sentence=sentence)


def look_at_broker(url: str) -> Finding:
    """Whether the broker answers: a PING for Redis, an open port for RabbitMQ."""
    parts = urlsplit(url)
    ask = BROKERS.get(parts.scheme)
    if ask is None:
        sentence = "BROKER_URL has to begin with redis://, rediss:// or amqp://."
        return Finding("broker", well=False, sentence=sentence)
    try:
        ask(url)
    except (OSError, ValueError, redis.RedisError) as error:
        sentence = f"{parts.hostname} does not answer ({type(error).__name__}): check BROKER_URL and that it runs."
        return Finding("broker", well=False, sentence=sentence)
    return Finding("broker", well=True, sentence=f"{parts.hostname} answers.")


def _ask_redis(url: str) -> None:
    with redis.Redis.from_url(url, socket_connect_timeout=TIMEOUT, socket_timeout=TIMEOUT) as client:
        client.ping()


def _ask_rabbitmq(url: str) -> None:
    parts = urlsplit(url)
    port = parts.port or (5671 if parts.scheme == "amqps" else 5672)
    socket.create_connection((parts.hostname or "localhost", port), TIMEOUT).close()


BROKERS: dict[str, Callable[[str], None]] = {
    "redis": _ask_redis,
    "rediss": _ask_redis,
    "amqp": _ask_rabbitmq,
    "amqps": _ask_rabbitmq,
}


def _dispatcher(state: Readiness) -> Finding:
    age = state.dispatcher_age_seconds
    if age is None or age > DISPATCHER_SILENT:
        last = "never was there" if age is None else f"was last there {age:.0f} s ago"
        sentence = f"No dispatcher works: one {last}. Start `python -m worker.dispatcher`."
        return Finding("dispatcher", well=False, sentence=sentence)
    if state.broker_reachable is False:
        return Finding("dispatcher", well=False, sentence="A dispatcher works but cannot reach the broker.")
    return Finding("dispatcher", well=True, sentence=f"A dispatcher was there {age:.0f} s ago.")


@main.command("settings")
@click.option("--markdown", is_flag=True, help="The reference page of every setting instead of this machine's values.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the page to this file.")
def show_settings(markdown: bool, output: Path | None) -> None:  # noqa: FBT001 - click passes flags by name
    """Show the settings in effect, secrets hidden."""
    if output is not None:
        output.write_text(settings_page(), encoding="utf-8")
    elif markdown:
        click.echo(settings_page(), nl=False)
    else:
        show(_values(settings_or_leave()))


def _values(current: Settings) -> Table:
    table = Table("variable", "value")
    for name, field in Settings.model_fields.items():
        table.add_row(variables(name, field)[0], Text(_shown(getattr(current, name))))
    return table


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return HIDDEN if isinstance(value, SecretStr) else URL_SECRET.sub(HIDDEN, str(value))


def settings_page() -> str:
    """The reference page of every setting, as Markdown."""
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable. Generated by `intowork settings --markdown`; do not edit.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        names = ", ".join(f"`{each}`" for each in variables(name, field))
        meaning = (field.description or "").replace("|", "\\|")
        lines.append(f"| {names} | {_default(field)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None or field.default == "":
        return ""
    value = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    return f"`{value}`"


main.add_command(alerts)
