"""An effect of each policy that needs a reconnected account, with the child that carries it killed at each step."""

import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from typing_extensions import override

from sandbox.postgres import EmbeddedPostgres
from sandbox.redis import EmbeddedRedis
from tests.factories.account_effects import GATE, POST, STEPS, TABLES
from tests.factories.ledger import change, one, poll, transact
from tests.factories.processes import Processes, environment, start_worker
from worker.kit.database import Database, Row, execute, query
from worker.ledger import controls
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.gates import open_gate
from worker.ledger.synchronise import synchronise_catalogue

POLICIES = ("replay", "lookup", "ask")
CASES = [(policy, step) for policy in POLICIES for step in STEPS]


@dataclass
class Posts:
    """What the provider has: every creation counts, and a known key gets the first answer."""

    created: Counter[int] = field(default_factory=Counter)
    by_key: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def create(self, post: int, key: str | None) -> dict[str, str]:
        with self.lock:
            if key is None or key not in self.by_key:
                self.created[post] += 1
                self.by_key[key or f"{post}"] = {"id": f"post-{post}"}
            return self.by_key[key or f"{post}"]


class Server(ThreadingHTTPServer):
    posts: Posts


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(self.server.posts.create(body["post"], self.headers["Idempotency-Key"]))

    def do_GET(self) -> None:
        post = int(self.path.rpartition("/")[2])
        self._answer({"id": f"post-{post}"} if self.server.posts.created[post] else {})

    def _answer(self, value: dict[str, str]) -> None:
        self.server.posts.tokens.add(self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    @override
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def provider() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.posts = Posts()
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def database_url(postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    yield postgres_server.create_database("killed_effects", template=template_database)
    postgres_server.drop_database("killed_effects")


@pytest.fixture(scope="module")
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool_size=4, name="intowork-tests")
    transact(database, lambda connection: synchronise_catalogue(connection, [POST.definition]))
    change(database, TABLES)
    change(database, "insert into test_accounts values (1, false)")
    yield database
    database.close()


@pytest.fixture(scope="module")
def processes(
    tmp_path_factory: pytest.TempPathFactory, database: Database, database_url: str, redis_server: EmbeddedRedis
) -> Iterator[Processes]:
    redis_server.flush()
    processes = Processes(tmp_path_factory.mktemp("processes"), environment(database_url, redis_server.url))
    try:
        start_worker(processes)
        processes.start("dispatcher", "worker.dispatcher")
        yield processes
    except BaseException:
        sys.stderr.write(processes.logs())
        raise
    finally:
        processes.stop()


def enqueue(database: Database, provider: Server, folder: Path) -> dict[UUID, tuple[str, str]]:
    """One run for each policy and step, by the run's id."""
    payloads = [
        {
            "post_id": number,
            "policy": policy,
            "provider_url": f"http://127.0.0.1:{provider.server_address[1]}/posts",
            "killed_at": step,
            "marker": str(folder / f"{policy}-{step}"),
        }
        for number, (policy, step) in enumerate(CASES)
    ]
    with database.transaction() as connection:
        execute(connection, "insert into test_posts (id) select generate_series(0, %s)", (len(CASES) - 1,))
        made = enqueue_all(connection, [NewRun("test.post", each) for each in payloads])
    return dict(zip((each.id for each in made), CASES, strict=True))


def reconnect(database: Database) -> None:
    """What the connection's service does in the transaction that stores the new token."""
    with database.transaction() as connection:
        execute(connection, "update test_accounts set connected = true")
        open_gate(connection, GATE)


def pass_the_time(database: Database, cases: dict[UUID, tuple[str, str]]) -> bool:
    """Let minutes pass for those that look, and a person settle what nobody knows; whether all ended."""
    change(
        database,
        """
        update effects set intended_at = intended_at - interval '10 minutes',
               first_intended_at = first_intended_at - interval '10 minutes'
         where policy = 'lookup' and state = 'intended'
        """,
    )
    change(
        database,
        """
        update task_runs set run_at = now(), dispatch_at = now(), dispatches = 0
         where state = 'queued' and run_at > now() + interval '1 second'
        """,
    )
    for row in runs_in(database, "uncertain"):
        settle(database, row, sent=cases[row["id"]][1] == "answer")
    return len(runs_in(database, "succeeded")) == len(cases)


def settle(database: Database, row: Row, *, sent: bool) -> None:
    """What a person says who has looked at the provider."""
    reference = {"id": f"post-{row['payload']['post_id']}"} if sent else None
    with database.transaction() as connection:
        controls.resolve(connection, row["id"], happened=sent, reference=reference, reason="looked", actor="user:7")


def runs_in(database: Database, state: str) -> list[Row]:
    with database.transaction() as connection:
        return query(connection, "select id, payload from task_runs where state = %s", (state,))


def test_an_effect_survives_the_death_of_its_child_at_each_step(
    database: Database, processes: Processes, provider: Server, tmp_path: Path
) -> None:
    cases = enqueue(database, provider, tmp_path)
    parked = "select count(*) = %s as all from task_runs where gate = %s and run_at > now() + interval '1 minute'"
    poll(lambda: one(database, parked, len(cases), GATE)["all"], seconds=60)
    assert not provider.posts.created
    assert one(database, "select count(*) as n from effects")["n"] == 0

    reconnect(database)
    poll(lambda: pass_the_time(database, cases), seconds=120)

    assert provider.posts.created == Counter(dict.fromkeys(range(len(cases)), 1))
    assert provider.posts.tokens == {"Bearer token"}
    with database.transaction() as connection:
        posts = query(connection, "select id, applied, reference ->> 'id' as reference from test_posts order by id")
        secrets = query(connection, "select 1 from effects where encode(request, 'escape') like '%%token%%'")
    assert posts == [{"id": number, "applied": 1, "reference": f"post-{number}"} for number in range(len(cases))]
    assert not secrets
    assert {path.name for path in tmp_path.iterdir()} == {f"{policy}-{step}" for policy, step in CASES}
