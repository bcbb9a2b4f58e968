"""Events in connected calendars, as the front-end's dialog asks for them: an interview and its event at once."""

from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import calendar_events
from api_min.actions.interview_drafts import Draft, WrittenTime
from api_min.actions.runs import AskedRun
from api_min.answers import run_response
from api_min.auth import access, caller
from api_min.errors import invalid
from api_min.idempotency import given_key
from api_min.request_parsing import applied_wait
from api_min.schemas.common import WITH_BODY, problems
from api_min.schemas.integrations import CreatedEvent, NewEvent
from models.enums import InterviewCalendar

SHORTEST, LONGEST = 15, 480
ANSWERS = problems(*WITH_BODY, 400, 404, 409, 502, 504)
LINKS = {InterviewCalendar.GOOGLE: "meet_link", InterviewCalendar.OUTLOOK: "teams_link"}

api = APIBlueprint("calendar_events", __name__, url_prefix="/api/integrations", abp_security=[{"bearer": []}])


@api.post(
    "/google-calendar/create-event",
    summary="Plan an interview in Google Calendar",
    responses={200: CreatedEvent, 202: CreatedEvent, **ANSWERS},
)
@access(roles=("employer",))
def create_in_google(body: NewEvent) -> Response:
    """One per application and start, however often it is asked for. 202 when Google has not answered in time."""
    return _create(InterviewCalendar.GOOGLE, body)


@api.post(
    "/outlook/create-event",
    summary="Plan an interview in Outlook",
    responses={200: CreatedEvent, 202: CreatedEvent, **ANSWERS},
)
@access(roles=("employer",))
def create_in_outlook(body: NewEvent) -> Response:
    """One per application and start, however often it is asked for. 202 when Outlook has not answered in time."""
    return _create(InterviewCalendar.OUTLOOK, body)


def _create(calendar: InterviewCalendar, body: NewEvent) -> Response:
    asked = calendar_events.create_event(caller(), _draft(calendar, body), applied_wait(), key=given_key())
    return run_response(asked, _created(calendar, asked))


def _draft(calendar: InterviewCalendar, body: NewEvent) -> Draft:
    zone = body.timezone if "timezone" in body.model_fields_set else None
    start = WrittenTime(body.start_time, zone)
    minutes = (WrittenTime(body.end_time, zone).instant() - start.instant()).total_seconds() / 60
    if not SHORTEST <= minutes <= LONGEST:
        raise invalid(["body", "end_time"], f"doit suivre start_time de {SHORTEST} minutes à {LONGEST // 60} heures")
    return Draft(
        body.application_id,
        start,
        (),
        None,
        calendar,
        {
            "title": body.title,
            "description": body.description,
            "location": body.location,
            "timezone": body.timezone,
            "duration_minutes": int(minutes),
            "interviewers": [{"email": each} for each in body.attendees],
            "meeting_wanted": body.create_meeting_link or body.create_meet_link,
        },
    )


def _created(calendar: InterviewCalendar, asked: AskedRun) -> dict[str, Any]:
    result = asked.run.result or {}
    payload: Any = asked.run.payload
    return {
        "message": "Event created" if asked.ended else "The event is being created",
        "interview_id": payload["interview_id"],
        "event_id": result.get("event_id"),
        "event_url": result.get("event_url"),
        LINKS[calendar]: result.get("link"),
    }
