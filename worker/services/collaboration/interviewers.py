"""Whose own scorecard an interview asks for: the colleagues who are listed, or who planned it where nobody is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import query
from worker.kit.mailboxes import comparable

COLLEAGUES = """
select e.company_id, u.id as user_id, u.email
  from employers e join users u on u.id = e.user_id
 where e.company_id = any(%s) and coalesce(u.is_active, true)
"""


@dataclass(frozen=True, slots=True)
class Colleague:
    """An employer of a company, with his address in its one form."""

    user_id: int
    address: str


def colleagues(connection: Connection, company_ids: Collection[int]) -> Mapping[int, Sequence[Colleague]]:
    """Who works there now, by company."""
    found: dict[int, list[Colleague]] = {}
    for row in query(connection, COLLEAGUES, (sorted(company_ids),)):
        found.setdefault(row["company_id"], []).append(Colleague(row["user_id"], comparable(row["email"])))
    return found


def interviewing(listed: Any, planner: int, company: Sequence[Colleague]) -> Sequence[int]:
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
