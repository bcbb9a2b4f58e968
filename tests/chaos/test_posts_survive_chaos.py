"""Posts under fire: answers are lost, calls hang and fail while the workers are killed; then every post is counted."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import Connection

from sandbox.stack import Stack
from tests.chaos.conftest import StackMaker
from tests.chaos.killer import Killer
from tests.chaos.steps import publish_an_offer
from tests.factories import accounts
from tests.factories.emulators import LinkedInEmulator
from tests.means import written_size
from worker.catalogue.publishing import PUBLISH_OFFER, PublishOffer
from worker.contracts.providers import LINKEDIN
from worker.kit.database import Database, execute, query
from worker.kit.outages import retry_on_outage
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.wiring import Wiring

FULL = written_size()
OFFERS = 500 if FULL else 50
SETTLE_WITHIN = 1500.0 if FULL else 180.0
PAGE = "urn:li:organization:2414183"
FAULTS = {
    "drop_after": 0.15,
    "hang_after": 0.02,
    "error_5xx": 0.05,
    "error_5xx_after": 0.05,
    "no_id": 0.05,
    "only": ["posts.*"],
}
# What a second of the test counts for those who wait for an answer that was lost.
FASTER = timedelta(seconds=20)

OPEN = "select count(*) as open from task_runs where state in ('queued', 'running') and task like 'publishing.%%'"
MORE = """
insert into jobs (employer_id, company_id, title, description, job_type, location_type, location, currency, status,
                  posted_at)
select employer_id, company_id, 'Comptable ' || n || ' (H/F) [CDI]', description, job_type, location_type, location,
       currency, status, posted_at
  from jobs, generate_series(1, %s) n where id = %s
returning id
"""

T = TypeVar("T")


@dataclass
class Newsroom:
    stack: Stack
    database: Database

    def work(self, work: Callable[[Connection], T]) -> T:
        def once() -> T:
            with self.database.transaction() as connection:
                return work(connection)

        return retry_on_outage(once, seconds=60.0)

    def connect(self, emulator: LinkedInEmulator) -> None:
        settings = accounts.settings_at(
            self.stack.url("emulators"), token_encryption_keys=self.stack.environment["TOKEN_ENCRYPTION_KEYS"]
        )
        client = Wiring(settings).accounts("linkedin")
        try:
            accounts.connect(self.work, settings, LINKEDIN, emulator, client)
        finally:
            client.close()  # type: ignore[attr-defined]

    def publish(self, job: int) -> list[int]:
        def write(connection: Connection) -> list[int]:
            ids = [row["id"] for row in query(connection, MORE, (OFFERS, job))]
            wish = {"channel": "linkedin", "targets": (PAGE,)}
            payloads = [PublishOffer.model_validate({"job_id": each, "channels": [wish]}) for each in ids]
            enqueue_all(
                connection,
                [NewRun(PUBLISH_OFFER.name, each.model_dump(mode="json"), company_id=1) for each in payloads],
            )
            return ids

        return self.work(write)

    def settled(self) -> bool:
        until = time.monotonic() + SETTLE_WITHIN
        while time.monotonic() < until:
            if not self.work(lambda connection: query(connection, OPEN, {}))[0]["open"]:
                return True
            self.work(pass_time)
            time.sleep(1.0)
        return False


def pass_time(connection: Connection) -> None:
    """For effects whose call is over and whose answer was lost, and for the runs that wait to look for it."""
    execute(
        connection,
        """
        update effects e set intended_at = e.intended_at - %(span)s
          from task_runs r where r.id = e.run_id and r.state = 'queued' and e.state = 'intended'
        """,
        {"span": FASTER},
    )
    execute(
        connection,
        """
        update task_runs set run_at = run_at - %(span)s, dispatch_at = dispatch_at - %(span)s
         where state = 'queued' and task = 'publishing.publish' and run_at > now()
        """,
        {"span": FASTER},
    )


def weather(stack: Stack, kills: int) -> None:
    """Each second other calls meet a fault."""
    address = f"{stack.url('emulators')}/_emulator/linkedin/faults"
    requests.put(address, json={**FAULTS, "seed": kills}, timeout=5).raise_for_status()


def mark_of(post: dict[str, dict[str, str]]) -> int:
    return int(parse_qs(urlsplit(post["card"]["source"]).query)["ref"][0].removeprefix("p-"))


@pytest.mark.chaos
@pytest.mark.timeout(2 * SETTLE_WITHIN + 120)
def test_every_posting_has_one_post_or_says_why_nobody_knows(
    start_stack: StackMaker, record_property: Callable[[str, object], None]
) -> None:
    stack = start_stack(LOG_LEVEL="ERROR")
    with (
        closing(Database(stack.url("postgres"), pool_size=1, name="intowork-chaos")) as database,
        requests.Session() as session,
    ):
        newsroom = Newsroom(stack, database)
        linkedin = LinkedInEmulator(stack.url("emulators"), session)
        job = newsroom.work(publish_an_offer)
        newsroom.connect(linkedin)
        weather(stack, 0)
        with Killer(stack, weather) as killer:
            jobs = newsroom.publish(job)
            assert newsroom.settled()
        rows = newsroom.work(
            lambda connection: query(
                connection,
                "select id, state, external_id, error from job_postings where job_id = any(%s) order by id",
                (jobs,),
            )
        )
        states = newsroom.work(
            lambda connection: query(
                connection,
                "select task, state, count(*) from task_runs where task like 'publishing.%%' group by 1, 2",
                {},
            )
        )
        posts = linkedin.posts(live=True)
        sends = newsroom.work(lambda connection: query(connection, "select sum(sends) as sends from effects", {}))
        record_property(
            "figures", {"kills": killer.kills, "states": states, "live": len(posts), "sends": sends[0]["sends"]}
        )
    per_posting = Counter(map(mark_of, posts))
    assert len(rows) == OFFERS
    known = {row["id"]: row["external_id"] for row in rows if row["state"] == "published"}
    assert {mark: post["urn"] for post in posts if (mark := mark_of(post)) in known} == known
    assert set(per_posting.values()) == {1}
    unknown = [row for row in rows if row["state"] != "published"]
    assert {row["state"] for row in unknown} <= {"unknown"}, states
    assert all(row["error"] for row in unknown)
    assert len(unknown) <= OFFERS / 100
    assert killer.kills >= 5
