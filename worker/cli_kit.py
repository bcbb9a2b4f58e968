"""What every command shares: settings, one transaction, refusals in a sentence, tables."""

import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
import psycopg
import sqlalchemy.exc
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection
from typing_extensions import override

from worker.kit import settings
from worker.kit.database import Database
from worker.kit.outages import is_outage
from worker.kit.settings import Settings, load_settings
from worker.ledger.failure import scrub


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `sentence` says what is, and what to do when it is not well."""

    subject: str
    well: bool
    sentence: str


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
    except settings.WrongSettings as error:
        raise WrongSettings(str(error)) from None


@contextmanager
def transaction(current: Settings) -> Iterator[Connection]:
    database = Database(current.database_url.plain, pool_size=1, name="intowork-cli")
    try:
        with database.transaction() as connection:
            yield connection
    finally:
        database.close()


def show(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def database_sentence(error: BaseException) -> str:
    """What a database error means to an operator, without the statement or its values."""
    cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
    if isinstance(cause, psycopg.errors.UndefinedTable):
        return "The platform's tables are missing: run `intowork migrate` first."
    if isinstance(cause, psycopg.Error) and not is_outage(cause):
        return f"Postgres refused a statement ({cause.sqlstate}): {scrub(str(cause)).splitlines()[0]}."
    return f"Postgres does not answer: {_reason(cause)}. Check DATABASE_URL and that the server runs."


def _reason(cause: object) -> str:
    """The words of libpq, without the question that it adds in a line of its own."""
    lines = [line.strip() for line in scrub(str(cause)).splitlines()]
    kept = [line.rstrip(".") for line in lines if line and not line.startswith("Is the server running")]
    return textwrap.shorten("; ".join(kept) or "no reason given", 400)
