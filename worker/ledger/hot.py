"""The database of a worker's child, whose claims and results are most of what Postgres hears."""

import threading
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import PoolProxiedConnection
from typing_extensions import override

from worker.kit.database import Database, Row, in_transaction


class HotDatabase(Database):
    """Single statements share one kept autocommit connection; threads take turns.

    To borrow one from the pool, set it to autocommit and back costs a third of what claiming and recording a run
    costs a child.
    """

    def __init__(self, url: str, *, name: str) -> None:
        super().__init__(url, name=name)
        self._kept: PoolProxiedConnection | None = None
        self._turn = threading.Lock()

    @override
    def once(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        if in_transaction():
            raise RuntimeError("a transaction is already open in this thread; pass its connection along")
        with self._turn:
            connection = self._connection()
            try:
                with connection.cursor(row_factory=dict_row) as cursor:
                    cursor.execute(sql.encode(), parameters or None)
                    return cursor.fetchall() if cursor.description else []
            finally:
                if connection.closed:
                    self._forget()

    @override
    def close(self) -> None:
        with self._turn:
            self._forget()

    def _connection(self) -> "psycopg.Connection[Any]":
        """The kept connection: made like those of the pool, and taken out of it."""
        if self._kept is None:
            kept = self.engine.raw_connection()
            kept.detach()
            self._kept = kept
        driver = self._kept.dbapi_connection
        if not isinstance(driver, psycopg.Connection):
            raise TypeError("not a psycopg connection")
        if not driver.autocommit:
            driver.autocommit = True
        return driver

    def _forget(self) -> None:
        """When it is lost, those of the pool are dead as well: start afresh."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        super().close()
