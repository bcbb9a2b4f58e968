"""Mail under fire: the provider drops, errs and throttles while the workers are killed; then every mail is counted."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
import requests
from sqlalchemy import Connection

from sandbox.stack import Stack
from tests.chaos.conftest import StackMaker
from tests.chaos.killer import Killer
from tests.chaos.steps import publish_an_offer, switch_faults
from tests.means import written_size
from worker.catalogue import email
from worker.kit.database import Database, query
from worker.kit.outages import retry_on_outage
from worker.ledger.enqueue import enqueue
from worker.services.email.delivery import batches, messages
from worker.services.email.delivery.messages import NewMessage

FULL = written_size()
MAILS = 5_000 if FULL else 500
# Small batches make many calls, and every call may meet a fault.
PER_BATCH = 20 if FULL else 5
APPLICANTS = MAILS // 5
LEAST_SECONDS = 60.0 if FULL else 12.0
# Calls per second: the mail lasts about as long as the killing.
RATE = "5" if FULL else "8"
SETTLE_WITHIN = 300.0 if FULL else 60.0
CALM = {"drop_after_recording": 0.05, "error_5xx": 0.05}
BURST = {**CALM, "rate_limit": {"share": 0.7, "seconds": 0.3}}

T = TypeVar("T")


@dataclass
class Post:
    """The mail that was asked for."""

    database: Database

    def work(self, work: Callable[[Connection], T]) -> T:
        def once() -> T:
            with self.database.transaction() as connection:
                return work(connection)

        return retry_on_outage(once, seconds=60.0)

    def digests(self, job_id: int, count: int) -> None:
        context = {"alert_name": "Comptable", "frequency": "daily", "job_ids": [job_id], "more": 0}
        new = [
            NewMessage(f"chaos:{number}", "job_alert", f"alerte.{number}@example.org", context)
            for number in range(count)
        ]

        def write(connection: Connection) -> None:
            messages.write(connection, new)
            for _ in range(count // PER_BATCH):
                batches.fill(connection, most=PER_BATCH)

        self.work(write)

    def letters(self, job_id: int, count: int) -> None:
        """One bulk run to applicants, and a run for each of some single letters, whose own workers are killed too."""

        def write(connection: Connection) -> None:
            rows = query(connection, APPLY, {"count": count, "job": job_id})
            ids = sorted(row["id"] for row in rows)
            singles = len(ids) // 10
            company = query(connection, "select company_id from jobs where id = %s", (job_id,))[0]["company_id"]
            bulk = email.SendBulk(application_ids=ids[singles:], company_id=company, kind="application_rejected")
            enqueue(connection, email.SEND_BULK, bulk)
            for identifier in ids[:singles]:
                enqueue(connection, email.SEND, email.SendMail(kind="offer_letter", application_id=identifier))

        self.work(write)

    def open(self) -> int:
        sql = "select count(*) as open from task_runs where state in ('queued', 'running') and task like 'email.%%'"
        return int(self.work(lambda connection: query(connection, sql, {}))[0]["open"])

    def counts(self) -> dict[str, dict[str, int]]:
        def ask(connection: Connection) -> dict[str, dict[str, int]]:
            mails = query(connection, "select state, count(*) as count from email_messages group by state")
            runs = query(
                connection,
                """
                select task || ' ' || state as state, count(*) as count from task_runs
                 where task like 'email.%%' group by 1
                """,
                {},
            )
            return {
                "mails": {row["state"]: row["count"] for row in mails},
                "runs": {row["state"]: row["count"] for row in runs},
            }

        return self.work(ask)


APPLY = """
with people as (
    insert into users (email, role, first_name, last_name, is_active)
    select 'candidat.' || n || '@example.org', 'CANDIDATE', 'Candidat', n::text, true
      from generate_series(1, %(count)s) n returning id),
profiles as (insert into candidates (user_id) select id from people returning id)
insert into job_applications (job_id, candidate_id, status) select %(job)s, id, 'applied' from profiles returning id
"""


def weather(stack: Stack, kills: int) -> None:
    """A burst of refusals for two seconds of every six; each begins with other draws."""
    if kills % 6 in (0, 2):
        switch_faults(stack, {**(CALM if kills % 6 else BURST), "seed": kills})


def seen_by_provider(stack: Stack) -> dict[str, Any]:
    """What was taken, and which faults were really met."""
    counts = requests.get(f"{stack.url('emulators')}/_emulator/resend/counts", timeout=30).json()
    entries = requests.get(f"{stack.url('emulators')}/_emulator/journal?limit=20000", timeout=30).json()["entries"]
    return {
        **{name: counts[name] for name in ("accepted", "recipients", "duplicates")},
        "dropped": sum(entry["note"] == "drop_after_recording" for entry in entries),
        "errors": sum(entry["status"] == 500 for entry in entries),
        "refused": sum(entry["status"] == 429 for entry in entries),
        "repeated": sum(entry["note"] == "replayed" for entry in entries),
    }


@pytest.mark.chaos
@pytest.mark.timeout(LEAST_SECONDS + SETTLE_WITHIN + 120)
def test_no_mail_is_lost_doubled_or_left_pending(
    start_stack: StackMaker, record_property: Callable[[str, object], None]
) -> None:
    stack = start_stack(RESEND_RATE=RATE, LOG_LEVEL="ERROR")
    with closing(Database(stack.url("postgres"), pool_size=1, name="intowork-chaos")) as database:
        post = Post(database)
        job_id = post.work(publish_an_offer)
        switch_faults(stack, CALM)
        until = time.monotonic() + LEAST_SECONDS
        with Killer(stack, weather) as killer:
            post.letters(job_id, APPLICANTS)
            post.digests(job_id, MAILS - APPLICANTS)
            settle_until = until + SETTLE_WITHIN
            while time.monotonic() < settle_until and (time.monotonic() < until or post.open()):
                time.sleep(0.5)
        figures: dict[str, Any] = {**post.counts(), "provider": seen_by_provider(stack), "kills": killer.kills}
    record_property("figures", figures)
    assert figures["mails"] == {"sent": MAILS}, figures
    assert {state.split()[1] for state in figures["runs"]} == {"succeeded"}, figures
    received = figures["provider"]
    assert (received["accepted"], received["recipients"], received["duplicates"]) == (MAILS, MAILS, 0), figures
    assert figures["kills"] >= LEAST_SECONDS * 0.7, figures
    assert min(received["dropped"] + received["errors"], received["refused"]) > 0, figures
