"""Postgres: the engine, the one way to open a transaction, and plain statements inside it."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import make_url

from worker.kit import connections
from worker.kit.locks import Lock
from worker.kit.outages import is_away, retry_on_outage
from worker.kit.stored import mind_json
from worker.kit.timestamps import clamp_timestamps

_open = threading.local()

Row = dict[str, Any]
# What a single statement may be given: lists become arrays.
Parameter = str | int | float | UUID | None | list[UUID] | list[int] | list[float]


def in_transaction() -> bool:
    """Whether this thread holds a transaction: network calls are refused then."""
    return getattr(_open, "depth", 0) > 0


def sqlalchemy_url(url: str) -> str:
    """Any `postgresql://`, `postgres://` or driver-qualified address, for psycopg 3."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def libpq_url(url: str) -> str:
    """The same address as libpq reads it: no driver name, several servers (`?host=a:5432&host=b:5432`) in lists."""
    address = make_url(url).set(drivername="postgresql")
    if "host" in address.query:
        # SQLAlchemy publishes no types for its dialects.
        _, found = PGDialect_psycopg().create_connect_args(address)  # type: ignore[no-untyped-call]
        places = {name: found[name] for name in ("host", "port") if found.get(name)}
        address = address.update_query_dict(places)
    return address.render_as_string(hide_password=False)


class Database:
    """Connections to one Postgres.

    The engine is made on first use, so that a forked child never shares its parent's sockets.

    durable: without it a commit does not wait for the disk. The last half second may be lost with Postgres, never
    torn and never out of order: only for work that is found and done again.
    announced: how many connections this process may open in all; the first one looks whether they would find room.
    statement_timeout: how long Postgres works on one statement before it gives up; 0 for as long as it takes.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 2,
        name: str = "intowork",
        lock_timeout: str = "10s",
        statement_timeout: str = "0",
        durable: bool = True,
        announced: int = 0,
    ) -> None:
        self._url = url
        self._durable = durable
        self._pool_size = pool_size
        self._name = name
        self._lock_timeout = lock_timeout
        self._statement_timeout = statement_timeout
        self._announced = announced
        self._engine: Engine | None = None
        self._guard = threading.Lock()

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            with self._guard:
                self._engine = self._engine or self._make_engine()
        return self._engine

    def _make_engine(self) -> Engine:
        options = (
            f"-c timezone=UTC -c lock_timeout={self._lock_timeout} -c idle_in_transaction_session_timeout=60s"
            f" -c statement_timeout={self._statement_timeout}"
            # Our statements are few and always alike: planning them anew would cost more than running them.
            " -c plan_cache_mode=force_generic_plan -c jit=off"
            + ("" if self._durable else " -c synchronous_commit=off")
        )
        engine = create_engine(
            sqlalchemy_url(self._url),
            pool_size=self._pool_size,
            max_overflow=0,
            pool_recycle=1800,
            pool_timeout=10,
            connect_args={
                "connect_timeout": 3,
                "application_name": self._name,
                "options": options,
                **EVERY_CONNECTION,
            },
        )
        if self._announced:
            event.listen(engine, "first_connect", self._look_for_room)
        event.listen(engine, "connect", _mind_pooler)
        event.listen(engine, "connect", _mind_values)
        return engine

    def _look_for_room(self, connection: "psycopg.Connection[Any]", _record: object) -> None:
        connections.warn_when_scarce(connection, self._announced)
        connection.rollback()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back by any exception. Never nested."""
        if in_transaction():
            raise RuntimeError("a transaction is already open in this thread; pass its connection along")
        with self.engine.connect() as connection:
            _open.depth = 1
            try:
                with connection.begin():
                    yield connection
            except BaseException as error:
                self._drop_if_broken(connection, error)
                raise
            finally:
                _open.depth = 0

    def autocommit(self, sql: str, parameters: Mapping[str, Parameter]) -> list[Row]:
        """One statement that is a transaction by itself: a single round trip instead of three."""
        if in_transaction():
            raise RuntimeError("a transaction is already open in this thread; pass its connection along")
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                return query(connection, sql, parameters)
            except BaseException as error:
                self._drop_if_broken(connection, error)
                raise

    def _drop_if_broken(self, connection: Connection, error: BaseException) -> None:
        """After a lost connection, or one to a server that takes no writes, its pool mates are of no use as well:
        start afresh.
        """
        if not connection.closed and not connection.invalidated and (is_away(error) or raw(connection).closed):
            connection.invalidate()
        if connection.invalidated and self._engine is not None:
            self._engine.dispose()

    def direct(self) -> "psycopg.Connection[Row]":
        """A connection of its own in autocommit, outside the pool: heartbeats, locks, LISTEN."""
        return connect(self._url, name=self._name)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def _mind_pooler(connection: "psycopg.Connection[Any]", _record: object) -> None:
    """Prepare nothing behind a pooler (PgBouncer in transaction mode), told by a process number that is not Postgres'.

    Its clients share server connections: a statement prepared on one is missing on the next, or another client's
    statement of the same name is run instead.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        [pid] = cursor.fetchone() or (None,)
    connection.rollback()
    if pid != connection.info.backend_pid:
        connection.prepare_threshold = None


def _mind_values(connection: "psycopg.Connection[Any]", _record: object) -> None:
    clamp_timestamps(connection)
    mind_json(connection)


# A server that takes no writes (a replica, a full disk) is as good as none: libpq looks at the next one, or refuses.
EVERY_CONNECTION: Mapping[str, Any] = {
    "target_session_attrs": "read-write",
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


def connect(url: str, *, name: str) -> "psycopg.Connection[Row]":
    """A direct autocommit connection whose rows are dictionaries."""
    connection = psycopg.connect(
        libpq_url(url),
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=3,
        application_name=name,
        options="-c timezone=UTC",
        **EVERY_CONNECTION,
    )
    clamp_timestamps(connection)
    return connection


def raw(connection: Connection) -> "psycopg.Connection[Any]":
    """The psycopg connection beneath, in the same transaction."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("not a psycopg connection")
    return driver


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """What is done inside is undone alone when it fails; the transaction goes on."""
    with raw(connection).transaction():
        yield


def query(connection: Connection, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[Row]:
    """Run one statement (psycopg placeholders) and return its rows as dictionaries."""
    with raw(connection).cursor(row_factory=dict_row) as cursor:
        cursor.execute(sql.encode(), parameters or None)
        return cursor.fetchall() if cursor.description else []


def execute(connection: Connection, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> int:
    """Run one statement and return how many rows it touched."""
    with raw(connection).cursor() as cursor:
        cursor.execute(sql.encode(), parameters or None)
        return cursor.rowcount


def hold(connection: Connection, lock: Lock) -> None:
    """Wait for an advisory lock, which is held until the transaction ends."""
    execute(connection, f"select pg_advisory_xact_lock({lock})")


def try_hold(connection: Connection, lock: Lock) -> bool:
    """Take an advisory lock until the transaction ends; False when somebody else holds it."""
    return bool(query(connection, f"select pg_try_advisory_xact_lock({lock}) as mine")[0]["mine"])


T = TypeVar("T")


def transaction_with_retry(
    database: Database, work: Callable[[Connection], T], *, seconds: float, outage: float | None = None
) -> T:
    """Run `work` in a transaction, again from the start as `retry_on_outage` says.

    Whether a commit arrived cannot be known when the connection dies in it: `work` must bear a repetition
    (fenced statements do).
    """

    def transaction() -> T:
        with database.transaction() as connection:
            return work(connection)

    return retry_on_outage(transaction, seconds=seconds, outage=outage)
