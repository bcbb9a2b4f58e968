"""Whose own scorecard an interview asks for: the colleagues who are listed, or who planned it where nobody is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from models.enums import InterviewStatus
from worker.kit.database import Row, query
from worker.kit.mailboxes import comparable
from worker.services.collaboration.people import IS_ACTIVE_EMPLOYER, NAME

COLLEAGUES = f"""
select e.company_id, u.id as user_id, u.email, {NAME} as user_name
  from employers e join users u on u.id = e.user_id
 where e.company_id = any(%s) and {IS_ACTIVE_EMPLOYER}
"""
# More rounds than anybody holds.
HELD = f"""
select interviewers, created_by_user_id as planner from interview_schedules
 where application_id = %s and status::text <> '{InterviewStatus.CANCELED.label}'
   and scheduled_at + make_interval(mins => coalesce(duration_minutes, 60)) <= now()
 order by scheduled_at desc, id desc limit 100
"""
SUBMITTED = """
select application_id, user_id from own_scorecards
 where application_id = any(%s) and submitted_at is not null and user_id is not null
"""


@dataclass(frozen=True, slots=True)
class Interviewer:
    """An active employer of a company, who may hold interviews. address: in its one form."""

    user_id: int
    user_name: str
    address: str


def colleagues(connection: Connection, company_ids: Collection[int]) -> Mapping[int, Sequence[Interviewer]]:
    """Who works there now, by company."""
    found: dict[int, list[Interviewer]] = {}
    for row in query(connection, COLLEAGUES, (sorted(company_ids),)):
        found.setdefault(row["company_id"], []).append(_colleague(row))
    return found


def _colleague(row: Row) -> Interviewer:
    return Interviewer(row["user_id"], row["user_name"], comparable(row["email"]))


def submitted(connection: Connection, application_ids: Collection[int]) -> set[tuple[int, int]]:
    """Applications with the users who have handed in a scorecard of theirs."""
    found = query(connection, SUBMITTED, (sorted(application_ids),))
    return {(row["application_id"], row["user_id"]) for row in found}


def awaited(connection: Connection, application_id: int, company_id: int) -> Sequence[Interviewer]:
    """Who held an interview of the application and has not handed in his scorecard."""
    company = colleagues(connection, [company_id]).get(company_id, ())
    held = query(connection, HELD, (application_id,))
    asked = {user for row in held for user in interviewing(row["interviewers"], row["planner"], company)}
    missing = asked - {user for _, user in submitted(connection, [application_id])}
    return sorted((each for each in company if each.user_id in missing), key=lambda each: each.user_id)


def interviewing(listed: Any, planner: int, company: Sequence[Interviewer]) -> Sequence[int]:
    """users.id of those of the company who are asked, in order.

    listed: `interview_schedules.interviewers` as stored: objects, of which `email` or `user_id` names a colleague.
    planner: users.id of who planned the interview.
    """
    people = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    if not people:
        return [each.user_id for each in company if each.user_id == planner]
    addresses = {comparable(each["email"]) for each in people if isinstance(each.get("email"), str)}
    ids = {each["user_id"] for each in people if isinstance(each.get("user_id"), int)}
    return sorted(each.user_id for each in company if each.user_id in ids or each.address in addresses - {""})
