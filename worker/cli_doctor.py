"""`intowork doctor`: everything that the platform needs from outside, one line each."""

import socket
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import click
import psycopg
import redis
import sqlalchemy.exc
from rich.table import Table
from rich.text import Text

from worker import cli_providers
from worker.cli_kit import Finding, database_sentence, settings_or_leave, show, transaction
from worker.contracts.api_versions import linkedin_fault
from worker.contracts.providers import AUTHORISED
from worker.kit import connections
from worker.kit.database import connect, query, raw
from worker.kit.settings import Settings
from worker.ledger.failure import scrub
from worker.ledger.health import Readiness, closed_gates, readiness

OLDEST_POSTGRES = 15
TIMEOUT = 3.0
LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - an address that is refused
WANTED: Mapping[str, str] = {
    "RESEND_API_KEY": "no mail leaves.",
    "RESEND_WEBHOOK_SECRET": "bounces and complaints are not seen, and the account suffers.",
    "SIGNING_SECRET": "digests carry no one-click unsubscribe, which large mail programs ask for.",
    "NEXTAUTH_SECRET": "the main web app's users are refused.",
}


@click.command()
@click.option(
    "--providers", is_flag=True, help="Ask each provider, too: whether it accepts us, and what it has to know."
)
def doctor(providers: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Look at settings, Postgres, migrations, broker and dispatcher; the exit code is 1 when something is not well."""
    settings = settings_or_leave()
    findings = [
        Finding("settings", well=True, sentence="Every variable is valid."),
        *look_at_settings(settings),
        *examine(settings),
        *(cli_providers.examine(settings) if providers else ()),
    ]
    table = Table("", "what", "finding")
    for each in findings:
        word = Text("ok", style="green") if each.well else Text("no", style="red")
        table.add_row(word, each.subject, Text(each.sentence))
    show(table)
    if providers:
        click.echo("\n".join(cli_providers.addresses(settings)))
    if not all(each.well for each in findings):
        sys.exit(1)


def look_at_settings(settings: Settings) -> list[Finding]:
    """What may be left out at a start and is missed when the platform serves people."""
    missing = [name for name in WANTED if getattr(settings, name.lower()) is None]
    findings = [Finding(name, well=False, sentence=f"Not set: {WANTED[name]}") for name in missing]
    if settings.token_encryption_keys is None and (used := _account_providers(settings)):
        sentence = f"Not set: nobody can connect an account at {', '.join(used)}. `intowork keys generate` makes a key."
        findings.append(Finding("TOKEN_ENCRYPTION_KEYS", well=False, sentence=sentence))
    host = urlsplit(settings.platform_url).hostname or ""
    if host in LOCAL or host.endswith(".localhost"):
        sentence = (
            f"{settings.platform_url} is this machine: links in mails would lead nowhere. Set the public address."
        )
        findings.append(Finding("PLATFORM_URL", well=False, sentence=sentence))
    elif settings.webhook_local_receivers:
        sentence = "Set: companies' webhooks reach this machine and its network. It is for a laptop alone."
        findings.append(Finding("WEBHOOK_LOCAL_RECEIVERS", well=False, sentence=sentence))
    version = linkedin_fault(settings.linkedin_api_version, datetime.now(UTC).date())
    if settings.linkedin_client_id and version:
        findings.append(Finding("LINKEDIN_API_VERSION", well=False, sentence=version))
    return findings


def _account_providers(settings: Settings) -> list[str]:
    """The providers whose apps are set."""
    return [each.title for each in AUTHORISED.values() if getattr(settings, each.id_setting)]


def examine(settings: Settings) -> list[Finding]:
    """Everything outside this process that the platform needs."""
    try:
        with transaction(settings) as connection:
            version = int(query(connection, "show server_version_num")[0]["server_version_num"])
            state = readiness(connection)
            closed = () if state.behind else closed_gates(connection)
            room = connections.count(raw(connection))
    except (sqlalchemy.exc.DBAPIError, psycopg.Error) as error:
        findings = [Finding("Postgres", well=False, sentence=database_sentence(error))]
        return [*findings, look_at_broker(settings.broker_url.plain)]
    return [
        _postgres(version),
        _room(room),
        *_direct(settings),
        _migrations(state),
        look_at_broker(settings.broker_url.plain),
        _dispatcher(state),
        *(Finding(each.gate, well=False, sentence=f"{each.waiting} runs wait. {each.reason}") for each in closed),
    ]


def _direct(settings: Settings) -> list[Finding]:
    if settings.database_direct_url is None:
        return []
    try:
        connect(settings.direct_url.plain, name="intowork-cli").close()
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


def _room(room: connections.Room) -> Finding:
    sentence = f"{room.used} of {room.most} connections are in use."
    if room.used < room.most * connections.CROWDED:
        return Finding("connections", well=True, sentence=sentence)
    return Finding("connections", well=False, sentence=f"{sentence} Raise max_connections, or start fewer processes.")


def _migrations(state: Readiness) -> Finding:
    if state.behind:
        return Finding("migrations", well=False, sentence=state.behind)
    return Finding("migrations", well=True, sentence=f"The database is at migration {state.migration_current}.")


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
        sentence = f"{parts.hostname} does not answer: {cause(error)}. Check BROKER_URL and that it runs."
        return Finding("broker", well=False, sentence=sentence)
    return Finding("broker", well=True, sentence=f"{parts.hostname} answers.")


def cause(error: BaseException) -> str:
    """Why a connection failed, in the system's words where it has any."""
    first: BaseException = error
    while (deeper := first.__cause__ or first.__context__) is not None:
        first = deeper
    reason = first.strerror if isinstance(first, OSError) and first.strerror else str(first)
    return scrub(reason).strip().rstrip(".") or type(first).__name__


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
    if state.dispatcher_silent:
        last = "never was there" if age is None else f"was last there {age:.0f} s ago"
        sentence = f"No dispatcher works: one {last}. Start `python -m worker.dispatcher`."
        return Finding("dispatcher", well=False, sentence=sentence)
    if state.broker_reachable is False:
        return Finding("dispatcher", well=False, sentence="A dispatcher works but cannot reach the broker.")
    return Finding("dispatcher", well=True, sentence=f"A dispatcher was there {age:.0f} s ago.")
