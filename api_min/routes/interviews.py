"""Interviews: planned, listed, moved, ended, and what was said afterwards."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min import interview_texts
from api_min.actions import interviews
from api_min.actions.interview_drafts import Changes, Draft, WrittenTime
from api_min.actions.interviews import Saved
from api_min.answers import json_response, no_content
from api_min.auth import EVERYBODY, access, caller
from api_min.idempotency import once
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.interviews import (
    ApplicationPath,
    Feedback,
    Interview,
    InterviewChanges,
    InterviewPage,
    InterviewPath,
    InterviewQuery,
    NewInterview,
    PagingQuery,
    SavedInterview,
    StatusChange,
)
from worker.services.interviews import reminders
from worker.services.interviews.planning import CHANGEABLE
from worker.services.interviews.rows import Interview as InterviewView

PREFIX = "/api/interviews"
ONE = (*GUARDED, 404, 422)
WRITING = (*WITH_BODY, 400, 404, 409)
TIMES = ("scheduled_at", "offered_times")
# For the company's eyes.
PRIVATE = {"event_url": "event_address", **{name: name for name in ("lost_account", "notes", "feedback", "rating")}}

api = APIBlueprint("interviews", __name__, url_prefix=PREFIX, abp_security=[{"bearer": []}])


@api.post("", summary="Plan an interview", responses={200: SavedInterview, 201: SavedInterview, **problems(*WRITING)})
@access(roles=("employer",))
def create(body: NewInterview) -> Response:
    """200 with the interview that an application already has at that instant. Overlaps are warned of, not refused."""
    members = {name: value for name, value in _members(body).items() if name not in (*TIMES, "candidate_email")}
    zone = body.timezone if "timezone" in body.model_fields_set else None
    draft = Draft(
        body.application_id,
        WrittenTime(body.scheduled_at, zone),
        _offered(body.offered_times, zone),
        body.candidate_email,
        body.calendar,
        {
            **members,
            "meeting_wanted": body.create_meeting_link or body.create_meet_link,
            "organiser_timezone": body.organiser_timezone,
        },
    )
    return once(partial(interviews.plan, caller(), draft), _planned)


@api.get("", summary="Interviews", responses={200: InterviewPage, **problems(*ONE, 400)})
@access(roles=EVERYBODY)
def list_all(query: InterviewQuery) -> Response:
    """The company's, the candidate's own, or all for an administrator; the latest first."""
    found, total = interviews.find(caller(), status=query.status, page=query.page, limit=query.limit)
    return _page(found, total, query)


@api.get("/application/<application_id>", summary="One application's", responses={200: InterviewPage, **problems(*ONE)})
@access(roles=EVERYBODY)
def list_of_application(path: ApplicationPath, query: PagingQuery) -> Response:
    found, total = interviews.find(caller(), application_id=path.application_id, page=query.page, limit=query.limit)
    return _page(found, total, query)


@api.get("/<interview_id>", summary="One interview", responses={200: Interview, **problems(*ONE)})
@access(roles=EVERYBODY)
def show(path: InterviewPath) -> Response:
    return _answer(interviews.get(caller(), path.interview_id))


@api.put("/<interview_id>", summary="Change an interview", responses={200: SavedInterview, **problems(*WRITING)})
@access(roles=("employer",))
def replace_interview(path: InterviewPath, body: InterviewChanges) -> Response:
    """What is left out stays, as with PATCH: the main web app's front-end sends parts."""
    return _changed(path, body)


@api.patch("/<interview_id>", summary="Change an interview", responses={200: SavedInterview, **problems(*WRITING)})
@access(roles=("employer",))
def change(path: InterviewPath, body: InterviewChanges) -> Response:
    """What is left out stays. Only an interview that is still ahead can be changed."""
    return _changed(path, body)


def _changed(path: InterviewPath, body: InterviewChanges) -> Response:
    given = {name: value for name, value in _members(body).items() if name in body.model_fields_set}
    start, offered = (given.pop(name, None) for name in TIMES)
    zone = given.get("timezone")
    changes = Changes(
        None if start is None else WrittenTime(start, zone), None if offered is None else _offered(offered, zone), given
    )
    return once(partial(interviews.change, caller(), path.interview_id, changes), _saved)


def _offered(written: list[datetime], zone: str | None) -> list[WrittenTime]:
    return [WrittenTime(each, zone, "offered_times") for each in written]


@api.delete("/<interview_id>", summary="Delete an interview", responses={204: None, **problems(*ONE, 409)})
@access(roles=("employer",))
def delete(path: InterviewPath) -> Response:
    """Guests hear of a cancellation (`PATCH …/status`), of a deletion only through their calendars."""
    return once(partial(interviews.delete, caller(), path.interview_id), no_content)


@api.patch("/<interview_id>/status", summary="Set the status", responses={200: Interview, **problems(*WRITING)})
@access(roles=EVERYBODY)
def set_status(path: InterviewPath, body: StatusChange) -> Response:
    """409 when the status may not follow the present one; a candidate confirms or cancels."""
    return once(partial(interviews.set_status, caller(), path.interview_id, body.status, body.reason), _answer)


@api.patch(
    "/<interview_id>/feedback", summary="What was said afterwards", responses={200: Interview, **problems(*WRITING)}
)
@access(roles=("employer",))
def write_feedback(path: InterviewPath, body: Feedback) -> Response:
    """Once the interview was held, or nobody came. The candidate never sees it."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    return once(partial(interviews.write_feedback, caller(), path.interview_id, given), _answer)


def _members(body: NewInterview | InterviewChanges) -> dict[str, Any]:
    found = {name: getattr(body, name) for name in (*CHANGEABLE, "candidate_email") if name in type(body).model_fields}
    if body.interviewers is not None:
        found["interviewers"] = [each.model_dump(exclude_none=True) for each in body.interviewers]
    return found


def _shown(interview: InterviewView) -> dict[str, Any]:
    own = Interview.model_fields.keys() - PRIVATE.keys() - {"reminder_at"}
    found = {name: getattr(interview, name) for name in Interview.model_fields if name in own}
    found["reminder_at"] = reminders.due_at(interview, datetime.now(UTC))
    if caller().role != "candidate":
        return {**found, **{name: getattr(interview, member) for name, member in PRIVATE.items()}}
    if interview.interviewers is not None:
        found["interviewers"] = [{"name": each.get("name")} for each in interview.interviewers]
    return found


def _answer(interview: InterviewView) -> Response:
    return json_response(_shown(interview))


def _saved(saved: Saved, status: int = 200) -> Response:
    return json_response({**_shown(saved.interview), "warnings": interview_texts.warnings(saved)}, status)


def _planned(saved: Saved) -> Response:
    return _saved(saved, 201 if saved.made else 200)


def _page(found: list[InterviewView], total: int, query: PagingQuery) -> Response:
    return json_response(
        {
            "interviews": [_shown(each) for each in found],
            "total": total,
            "page": query.page,
            "limit": query.limit,
            "total_pages": -(-total // query.limit),
        }
    )
