"""When interviews may be: companies' hours, the next free times, and what stands against a time before it is saved."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min import interview_texts
from api_min.actions import interview_times
from api_min.actions.interview_drafts import WrittenTime
from api_min.actions.interview_times import AskedCalendar, AskedInterview
from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.idempotency import once
from api_min.localising import _
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.interview_times import (
    OverlapQuery,
    Overlaps,
    Settings,
    ShownSettings,
    SuggestionQuery,
    Suggestions,
)
from worker.services.interviews.settings import InterviewSettings

ASKING = (*GUARDED, 404, 422)

api = APIBlueprint("interview_times", __name__, url_prefix="/api/interviews", abp_security=[{"bearer": []}])


@api.get("/settings", summary="The company's hours", responses={200: ShownSettings, **problems(*GUARDED)})
@access(roles=("employer",))
def show_settings() -> Response:
    return _settings(interview_times.read_settings(caller()))


@api.put(
    "/settings", summary="Set the company's hours", responses={200: ShownSettings, **problems(*WITH_BODY, 400, 409)}
)
@access(roles=("employer",))
def write_settings(body: Settings) -> Response:
    """What is left out becomes the default."""
    wanted = InterviewSettings(**{**body.model_dump(), "days": tuple(sorted(set(body.days)))})
    return once(partial(interview_times.write_settings, caller(), wanted), _settings)


@api.get("/suggestions", summary="The next free times", responses={200: Suggestions, **problems(*ASKING)})
@access(roles=("employer",))
def suggest(query: SuggestionQuery) -> Response:
    """Three at most, by the company's hours: neither the interviewers nor the candidate have another interview then,
    and the interviewers' calendars hold nothing.
    """
    found = interview_times.suggest(caller(), _asked(query))
    zone = ZoneInfo(found.zone)
    slots = [
        {"start": each.start, "end": each.end, "local_start": each.start.astimezone(zone).isoformat()}
        for each in found.slots
    ]
    told = {"suggestions": slots, "timezone": found.zone, "duration_minutes": found.minutes}
    return json_response({**told, "unknown_calendars": _unknown(found.unknown)})


@api.get("/overlaps", summary="What stands against a time", responses={200: Overlaps, **problems(*ASKING)})
@access(roles=("employer",))
def check(query: OverlapQuery) -> Response:
    """Before an interview is planned or moved: other interviews of its people, and what their calendars hold. An
    interview that is moved (`interview_id`) never stands in its own way.
    """
    zone = query.timezone if "timezone" in query.model_fields_set else None
    found = interview_times.check(caller(), _asked(query), WrittenTime(query.scheduled_at, zone, part="query"))
    warnings = interview_texts.warnings_before(found)
    return json_response({"warnings": warnings, "unknown_calendars": _unknown(found.unknown)})


def _asked(query: SuggestionQuery) -> AskedInterview:
    return AskedInterview(
        application_id=query.application_id,
        minutes=query.duration_minutes,
        zone=query.timezone,
        interview_id=query.interview_id,
        others=query.user_ids,
    )


def _unknown(calendars: Sequence[tuple[AskedCalendar, str]]) -> list[dict[str, Any]]:
    return [{"provider": each.provider, "account": each.account, "reason": _(reason)} for each, reason in calendars]


def _settings(settings: InterviewSettings) -> Response:
    hours = {name: getattr(settings, name).strftime("%H:%M") for name in ("opens_at", "closes_at")}
    return json_response({**asdict(settings), **hours})
