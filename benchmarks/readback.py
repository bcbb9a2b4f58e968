"""`python -m benchmarks readback`: what it takes to read calendars back, by the calls that the providers count.

`--runs` / 20 upcoming interviews (1,000 by default) stand in the calendars of 40 emulated accounts, half of them at
each provider. They are read as the clock has them read every quarter of an hour: while nothing has changed, and after
one in twenty-one was deleted in the calendar itself.
"""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import requests

from benchmarks.interview_setup import PROVIDERS, InterviewSetup
from benchmarks.measure import Cost, cost_of, median
from benchmarks.report import Report
from benchmarks.stack import Stack
from worker.catalogue.interviews import CREATE_EVENT, READ_CALENDARS
from worker.ledger.enqueue import NewRun, enqueue_all

SHARE = 20
RECRUITERS = 20
DELETED = 21
PATIENCE = 600.0

PLAN = """
insert into interview_schedules (application_id, created_by_user_id, title, scheduled_at, candidate_email, status,
                                 calendar, credential_id, timezone, generation, created_at, updated_at)
select a.id, c.user_id, 'Entretien', now() + make_interval(mins => 60 + (2700 * a.n / a.many)::integer),
       'candidat.' || a.n || '@example.org', 'SCHEDULED',
       case when c.provider::text = 'GOOGLE_CALENDAR' then 'google' else 'outlook' end, c.id, 'Africa/Libreville',
       1, now(), now()
  from (select id, row_number() over (order by id) as n, count(*) over () as many from job_applications) a
  join (select *, row_number() over (order by id) - 1 as k, count(*) over () as many from integration_credentials) c
    on c.k = mod(a.n, c.many)
returning id
"""
LATER = """
update interview_schedules set event_checked_at = event_checked_at - interval '20 minutes'
 where status = 'SCHEDULED' returning id
"""
UNREAD = """
select 1 from interview_schedules
 where status = 'SCHEDULED' and coalesce(event_checked_at < now() - interval '10 minutes', true) limit 1
"""
EVENTS = "select coalesce(google_event_id, outlook_event_id), calendar from interview_schedules order by id"


def run(options: Namespace) -> Report:
    """options: runs, repetitions."""
    count = max(options.runs // SHARE, RECRUITERS)
    accounts = RECRUITERS * len(PROVIDERS)
    conditions = {"upcoming interviews": count, "accounts": accounts, "repetitions": options.repetitions}
    report = Report("readback", conditions)
    with Stack() as stack:
        setup = InterviewSetup(stack)
        setup.open(recruiters=RECRUITERS, applications=count)
        _plan(setup)
        same = [_read(setup) for _ in range(options.repetitions)]
        calls = max(sum(each.calls.values()) for each in same)
        report.figure("calls, nothing changed", calls, "calls", same[-1].calls)
        report.figure("the same, per interview", median([each.cost.milliseconds for each in same]), "CPU ms")
        report.figure("the same, on the wall", median([each.cost.wall for each in same]), "s")
        report.at_most("calls per account while nothing changed", calls / accounts, 1.0)
        deleted = _delete(setup)
        changed = _read(setup)
        calls = sum(changed.calls.values())
        report.figure(f"calls, {deleted} events deleted", calls, "calls", changed.calls)
        report.at_most("calls per account and deleted event", calls / (accounts + deleted), 1.0)
    return report


@dataclass(frozen=True, slots=True)
class Reading:
    """calls: by provider and operation. cost: of one reading, per interview."""

    calls: Mapping[str, int]
    cost: Cost


def _plan(setup: InterviewSetup) -> None:
    """Every interview gets its event by the platform's own run."""
    planned = [row[0] for row in setup.stack.rows(PLAN)]
    _enqueue(setup, [NewRun(CREATE_EVENT.name, {"interview_id": number}) for number in planned])
    missing = "select 1 from interview_schedules where google_event_id is null and outlook_event_id is null limit 1"
    _await(setup, missing, "making the events")


def _read(setup: InterviewSetup) -> Reading:
    before = _counters(setup)
    read = len(setup.stack.rows(LATER))

    def work() -> None:
        _enqueue(setup, [NewRun(READ_CALENDARS.name, {})])
        _await(setup, UNREAD, "reading the calendars")

    cost = cost_of(read, setup.stack.roots("worker", "dispatcher"), work)
    after = _counters(setup)
    return Reading(
        {name: after[name] - before.get(name, 0) for name in after if after[name] > before.get(name, 0)}, cost
    )


def _delete(setup: InterviewSetup) -> int:
    """People take one event in `DELETED` out of their calendars; how many."""
    found = setup.stack.rows(EVENTS)[::DELETED]
    for event, calendar in found:
        provider = "google" if calendar == "google" else "microsoft"
        address = f"{setup.emulators}/_emulator/{provider}/events/{event}/behind"
        requests.post(address, json={"delete": True}, timeout=30).raise_for_status()
    return len(found)


def _counters(setup: InterviewSetup) -> dict[str, int]:
    found: dict[str, int] = {}
    for provider in PROVIDERS.values():
        answer = requests.get(f"{setup.emulators}/_emulator/{provider}/counters", timeout=30)
        answer.raise_for_status()
        found |= {f"{provider} {name}": number for name, number in answer.json().items()}
    return found


def _enqueue(setup: InterviewSetup, runs: Sequence[NewRun]) -> None:
    with setup.stack.database.transaction() as connection:
        enqueue_all(connection, runs)


def _await(setup: InterviewSetup, remaining: str, what: str) -> None:
    setup.stack.wait(partial(_none, setup, remaining), what, seconds=PATIENCE)


def _none(setup: InterviewSetup, sql: str) -> bool:
    return not setup.stack.rows(sql)
