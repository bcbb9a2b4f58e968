"""Calendars under fire: answers are lost, calls fail and are throttled while the workers are killed; then every event,
every invitation and every video link is counted.
"""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

import pytest
import requests
from sqlalchemy import Connection

from sandbox.stack import Stack
from tests.chaos.conftest import StackMaker
from tests.chaos.killer import Killer
from tests.chaos.steps import publish_an_offer
from tests.factories import accounts
from tests.factories.emulators import AccountEmulator, GoogleEmulator, MicrosoftEmulator
from tests.means import written_size
from worker.catalogue import interviews
from worker.contracts.providers import GOOGLE, MICROSOFT, AuthorisedProvider
from worker.kit.database import Database, execute, query
from worker.kit.outages import retry_on_outage
from worker.kit.settings import Settings
from worker.kit.tasks import TaskDefinition
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.services.integrations.storing import Owner
from worker.wiring import Wiring

FULL = written_size()
INTERVIEWS = 500 if FULL else 50
MOVED, CANCELED = INTERVIEWS * 3 // 5, INTERVIEWS * 2 // 5
SETTLE_WITHIN = 600.0 if FULL else 150.0
FAULTS = {"drop_after": 0.1, "error_5xx": 0.05, "rate_limit": 0.05, "retry_after": 1, "only": ["events.*"]}
ACCOUNT = "rh@exemple.cm"

T = TypeVar("T")

PEOPLE = """
with people as (
    insert into users (email, role, first_name, last_name, is_active)
    select 'candidat.' || n || '@example.org', 'CANDIDATE', 'Candidat', n::text, true
      from generate_series(1, %(count)s) n returning id, email),
profiles as (insert into candidates (user_id) select id from people returning id, user_id),
applications as (
    insert into job_applications (job_id, candidate_id, status) select %(job)s, id, 'applied' from profiles
    returning id, candidate_id)
insert into interview_schedules (application_id, created_by_user_id, title, scheduled_at, duration_minutes, timezone,
    candidate_email, status, reminder_sent, confirmation_received, calendar, credential_id, meeting_wanted)
select a.id, %(user)s, 'Entretien', now() + interval '10 days' + a.id * interval '1 hour', 60, 'Africa/Libreville',
       u.email, 'SCHEDULED', false, false, case when a.id %% 2 = 0 then 'google' else 'outlook' end,
       case when a.id %% 2 = 0 then %(google)s else %(microsoft)s end, true
  from applications a join profiles p on p.id = a.candidate_id join people u on u.id = p.user_id
returning id
"""
OPEN = "select count(*) as open from task_runs where state in ('queued', 'running') and task like 'interviews.%%'"


@dataclass
class Agenda:
    stack: Stack
    database: Database

    def work(self, work: Callable[[Connection], T]) -> T:
        def once() -> T:
            with self.database.transaction() as connection:
                return work(connection)

        return retry_on_outage(once, seconds=60.0)

    def connect(self, provider: AuthorisedProvider, emulator: AccountEmulator, owner: Owner) -> int:
        settings: Settings = accounts.settings_at(
            self.stack.url("emulators"), token_encryption_keys=self.stack.environment["TOKEN_ENCRYPTION_KEYS"]
        )
        client = Wiring(settings).accounts(provider.name)
        try:
            return accounts.connect(self.work, settings, provider, emulator, client, ACCOUNT, owner)
        finally:
            client.close()  # type: ignore[attr-defined]

    def tell(self, task: TaskDefinition, numbers: list[int], change: str = "") -> None:
        def write(connection: Connection) -> None:
            if change:
                sets = f"update interview_schedules set generation = generation + 1, {change} where id = any(%s)"
                execute(connection, sets, (numbers,))
            enqueue_all(connection, [NewRun(task.name, {"interview_id": number}) for number in numbers])

        self.work(write)

    def settled(self) -> bool:
        until = time.monotonic() + SETTLE_WITHIN
        while time.monotonic() < until:
            if not self.work(lambda connection: query(connection, OPEN, {}))[0]["open"]:
                return True
            time.sleep(0.5)
        return False


def weather(stack: Stack, kills: int) -> None:
    """Each second other calls meet a fault."""
    for provider in ("google", "microsoft"):
        address = f"{stack.url('emulators')}/_emulator/{provider}/faults"
        requests.put(address, json={**FAULTS, "seed": kills}, timeout=5).raise_for_status()


def mails_of(emulators: list[AccountEmulator]) -> dict[str, Counter[str]]:
    """How many mails of each kind every candidate got."""
    found: dict[str, Counter[str]] = {"invitation": Counter(), "update": Counter(), "cancellation": Counter()}
    for emulator in emulators:
        for mail in emulator.mails():  # type: ignore[attr-defined]
            if mail["kind"] in found and mail["to"].startswith("candidat."):
                found[mail["kind"]][mail["to"]] += 1
    return found


@pytest.mark.chaos
@pytest.mark.timeout(3 * SETTLE_WITHIN + 120)
def test_every_interview_has_one_event_and_its_guests_hear_of_each_change_once(
    start_stack: StackMaker, record_property: Callable[[str, object], None]
) -> None:
    stack = start_stack(LOG_LEVEL="ERROR")
    with (
        closing(Database(stack.url("postgres"), pool_size=1, name="intowork-chaos")) as database,
        requests.Session() as session,
    ):
        agenda = Agenda(stack, database)
        google, microsoft = (kind(stack.url("emulators"), session) for kind in (GoogleEmulator, MicrosoftEmulator))
        job = agenda.work(publish_an_offer)
        owner = Owner(company_id=1, user_id=1)
        values = {
            "count": INTERVIEWS,
            "job": job,
            "user": 1,
            "google": agenda.connect(GOOGLE, google, owner),
            "microsoft": agenda.connect(MICROSOFT, microsoft, owner),
        }
        ids = [row["id"] for row in agenda.work(lambda connection: query(connection, PEOPLE, values))]
        weather(stack, 0)
        with Killer(stack, weather) as killer:
            agenda.tell(interviews.CREATE_EVENT, ids)
            assert agenda.settled()
            agenda.tell(
                interviews.UPDATE_EVENT,
                ids[:MOVED],
                "scheduled_at = scheduled_at + interval '1 day', status = 'RESCHEDULED'",
            )
            agenda.tell(interviews.CANCEL_EVENT, ids[MOVED:], "status = 'CANCELED', cancel_reason = 'Poste pourvu'")
            assert agenda.settled()
        rows = agenda.work(lambda connection: query(connection, "select * from interview_schedules order by id"))
        states = agenda.work(
            lambda connection: query(
                connection, "select state, count(*) from task_runs where task like 'interviews.%%' group by 1", {}
            )
        )
        mails = mails_of([google, microsoft])
        live = [len(google.events(live=True)), len(microsoft.events(live=True))]
        record_property("figures", {"kills": killer.kills, "states": states, "live": live})
    assert {row["state"] for row in states} == {"succeeded"}, states
    assert sum(live) == MOVED
    events = [row["google_event_id"] or row["outlook_event_id"] for row in rows]
    assert [bool(event) for event in events] == [True] * MOVED + [False] * CANCELED
    assert all(row["meeting_link"] and row["link_state"] == "made" for row in rows[:MOVED])
    everybody = {row["candidate_email"] for row in rows}
    assert mails["invitation"] == Counter(dict.fromkeys(everybody, 1))
    assert mails["update"] == Counter(row["candidate_email"] for row in rows[:MOVED])
    assert mails["cancellation"] == Counter(row["candidate_email"] for row in rows[MOVED:])
    assert killer.kills >= 5
