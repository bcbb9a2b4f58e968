"""What counts as Postgres being away, by SQLSTATE."""

import psycopg
import pytest
from psycopg.errors import lookup
from sqlalchemy import exc

from worker.kit.database import libpq_url
from worker.kit.outages import is_away, is_outage, retry_on_outage

AWAY = ("08000", "08006", "25006", "53000", "53100", "53200", "53300", "57P01", "57P02", "57P03", "58030")
PASSING = ("40001", "40P01", "55P03", "57014")
OURS = ("22P02", "23505", "25P02", "42P01", "42501")


def wrapped(error: psycopg.Error) -> exc.DBAPIError:
    return exc.DBAPIError("select 1", {}, error)


@pytest.mark.parametrize("state", AWAY)
def test_these_mean_that_postgres_is_away(state: str) -> None:
    error = lookup(state)("words of the server's")
    assert is_away(error)
    assert is_away(wrapped(error))
    assert is_outage(error)


@pytest.mark.parametrize("state", PASSING)
def test_these_pass_while_postgres_is_there(state: str) -> None:
    error = lookup(state)("words of the server's")
    assert (is_away(error), is_outage(error), is_outage(wrapped(error))) == (False, True, True)


@pytest.mark.parametrize("state", OURS)
def test_these_are_faults_of_the_statement(state: str) -> None:
    error = lookup(state)("words of the server's")
    assert (is_away(error), is_outage(error), is_outage(wrapped(error))) == (False, False, False)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("no state"),
        psycopg.InterfaceError("the connection is closed"),
        exc.TimeoutError("pool"),
    ],
)
def test_errors_of_the_client_itself_mean_that_postgres_is_away(error: Exception) -> None:
    assert is_away(error)


def test_an_outage_may_be_waited_out_longer_than_a_lock() -> None:
    answers: list[Exception | str] = [*[psycopg.OperationalError("away")] * 4, "back"]

    def work() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert retry_on_outage(work, seconds=0.0, outage=60.0) == "back"
    with pytest.raises(psycopg.errors.DeadlockDetected):
        retry_on_outage(
            lambda: (_ for _ in ()).throw(psycopg.errors.DeadlockDetected("again")), seconds=0.0, outage=60.0
        )


@pytest.mark.parametrize(
    ("url", "heard"),
    [
        ("postgres://u:p@h:5432/db?sslmode=require", "postgresql://u:p@h:5432/db?sslmode=require"),
        ("postgresql+psycopg://u:p@/db?host=a:1&host=b:2", "postgresql://u:p@/db?host=a%2Cb&port=1%2C2"),
        ("postgresql://u:p@/db?host=/run/postgresql", "postgresql://u:p@/db?host=%2Frun%2Fpostgresql"),
    ],
)
def test_several_servers_are_named_as_libpq_reads_them(url: str, heard: str) -> None:
    assert libpq_url(url) == heard
