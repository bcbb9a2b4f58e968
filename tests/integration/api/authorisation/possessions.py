"""What may be stolen or spoilt: the rows of a database, and those of company 1, candidate 1 and the platform."""

from typing import Final

from tests.integration.api.world import CANDIDATE, CANDIDATES_ROW, COMPANY, EMPLOYER, World

MINE: Final = {
    "email_templates": f"company_id = {COMPANY}",
    "email_template_versions": f"template_id in (select id from email_templates where company_id = {COMPANY})",
    "email_messages": "true",
    "interview_schedules": "true",
    "interview_feedback": "true",
    "integration_credentials": f"company_id = {COMPANY}",
    "channel_accounts": f"company_id = {COMPANY}",
    "job_postings": "true",
    "job_applications": "true",
    "job_alerts": f"candidate_id = {CANDIDATES_ROW}",
    "notifications": f"user_id in ({EMPLOYER}, {CANDIDATE})",
    "suppressions": "true",
    "queues": "true",
    "own_scorecards": "true",
    "application_changes": "true",
    "task_runs": f"caused_by is null or caused_by in ({EMPLOYER}, {CANDIDATE})",
}
# What the platform notes for itself, whoever calls: when a key was used, which offers are to be prepared for searches.
OWN_NOTES: Final = {"service_keys", "job_changes", "job_search"}


def tables(world: World) -> dict[str, str]:
    """Every row of every table."""
    found = world.rows("select tablename as name from pg_tables where schemaname = 'public'")
    return {row["name"]: "true" for row in found if row["name"] not in OWN_NOTES}


def versions(world: World, conditions: dict[str, str]) -> dict[str, tuple[int, int]]:
    """By table, how many rows fulfil its condition, and the sum of the transactions that wrote them: no insert, update
    or delete leaves both as they are.
    """
    selects = (
        f"select '{table}' as name, count(*) as rows, coalesce(sum(xmin::text::bigint), 0)::bigint as writers"
        f" from {table} where {condition}"
        for table, condition in conditions.items()
    )
    return {row["name"]: (row["rows"], row["writers"]) for row in world.rows(" union all ".join(selects))}
