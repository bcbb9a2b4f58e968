"""Applications and employers' templates for the tests of letters."""

from typing import Any

from psycopg import Connection

from tests.factories import main_web_app
from tests.integration.services.support import Platform
from worker.catalogue import email
from worker.kit.database import Row
from worker.kit.tasks import TaskDefinition
from worker.ledger.enqueue import enqueue


def applications(platform: Platform, count: int = 1, **job: Any) -> list[int]:
    """Applications of the candidates 1, 2 and 3 in turn for a new offer of company 1."""
    job_id = platform.offer("Comptable", **job)

    def insert(connection: Connection[Any]) -> list[int]:
        return [main_web_app.insert_application(connection, job_id, number % 3 + 1) for number in range(count)]

    return platform.app(insert)


def many_applicants(platform: Platform, count: int) -> list[int]:
    """Applications of as many new people for one offer; ids in ascending order."""
    job_id = platform.offer("Comptable")
    rows = platform.rows(
        """
        with people as (
            insert into users (email, role, first_name, last_name, is_active)
            select 'personne.' || n || '@example.org', 'CANDIDATE', 'Personne', n::text, true
              from generate_series(1, %s) n returning id),
        profiles as (insert into candidates (user_id) select id from people order by id returning id)
        insert into job_applications (job_id, candidate_id, status) select %s, id, 'applied' from profiles returning id
        """,
        count,
        job_id,
    )
    return sorted(row["id"] for row in rows)


def template(platform: Platform, **values: Any) -> int:
    """A template as the main web app writes it."""
    given = {
        "type": "APPLICATION_REJECTED",
        "subject": "Votre candidature : {job_title}",
        "body": "<p>Bonjour {candidate_first_name},</p><p>{company_name} vous remercie.</p>",
        "is_active": True,
        **values,
    }
    return platform.app(lambda connection: main_web_app.insert_template(connection, "Refus", **given))


def run(platform: Platform, task: TaskDefinition, payload: email.SendMail | email.SendBulk, **options: Any) -> Row:
    """Enqueue a run and carry out all that follows; the run."""
    run_id = platform.do(lambda connection: enqueue(connection, task, payload, **options)).id
    platform.drain()
    return platform.run(run_id)


def send(platform: Platform, *, caused_by: int | None = None, **payload: Any) -> Row:
    options = {"caused_by": caused_by} if caused_by else {}
    return run(platform, email.SEND, email.SendMail(**payload), **options)


def send_bulk(platform: Platform, ids: list[int], **payload: Any) -> Row:
    return run(platform, email.SEND_BULK, email.SendBulk(application_ids=ids, **{"company_id": 1, **payload}))


def usage(platform: Platform, template_id: int) -> tuple[int, bool]:
    """How often a template was used, and whether the last time is known."""
    row = platform.row("select usage_count, last_used_at from email_templates where id = %s", template_id)
    return row["usage_count"] or 0, row["last_used_at"] is not None
