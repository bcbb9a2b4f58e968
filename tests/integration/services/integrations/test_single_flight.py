"""One expired token, many runs in several processes: the provider is asked once, whoever dies."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from sandbox.postgres import EmbeddedPostgres
from sandbox.redis import EmbeddedRedis
from tests.factories import accounts, main_web_app
from tests.factories.account_tasks import USE_ACCOUNT
from tests.factories.emulators import GoogleEmulator
from tests.factories.ledger import change, one, poll, transact
from tests.factories.processes import Processes, environment, start_worker
from worker.contracts.providers import GOOGLE
from worker.kit.database import Database, raw
from worker.kit.settings import Settings
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.synchronise import synchronise_catalogue
from worker.wiring import Wiring

pytestmark = pytest.mark.timeout(180)

RUNS = 200
CHILDREN = 4


@pytest.fixture(scope="module")
def database_url(postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    yield postgres_server.create_database("single_flight", template=template_database)
    postgres_server.drop_database("single_flight")


@pytest.fixture(scope="module")
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url, pool_size=4, name="intowork-tests")) as database:
        transact(database, lambda connection: synchronise_catalogue(connection, [USE_ACCOUNT.definition]))
        transact(database, lambda connection: main_web_app.populate_people(raw(connection)))
        yield database


@pytest.fixture(scope="module")
def processes(
    tmp_path_factory: pytest.TempPathFactory,
    database: Database,
    database_url: str,
    redis_server: EmbeddedRedis,
    emulator_url: str,
) -> Iterator[Processes]:
    redis_server.flush()
    settings = {**environment(database_url, redis_server.url), **accounts.emulated(emulator_url)}
    processes = Processes(tmp_path_factory.mktemp("processes"), settings)
    try:
        start_worker(processes, children=CHILDREN)
        processes.start("dispatcher", "worker.dispatcher")
        yield processes
    except BaseException:
        sys.stderr.write(processes.logs())
        raise
    finally:
        processes.stop()


@pytest.fixture
def google(emulator_url: str) -> Iterator[GoogleEmulator]:
    with requests.Session() as session:
        emulator = GoogleEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


@pytest.fixture
def credential(database: Database, google: GoogleEmulator, emulator_url: str) -> int:
    """A connected account whose access token has ended."""
    change(database, "delete from integration_credentials")
    settings: Settings = accounts.settings_at(emulator_url)
    client = Wiring(settings).accounts("google")
    made = accounts.connect(lambda work: transact(database, work), settings, GOOGLE, google, client)
    client.close()  # type: ignore[attr-defined]
    google.expire()
    change(database, "update integration_credentials set token_expires_at = now() - interval '1 minute'")
    return made


def use(database: Database, credential: int, *, killed: Path | None = None) -> None:
    payload = {"credential_id": credential, "killed": str(killed or "")}
    transact(
        database, lambda connection: enqueue_all(connection, [NewRun(USE_ACCOUNT.definition.name, payload)] * RUNS)
    )
    left = "select count(*) = 0 as none from task_runs where task = 'test.use_account' and finished_at is null"
    poll(lambda: one(database, left)["none"], seconds=120)


def outcome(database: Database) -> dict[str, int]:
    return dict(
        one(
            database,
            """
            select count(*) filter (where state = 'succeeded') as succeeded, count(*) as runs,
                   count(distinct result ->> 'version') as versions
              from task_runs where task = 'test.use_account'
            """,
        )
    )


@pytest.mark.usefixtures("processes")
def test_two_hundred_runs_fetch_one_fresh_token(database: Database, google: GoogleEmulator, credential: int) -> None:
    use(database, credential)
    assert outcome(database) == {"succeeded": RUNS, "runs": RUNS, "versions": 1}
    assert google.counters()["token.refresh"] == 1
    change(database, "delete from task_runs")


@pytest.mark.usefixtures("processes")
def test_a_refresher_that_dies_is_replaced_once(
    database: Database, google: GoogleEmulator, credential: int, tmp_path: Path
) -> None:
    use(database, credential, killed=tmp_path / "killed")
    assert (tmp_path / "killed").exists()
    assert outcome(database) == {"succeeded": RUNS, "runs": RUNS, "versions": 1}
    assert google.counters()["token.refresh"] == 2
    row = one(database, "select refresh_lease, state, token_version from integration_credentials")
    assert (row["refresh_lease"], row["state"], row["token_version"]) == (None, "connected", 2)
    change(database, "delete from task_runs")


@pytest.mark.usefixtures("processes")
def test_a_grant_that_is_withdrawn_stops_everybody_and_a_reconnection_frees_them(
    database: Database, google: GoogleEmulator, credential: int, emulator_url: str
) -> None:
    google.revoke("rh@exemple.cm")
    payload = {"credential_id": credential}
    transact(
        database, lambda connection: enqueue_all(connection, [NewRun(USE_ACCOUNT.definition.name, payload)] * RUNS)
    )
    parked = "select count(*) = %s as all from task_runs where gate = %s and run_at > now() + interval '1 minute'"
    poll(lambda: one(database, parked, RUNS, f"google:account:{credential}")["all"], seconds=120)
    assert google.counters()["token.refresh"] <= 2
    told = "select count(*) as n from task_runs where task = 'notifications.notify'"
    assert one(database, told)["n"] == 1

    settings = accounts.settings_at(emulator_url)
    client = Wiring(settings).accounts("google")
    accounts.connect(lambda work: transact(database, work), settings, GOOGLE, google, client)
    client.close()  # type: ignore[attr-defined]
    waiting = "select count(*) = 0 as none from task_runs where task = 'test.use_account' and state <> 'succeeded'"
    poll(lambda: one(database, waiting)["none"], seconds=120)
    assert outcome(database)["succeeded"] == RUNS
    change(database, "delete from task_runs")
