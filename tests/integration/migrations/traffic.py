"""The main web app at work: clients that read and write in transactions as it does, and a reader that takes long."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.factories import main_web_app
from tests.integration.migrations.conftest import Connection, Site
from worker.kit.database import libpq_url

LONGEST_WAIT = "1s"
"""A request that waits longer for one lock fails, and with it the test: the wait is measured by Postgres."""
THINKING = 0.004
"""Seconds that the app spends between two statements of a transaction."""


@dataclass
class Traffic:
    """What the clients met: faults as text, seconds of every request."""

    faults: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@contextmanager
def traffic(site: Site, *, clients: int, reader: float) -> Iterator[Traffic]:
    """Run clients until the block ends, and a reader that holds its transaction `reader` seconds from now on."""
    met, stop, ready = Traffic(), threading.Event(), threading.Barrier(clients + 2)
    threads = [threading.Thread(target=client, args=(site, number, met, stop, ready)) for number in range(clients)]
    threads.append(threading.Thread(target=read_slowly, args=(site, reader, met, ready)))
    for thread in threads:
        thread.start()
    try:
        ready.wait(timeout=60)
        yield met
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def client(site: Site, number: int, met: Traffic, stop: threading.Event, ready: threading.Barrier) -> None:
    with connect(site) as connection:
        ready.wait(timeout=60)
        for turn in itertools.count(number):
            if stop.is_set():
                return
            request = REQUESTS[turn % len(REQUESTS)]
            started = time.monotonic()
            try:
                with connection.transaction():
                    request(connection)
            except psycopg.Error as error:
                met.faults.append(f"{request.__name__}: {error}")
            met.seconds.append(time.monotonic() - started)


def read_slowly(site: Site, seconds: float, met: Traffic, ready: threading.Barrier) -> None:
    """A report over every table, in one transaction."""
    try:
        with connect(site) as connection, connection.transaction():
            for table in main_web_app.schema("models"):
                connection.execute(f"select count(*) from {table}".encode())
            ready.wait(timeout=60)
            time.sleep(seconds)
    except psycopg.Error as error:
        met.faults.append(f"reader: {error}")


def connect(site: Site) -> Connection:
    options = f"-c lock_timeout={LONGEST_WAIT}"
    return psycopg.connect(libpq_url(site.url), autocommit=True, row_factory=dict_row, options=options)


def do(connection: Connection, statement: str, *parameters: Any) -> None:
    connection.execute(statement.encode(), parameters)
    time.sleep(THINKING)


def names(table: str) -> str:
    """The app's models name every column."""
    return ", ".join(f"{table}.{name}" for name in main_web_app.schema("models")[table]["cols"])


def sign_in(connection: Connection, user_id: int) -> None:
    do(connection, f"select {names('users')} from users where id = %s", user_id)
    do(connection, f"select {names('employers')} from employers where user_id = %s", user_id)


def look_at_an_offer(connection: Connection) -> None:
    sign_in(connection, 2)
    do(connection, f"select {names('jobs')} from jobs join companies on companies.id = company_id where jobs.id = 6")
    do(connection, "update jobs set views_count = coalesce(views_count, 0) + 1 where id = 6")


def apply(connection: Connection) -> None:
    sign_in(connection, 7)
    do(connection, f"select {names('candidates')} from candidates where user_id = 7")
    application = main_web_app.insert_application(connection, 6, 3)
    do(connection, "update jobs set applications_count = coalesce(applications_count, 0) + 1 where id = 6")
    main_web_app.insert_notification(connection, 1, type="NEW_APPLICATION", related_application_id=application)


def publish_and_delete_an_offer(connection: Connection) -> None:
    sign_in(connection, 1)
    job = main_web_app.insert_job(connection, "Juriste")
    application = main_web_app.insert_application(connection, job, 2)
    do(connection, "update job_applications set status = 'viewed' where id = %s", application)
    main_web_app.delete_job(connection, job)


def choose_a_default(connection: Connection) -> None:
    sign_in(connection, 1)
    kept = "company_id = 1 and type = 'WELCOME_CANDIDATE'"
    do(connection, f"update email_templates set is_default = false where {kept} and is_default and id <> 2")
    do(connection, "update email_templates set is_default = true, updated_at = now() where id = 2")
    do(connection, f"select {names('email_templates')} from email_templates where {kept}")


def change_alerts(connection: Connection) -> None:
    sign_in(connection, 3)
    do(connection, f"select {names('job_alerts')} from job_alerts where candidate_id = 3")
    do(connection, "update job_alerts set is_active = not coalesce(is_active, true) where id = 2")
    alert = main_web_app.insert_alert(connection, 3, "Passagère")
    do(connection, "delete from job_alerts where id = %s", alert)


def plan_an_interview(connection: Connection) -> None:
    sign_in(connection, 1)
    do(
        connection,
        f"select {names('integration_credentials')} from integration_credentials where company_id = 1 and user_id = 1",
    )
    interview = main_web_app.insert_interview(connection, 1, 1)
    do(connection, "update integration_credentials set last_used_at = now() where id = 3")
    do(connection, "delete from interview_schedules where id = %s", interview)


def read_notifications(connection: Connection) -> None:
    sign_in(connection, 1)
    do(
        connection,
        f"select {names('notifications')} from notifications where user_id = 1 order by created_at desc limit 10",
    )
    do(connection, "update notifications set is_read = true where user_id = 1 and not coalesce(is_read, false)")
    do(connection, f"select {names('job_postings')} from job_postings where job_id = 1")


REQUESTS: tuple[Callable[[Connection], None], ...] = (
    look_at_an_offer,
    apply,
    read_notifications,
    publish_and_delete_an_offer,
    change_alerts,
    choose_a_default,
    plan_an_interview,
)
