"""`intowork`: what an operator does from a shell. Other packages add commands through an entry-point group."""

from datetime import datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import psycopg
import sqlalchemy.exc
from alembic import command
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
from worker.cli_doctor import doctor
from worker.cli_failover import failover
from worker.cli_kit import Refused, database_sentence, settings_or_leave, show, transaction
from worker.cli_tokens import generate, rotate
from worker.kit.addresses import HIDDEN, Address
from worker.kit.settings import Settings, variables
from worker.ledger.health import newest_migration
from worker.ledger.keys import SCOPES, create_key, list_keys, revoke_key
from worker.ledger.synchronise import open_sql_door, synchronise_catalogue, synchronise_schedules

EXTENSIONS = "intowork.commands"


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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The IntoWork platform from a shell."""


@main.group()
def keys() -> None:
    """Service keys, by which other programs prove who they are, and the keys that seal tokens of accounts."""


keys.add_command(generate)
keys.add_command(rotate)


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
        config = alembic_config(settings.direct_url.plain)
        config.attributes["main_app_role"] = settings.main_app_role
        command.upgrade(config, "head")
        if settings.main_app_role:
            with transaction(settings) as connection:
                open_sql_door(connection, settings.main_app_role)
    except (RuntimeError, ValueError) as error:
        raise Refused(str(error)) from error
    with transaction(settings) as connection:
        synchronise_catalogue(connection, CATALOGUE)
        synchronise_schedules(connection, SCHEDULES, settings.platform_timezone)
    click.echo(f"The database is at {newest_migration()}: {len(CATALOGUE)} tasks, {len(SCHEDULES)} schedules.")


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
    return HIDDEN if isinstance(value, SecretStr) and not isinstance(value, Address) else str(value)


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
main.add_command(doctor)
main.add_command(failover)
