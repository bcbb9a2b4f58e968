"""Who a signed-in user is for the business: an employer or a candidate, with the statuses of the contract."""

from dataclasses import dataclass

from sqlalchemy import Connection

from api_min.auth import Caller
from api_min.errors import NO_APPLICATION_IN_ENGLISH, NOT_YOUR_APPLICATION_IN_ENGLISH, ApiError
from worker.kit.database import query


@dataclass(frozen=True, slots=True)
class Employer:
    """`id` is that of the employers row, never the user's; a company may be missing."""

    id: int
    user_id: int
    company_id: int | None
    is_admin: bool

    @property
    def company(self) -> int:
        """The company for a write. Raises ApiError 400."""
        if self.company_id is None:
            raise ApiError(400, "Your account belongs to no company yet; complete your company profile first.")
        return self.company_id

    @property
    def readable_company(self) -> int:
        """The company for a look at one object; 0, which owns nothing, when there is none."""
        return self.company_id or 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """`id` is that of the candidates row, never the user's."""

    id: int
    user_id: int


def employer(connection: Connection, caller: Caller) -> Employer:
    """The employer that calls. Raises ApiError 404."""
    rows = query(
        connection,
        """
        select id, user_id, company_id, coalesce(is_admin, false) as is_admin from employers where user_id = %s
        """,
        (caller.user_id,),
    )
    if not rows:
        raise ApiError(404, "Employer profile not found")
    return Employer(**rows[0])


def candidate(connection: Connection, caller: Caller) -> Candidate:
    """The candidate that calls. Raises ApiError 404."""
    rows = query(connection, "select id, user_id from candidates where user_id = %s", (caller.user_id,))
    if not rows:
        raise ApiError(404, "Candidate profile not found")
    return Candidate(**rows[0])


def refuse_foreign_applications(connection: Connection, company_id: int, application_ids: list[int]) -> None:
    """Raise ApiError 404 when one does not exist, 403 when one is another company's."""
    rows = query(
        connection,
        """
        select a.id, j.company_id from job_applications a join jobs j on j.id = a.job_id where a.id = any(%s)
        """,
        (application_ids,),
    )
    owners = {row["id"]: row["company_id"] for row in rows}
    if any(owners.get(each, company_id) != company_id for each in application_ids):
        raise ApiError(403, NOT_YOUR_APPLICATION_IN_ENGLISH)
    if len(owners) < len(set(application_ids)):
        raise ApiError(404, NO_APPLICATION_IN_ENGLISH)


def refuse_unverified(connection: Connection, caller: Caller) -> None:
    """Raise ApiError 403 when nobody has shown that the caller's address is his: a mail might go to a stranger."""
    rows = query(connection, "select email_verified from users where id = %s", (caller.user_id,))
    if not rows or rows[0]["email_verified"] is None:
        raise ApiError(403, "Your e-mail address is not verified yet; verify it, then send yourself a test.")
