"""The database of a worker's child, whose claims and results are most of what Postgres hears."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg
from psycopg import abc
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import dict_row
from typing_extensions import override

from worker.kit.database import Database, Parameter, Row, in_transaction
from worker.kit.outages import is_away

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement that the kept connection has prepared; `order`: its parameters' names."""

    name: bytes
    order: tuple[str, ...]
    transformer: abc.Transformer


class PreparedDatabase(Database):
    """Single statements share one kept autocommit connection; threads take turns.

    They go straight through libpq, prepared: what a cursor does around a statement costs a child more than all else
    that it does for a run. A percent sign stands in them only before a placeholder's name.
    """

    def __init__(self, url: str, *, name: str) -> None:
        super().__init__(url, name=name)
        self._kept: psycopg.Connection[Any] | None = None
        self._prepared: dict[str, Prepared] = {}
        self._numbers = count()
        self._turn = threading.Lock()

    @override
    def autocommit(self, sql: str, parameters: Mapping[str, Parameter]) -> list[Row]:
        if in_transaction():
            raise RuntimeError("a transaction is already open in this thread; pass its connection along")
        with self._turn:
            connection = self._connection()
            try:
                # Behind a pooler nothing may be prepared.
                if connection.prepare_threshold is None:
                    return _through_cursor(connection, sql, parameters)
                return self._ask(connection, sql, parameters)
            except psycopg.Error as error:
                if is_away(error):
                    self._forget()
                raise
            finally:
                # A statement that was broken off would answer the next one.
                if connection.pgconn.transaction_status != TransactionStatus.IDLE:
                    self._forget()

    def _ask(self, connection: "psycopg.Connection[Any]", sql: str, parameters: Mapping[str, Parameter]) -> list[Row]:
        prepared = self._prepared.get(sql) or self._prepare(connection, sql)
        values = [_text(parameters[each]) for each in prepared.order]
        connection.pgconn.send_query_prepared(prepared.name, values)
        [result] = connection.wait(execute(connection.pgconn))
        _check(result)
        names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
        prepared.transformer.set_pgresult(result)
        return prepared.transformer.load_rows(0, result.ntuples, lambda row: dict(zip(names, row, strict=True)))

    def _prepare(self, connection: "psycopg.Connection[Any]", sql: str) -> Prepared:
        order = tuple(dict.fromkeys(PLACEHOLDER.findall(sql)))
        numbered = PLACEHOLDER.sub(lambda found: f"${order.index(found[1]) + 1}", sql)
        prepared = Prepared(f"hot_{next(self._numbers)}".encode(), order, Transformer(connection))
        connection.pgconn.send_prepare(prepared.name, numbered.encode())
        [result] = connection.wait(execute(connection.pgconn))
        _check(result)
        self._prepared[sql] = prepared
        return prepared

    @override
    def close(self) -> None:
        with self._turn:
            self._forget()

    def _connection(self) -> "psycopg.Connection[Any]":
        """The kept connection: made like those of the pool, and taken out of it."""
        if self._kept is None:
            pooled = self.engine.raw_connection()
            driver = pooled.dbapi_connection
            if not isinstance(driver, psycopg.Connection):
                raise TypeError("not a psycopg connection")
            pooled.detach()
            driver.autocommit = True
            self._kept = driver
        return self._kept

    def _forget(self) -> None:
        """When it is lost, those of the pool are dead as well: start afresh."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        self._prepared.clear()
        super().close()


def _through_cursor(connection: "psycopg.Connection[Any]", sql: str, parameters: Mapping[str, Parameter]) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(sql.encode(), parameters or None)
        return cursor.fetchall() if cursor.description else []


def _text(value: Parameter) -> bytes | None:
    """A parameter as Postgres reads it; what lists hold (ids, numbers) needs no quotes."""
    if value is None:
        return None
    return f"{{{','.join(map(str, value))}}}".encode() if isinstance(value, list) else str(value).encode()


def _check(result: PGresult) -> None:
    if result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
        raise error_from_result(result)
