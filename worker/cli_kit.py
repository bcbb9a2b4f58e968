"""What every command shares: settings, one transaction, refusals in a sentence, tables."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import click
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection
from typing_extensions import override

from worker.kit.database import Database
from worker.kit.settings import Settings, load_settings


class Refused(click.ClickException):
    """Something outside is not as it should be; the message says what to do."""


class WrongSettings(click.ClickException):
    """One line per wrong variable."""

    exit_code = 2

    @override
    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


def settings_or_leave() -> Settings:
    """The settings; wrong ones end the command with a line for each."""
    try:
        return load_settings()
    except ValidationError as error:
        raise WrongSettings("\n".join(wrong_settings(error))) from None
    except ZoneInfoNotFoundError:
        raise WrongSettings("PLATFORM_TIMEZONE is no time zone: use an IANA name such as Africa/Libreville.") from None


def wrong_settings(error: ValidationError) -> list[str]:
    """One sentence per wrong variable; values are never repeated, because some are secret."""
    sentences = []
    for each in error.errors(include_input=False, include_url=False):
        name, field = _field_of(str(each["loc"][0]) if each["loc"] else "")
        if each["type"] == "missing":
            sentences.append(f"{name} is missing: {field.description if field else 'it has no default.'}")
        else:
            sentences.append(f"{name} is wrong: {each['msg'].removeprefix('Value error, ')}.")
    return sentences


def _field_of(location: str) -> tuple[str, FieldInfo | None]:
    for name, field in Settings.model_fields.items():
        if location in (name, *variables(name, field)):
            return " or ".join(reversed(variables(name, field))), field
    return location.upper() or "The settings", None


def variables(name: str, field: FieldInfo) -> list[str]:
    """The environment variables of a setting; the first one wins."""
    alias = field.validation_alias
    if alias is None:
        return [name.upper()]
    choices = [alias] if isinstance(alias, str) else list(getattr(alias, "choices", []))
    return [each for each in choices if isinstance(each, str) and each.isupper()]


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    database = Database(settings.database_url, pool_size=1, name="intowork-cli")
    try:
        with database.transaction() as connection:
            yield connection
    finally:
        database.close()


def show(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else 200).print(table)
