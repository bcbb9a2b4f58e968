"""The command line: what an operator sees, and that nothing ends in a traceback."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from worker import cli, cli_doctor
from worker.catalogue.everything import CATALOGUE
from worker.catalogue.schedule import SCHEDULES
from worker.kit.database import Database, execute, query
from worker.kit.settings import Settings, variables
from worker.ledger import dispatch
from worker.ledger.health import newest_migration
from worker.ledger.keys import find_key

COMPLETE = {
    "RESEND_API_KEY": "re_1",
    "RESEND_WEBHOOK_SECRET": "whsec_aW50b3dvcmstdGVzdC1zZWNyZXQ=",
    "SIGNING_SECRET": "s" * 32,
    "NEXTAUTH_SECRET": "n" * 32,
    "PLATFORM_URL": "https://platform.example",
}


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any of our variables."""
    for name, field in Settings.model_fields.items():
        for variable in variables(name, field):
            monkeypatch.delenv(variable, raising=False)
    return monkeypatch


@pytest.fixture
def environment(clean: pytest.MonkeyPatch, database_url: str, broker_url: str) -> pytest.MonkeyPatch:
    clean.setenv("DATABASE_URL", database_url)
    clean.setenv("BROKER_URL", broker_url)
    return clean


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens: bound, so that nobody else takes it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_key_is_made_used_listed_and_revoked(environment: pytest.MonkeyPatch, database: Database) -> None:
    created = run("keys", "create", "main web app", "--scope", "tasks:write", "--scope", "tasks:read")
    assert created.exit_code == 0
    secret = created.stdout.strip()
    with database.transaction() as connection:
        key = find_key(connection, secret)
    assert key is not None
    assert key.scopes == ("tasks:read", "tasks:write")

    listed = run("keys", "list")
    assert str(key.id) in listed.output
    assert "main web app" in listed.output
    assert secret not in listed.output

    assert run("keys", "revoke", str(key.id)).exit_code == 0
    with database.transaction() as connection:
        assert find_key(connection, secret) is None
    again = run("keys", "revoke", str(key.id))
    assert again.exit_code == 1
    assert "no unrevoked key" in again.output


@pytest.mark.parametrize(
    "arguments",
    [("keys", "create", "x"), ("keys", "create", "x", "--scope", "root"), ("keys", "revoke", "7")],
)
def test_wrong_arguments_are_usage_errors(environment: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_key_needs_a_name(environment: pytest.MonkeyPatch) -> None:
    refused = run("keys", "create", " ", "--scope", "operations")
    assert refused.exit_code == 1
    assert "needs a name" in refused.output


def test_migrate_makes_an_empty_database_ready_and_may_be_repeated(
    clean: pytest.MonkeyPatch, empty_database_url: str
) -> None:
    clean.setenv("DATABASE_URL", empty_database_url)
    for _ in range(2):
        migrated = run("migrate")
        assert migrated.exit_code == 0, migrated.output
        assert newest_migration() in migrated.output
    database = Database(empty_database_url)
    with database.transaction() as connection:
        tasks = {row["name"] for row in query(connection, "select name from task_catalogue")}
        schedules = {row["name"] for row in query(connection, "select name from schedules where enabled")}
    database.close()
    assert tasks == {definition.name for definition in CATALOGUE}
    assert schedules == {schedule.name for schedule in SCHEDULES}


def test_without_migrations_a_command_says_what_to_run(clean: pytest.MonkeyPatch, empty_database_url: str) -> None:
    clean.setenv("DATABASE_URL", empty_database_url)
    listed = run("keys", "list")
    assert listed.exit_code == 1
    assert "run `intowork migrate` first" in listed.output


def test_without_postgres_a_command_says_so(clean: pytest.MonkeyPatch, closed_port: int) -> None:
    clean.setenv("DATABASE_URL", f"postgresql://someone:hidden-word@127.0.0.1:{closed_port}/nothing")
    for arguments in (("keys", "list"), ("migrate",)):
        failed = run(*arguments)
        assert failed.exit_code == 1
        assert "Postgres does not answer" in failed.output
        assert "hidden-word" not in failed.output


def test_the_doctor_is_content_with_a_working_platform(environment: pytest.MonkeyPatch, database: Database) -> None:
    with database.transaction() as connection:
        dispatch.note_alive(connection, broker_reachable=True)
    environment.setenv("DATABASE_DIRECT_URL", os.environ["DATABASE_URL"])
    for name, value in COMPLETE.items():
        environment.setenv(name, value)
    well = run("doctor")
    assert well.exit_code == 0, well.output
    for subject in ("settings", "Postgres", "connections", "direct connection", "migrations", "broker", "dispatcher"):
        assert re.search(rf"ok.*{subject}", well.output)


def test_the_doctor_says_what_is_wrong_and_what_to_do(
    environment: pytest.MonkeyPatch, database: Database, closed_port: int
) -> None:
    environment.setenv("BROKER_URL", f"redis://:hidden-word@127.0.0.1:{closed_port}/1")
    environment.setenv("DATABASE_DIRECT_URL", f"postgresql://127.0.0.1:{closed_port}/nothing")
    with database.transaction() as connection:
        execute(connection, "update platform_alembic_version set version_num = '0001'")
        dispatch.note_alive(connection, broker_reachable=True)
        execute(connection, "update platform_state set updated_at = now() - interval '90 seconds'")
    ill = run("doctor")
    assert ill.exit_code == 1
    assert "at migration 0001, this release needs" in ill.output
    assert "run `intowork migrate`" in ill.output
    assert "Connection refused. Check BROKER_URL" in ill.output
    assert "Check DATABASE_DIRECT_URL" in ill.output
    assert "was last there 90 s ago" in ill.output
    assert "hidden-word" not in ill.output


def test_the_doctor_looks_at_the_broker_though_postgres_is_away(
    environment: pytest.MonkeyPatch, closed_port: int
) -> None:
    environment.setenv("DATABASE_URL", f"postgresql://127.0.0.1:{closed_port}/nothing")
    ill = run("doctor")
    assert ill.exit_code == 1
    assert "Postgres does not answer" in ill.output
    assert "Connection refused" in ill.output
    assert "Is the server running" not in ill.output
    assert re.search(r"ok.*broker", ill.output)


def test_the_doctor_misses_what_serving_people_needs(environment: pytest.MonkeyPatch) -> None:
    ill = run("doctor")
    assert ill.exit_code == 1
    for name in COMPLETE:
        assert re.search(rf"no.*{name}", ill.output), ill.output


def test_the_doctor_misses_the_key_that_seals_tokens_once_accounts_are_wanted(environment: pytest.MonkeyPatch) -> None:
    assert "TOKEN_ENCRYPTION_KEYS" not in run("doctor").output
    environment.setenv("GOOGLE_CLIENT_ID", "an-app")
    ill = run("doctor")
    assert "nobody can connect an account at Google Calendar" in ill.output
    environment.setenv("TOKEN_ENCRYPTION_KEYS", run("keys", "generate").output.strip())
    assert "TOKEN_ENCRYPTION_KEYS" not in run("doctor").output


@pytest.mark.parametrize(
    "address", ["http://localhost", "https://api.localhost:5080", "http://127.0.0.1:1", "http://[::1]/"]
)
def test_the_doctor_knows_this_machine_by_every_name(environment: pytest.MonkeyPatch, address: str) -> None:
    for name, value in {**COMPLETE, "PLATFORM_URL": address}.items():
        environment.setenv(name, value)
    assert re.search(r"no.*PLATFORM_URL.*this machine", run("doctor").output)


def test_the_doctor_names_webhooks_that_reach_into_the_house(environment: pytest.MonkeyPatch) -> None:
    for name, value in {**COMPLETE, "WEBHOOK_LOCAL_RECEIVERS": "true"}.items():
        environment.setenv(name, value)
    assert re.search(r"no.*WEBHOOK_LOCAL_RECEIVERS", run("doctor").output)


def test_a_broker_is_rabbitmq_by_its_port_or_something_unknown(closed_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert cli_doctor.look_at_broker(f"amqp://guest:guest@127.0.0.1:{port}//").well
    assert not cli_doctor.look_at_broker(f"amqp://guest:guest@127.0.0.1:{closed_port}//").well
    assert "has to begin with" in cli_doctor.look_at_broker("kafka://127.0.0.1").sentence


def test_wrong_settings_are_named_one_sentence_each_without_their_values(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("API_THREADS", "hidden-word")
    clean.setenv("LOG_LEVEL", "hidden-word")
    clean.setenv("NEXT_PUBLIC_FORCE_HTTPS", "hidden-word")
    wrong = run("doctor")
    assert wrong.exit_code == 2
    lines = wrong.stderr.strip().splitlines()
    assert [line.split(" is ")[0] for line in lines] == [
        "DATABASE_URL or DATABASE_PRIVATE_URL",
        "NEXT_PUBLIC_FORCE_HTTPS",
        "API_THREADS",
        "LOG_LEVEL",
    ]
    assert "hidden-word" not in wrong.output


def test_a_wrong_time_zone_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PLATFORM_TIMEZONE", "Mars/Olympus")
    wrong = run("doctor")
    assert wrong.exit_code == 2
    assert wrong.stderr.startswith("PLATFORM_TIMEZONE")


def test_shown_settings_hide_secrets(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("DATABASE_URL", "postgresql://ada:hidden-word@db.example/intowork?password=hidden-word")
    clean.setenv("RESEND_API_KEY", "hidden-word")
    clean.setenv("FROM_EMAIL", "INTOWORK <noreply@example.org>")
    shown = run("settings")
    assert shown.exit_code == 0
    assert "hidden-word" not in shown.output
    assert "db.example/intowork" in shown.output
    assert "noreply@example.org" in shown.output


def test_the_reference_page_names_every_variable_and_needs_no_environment(
    clean: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = run("settings", "--markdown").output
    for name, field in Settings.model_fields.items():
        assert field.description, name
        for variable in variables(name, field):
            assert f"`{variable}`" in page
    written = tmp_path / "settings.md"
    assert run("settings", "--output", str(written)).exit_code == 0
    assert written.read_text(encoding="utf-8") == page


def test_importing_the_command_line_does_nothing(clean: pytest.MonkeyPatch) -> None:
    ended = subprocess.run([sys.executable, "-c", "import worker.cli"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_an_extension_adds_its_commands_and_its_absence_is_fine() -> None:
    point = EntryPoint("tests", "tests.integration.test_cli:commands", cli.EXTENSIONS)
    assert [command.name for command in cli.load_extension(point)] == ["hello"]
    for absent in ("nowhere_at_all.cli:commands", "tests.nowhere.cli:commands"):
        assert cli.load_extension(EntryPoint("absent", absent, cli.EXTENSIONS)) == []


def test_an_extension_that_lacks_something_else_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_extension.py").write_text("import a_package_that_nobody_has\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    point = EntryPoint("broken", "broken_extension:commands", cli.EXTENSIONS)
    with pytest.raises(ModuleNotFoundError, match="a_package_that_nobody_has"):
        cli.load_extension(point)


def test_help_lists_our_commands() -> None:
    helped = run("--help")
    assert helped.exit_code == 0
    for name in ("alerts", "doctor", "keys", "migrate", "settings"):
        assert re.search(rf"^  {name} ", helped.output, re.MULTILINE)


@click.command()
def hello() -> None:
    """An extension's command."""


commands = [hello]
