"""What happens to applications and interviews is noted with its time, and never fails the main web app."""

import threading
import time
from typing import Any

from tests.factories import main_web_app
from tests.integration.migrations.conftest import Site, build

NOTED = """
with gone as (delete from application_events returning *)
select application_id, event, before, after, interview_id, actor, start_before is not null as moved
  from gone order by id
"""


def noted(site: Site) -> list[tuple[Any, ...]]:
    return [tuple(value for value in row.values() if value not in (None, False)) for row in site.rows(NOTED)]


def test_what_happens_is_noted_as_it_happens(embedded_site: Site, variant: main_web_app.Variant) -> None:
    site = embedded_site
    build(site, variant)
    site.upgrade("0038")
    site.run("update interview_schedules set moved_from = '2026-12-01T10:00:00Z', moved_at = now() where id = 1")
    site.run(
        """insert into email_messages (template, context) values
               ('employer', '{"application_id": 2}'), ('interview-planned', '{"interview_id": 1}'),
               ('employer', '{"application_id": 1, "sample": true}'), ('job_alert', '{"job_ids": [1]}'),
               ('raw', null)"""
    )
    site.upgrade()
    assert noted(site) == [(1, "planned", 1), (2, "planned", 2), (1, "moved", 1, True)]
    about = site.rows("select application_id from email_messages order by id")
    assert [row["application_id"] for row in about] == [2, 1, None, None, None]

    site.run("update job_applications set status = 'viewed', rating = 3")
    site.run("update job_applications set rating = 4, status = 'viewed'")
    assert noted(site) == [(1, "status", "applied", "viewed"), (2, "status", "applied", "viewed")]

    site.run("update interview_schedules set title = 'Autre', reminder_sent = true")
    site.run("update interview_schedules set status = 'CONFIRMED', confirmation_received = true where id = 1")
    site.run("update interview_schedules set candidate_response = 'accepted' where id = 1")
    site.run(
        """update interview_schedules set scheduled_at = scheduled_at + interval '1 hour', status = 'RESCHEDULED',
                  confirmation_received = false, candidate_response = null where id = 1"""
    )
    site.run("update interview_schedules set status = 'COMPLETED' where id = 1")
    site.run("update interview_schedules set status = 'CANCELED', own_status = 'no_show' where id = 1")
    site.run("update interview_schedules set status = 'CANCELED', canceled_by = 'candidate' where id = 2")
    site.run("delete from interview_schedules where id = 2")
    assert noted(site) == [
        (1, "confirmed", 1, "candidate"),
        (1, "answered", "accepted", 1, "candidate"),
        (1, "moved", 1, True),
        (1, "completed", 1),
        (1, "no_show", 1),
        (2, "canceled", 2, "candidate"),
        (2, "deleted", 2),
    ]
    _not_waited_for(site)
    site.run("alter table application_events rename to elsewhere")
    site.run("update job_applications set status = 'rejected'")
    site.run("update interview_schedules set status = 'CONFIRMED'")
    site.run("alter table elsewhere rename to application_events")
    with site.connect() as connection:
        main_web_app.withdraw_application(connection, 1)
    assert noted(site) == []


def _not_waited_for(site: Site) -> None:
    """Whoever changes an interview whose application is being deleted does not wait for that, which waits for him."""
    with site.connect() as changing, site.connect() as deleting:
        with changing.transaction():
            changing.execute("select from interview_schedules where id = 1 for update")
            thread = threading.Thread(target=_delete, args=(deleting,))
            thread.start()
            until = time.monotonic() + 30
            while not site.rows("select from pg_locks where not granted") and time.monotonic() < until:
                time.sleep(0.01)
            changing.execute("update interview_schedules set status = 'COMPLETED', own_status = null where id = 1")
        thread.join(30)
    assert not thread.is_alive()


def _delete(connection: Any) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("delete from job_applications where id = 1")
