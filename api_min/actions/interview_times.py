"""When interviews may be: a company's settings, and the next free times for one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from api_min.actions.interviews import refuse_homeless, seen_application, viewer_of
from api_min.actions.once import Repeatable, Work, write_once
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import invalid
from api_min.limits import check_limit
from worker.services.interviews import settings, suggestions
from worker.services.interviews.settings import InterviewSettings
from worker.services.interviews.suggestions import Slot
from worker.services.interviews.times import known_zone

WRITES = "60 per minute"
LOOKS = "60 per minute"


@dataclass(frozen=True, slots=True)
class Suggested:
    """zone: IANA name, on whose clock the company's hours were read."""

    slots: list[Slot]
    zone: str
    minutes: int


def read_settings(caller: Caller) -> InterviewSettings:
    """The company's, or the defaults. Raises ApiError 403."""
    with context().database.transaction() as connection:
        return settings.read(connection, viewer_of(connection, caller).company_id)


def write_settings(
    caller: Caller, wanted: InterviewSettings, request: Repeatable[InterviewSettings]
) -> InterviewSettings:
    """Raises ApiError 400 without a company, 403, 409, 422 and 429."""
    if wanted.opens_at >= wanted.closes_at:
        raise invalid(["body", "closes_at"], "doit être après opens_at")

    def work(connection: Connection) -> InterviewSettings:
        viewer = viewer_of(connection, caller)
        refuse_homeless(viewer)
        return settings.write(connection, viewer.company_id, wanted)

    def prepare() -> Work[InterviewSettings]:
        check_limit(WRITES, "writes", caller.name)
        return work

    return write_once(caller, request, prepare)


def suggest(caller: Caller, application_id: int, minutes: int, zone: str) -> Suggested:
    """When the caller and the candidate have no other interview. Raises ApiError 403, 404 and 429."""
    check_limit(LOOKS, "interview suggestions", caller.name)
    now = datetime.now(UTC)
    with context().database.transaction() as connection:
        viewer = viewer_of(connection, caller)
        applied = seen_application(connection, viewer, application_id)
        slots = suggestions.for_application(
            connection,
            now=now,
            length=timedelta(minutes=minutes),
            zone=known_zone(zone),
            company_id=applied.company_id,
            candidate_id=applied.candidate_id,
            user_id=viewer.user_id,
        )
    return Suggested(slots, zone, minutes)
