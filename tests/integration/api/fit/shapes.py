"""The shapes in which the main web app answers, and its front-end reads (its contract, section 2)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)")


@dataclass(frozen=True)
class Maybe:
    """The shape, or null."""

    shape: Any


@dataclass(frozen=True)
class OneOf:
    words: frozenset[str]


def words(text: str) -> OneOf:
    return OneOf(frozenset(text.split()))


def misfits(value: Any, shape: Any, place: str = "answer") -> Iterator[str]:
    """What a client of the main web app would stumble over; members beyond the shape's do not matter to it."""
    if isinstance(shape, Maybe):
        yield from () if value is None else misfits(value, shape.shape, place)
    elif isinstance(shape, OneOf):
        yield from () if value in shape.words else [f"{place} is {value!r}"]
    elif isinstance(shape, re.Pattern):
        yield from () if isinstance(value, str) and shape.fullmatch(value) else [f"{place} is {value!r}"]
    elif isinstance(shape, list):
        yield from _misfits_of_list(value, shape[0], place)
    elif isinstance(shape, Mapping):
        yield from _misfits_of_object(value, shape, place)
    elif isinstance(value, bool) is not (shape is bool) or not isinstance(
        value, (int, float) if shape is float else shape
    ):
        yield f"{place} is {value!r}, no {shape.__name__}"


def _misfits_of_list(value: Any, shape: Any, place: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place} is {value!r}, no array"
        return
    for number, each in enumerate(value):
        yield from misfits(each, shape, f"{place}[{number}]")


def _misfits_of_object(value: Any, shape: Mapping[str, Any], place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} is {value!r}, no object"
        return
    yield from (f"{place}.{name} is missing" for name in shape.keys() - value.keys())
    for name in shape.keys() & value.keys():
        yield from misfits(value[name], shape[name], f"{place}.{name}")


TEMPLATE = {
    **dict.fromkeys(("id", "company_id", "created_by_user_id", "usage_count"), int),
    **dict.fromkeys(("name", "subject", "body"), str),
    "type": words(
        "welcome_candidate application_received application_rejected interview_invitation interview_confirmation"
        " interview_reminder offer_letter onboarding custom"
    ),
    **dict.fromkeys(("is_active", "is_default"), bool),
    **dict.fromkeys(("created_at", "updated_at"), INSTANT),
    "last_used_at": Maybe(INSTANT),
}
BUILT_IN = {"type": str, "name": str, "subject": str, "body": str, "already_activated": bool}
VARIABLES = {"variables": [str], "descriptions": dict}
COUNTED_TEMPLATES = ("total_templates", "active_templates", "inactive_templates", "total_usage")
TEMPLATE_STATISTICS = {
    **dict.fromkeys(COUNTED_TEMPLATES, int),
    "most_used_template": Maybe({"id": int, "name": str, "usage_count": int}),
}

JOB_TYPES = words("full_time part_time contract temporary internship")
LOCATION_TYPES = words("on_site remote hybrid")
ALERT = {
    **dict.fromkeys(("id", "candidate_id", "jobs_sent_count"), int),
    "name": str,
    "criteria": dict,
    "frequency": words("instant daily weekly"),
    "is_active": bool,
    "last_sent_at": Maybe(INSTANT),
    "last_matching_job_id": Maybe(int),
    **dict.fromkeys(("created_at", "updated_at"), INSTANT),
}
MATCHING_JOB = {
    **dict.fromkeys(("id", "company_id"), int),
    "title": str,
    "location": Maybe(str),
    "location_type": LOCATION_TYPES,
    "job_type": JOB_TYPES,
    **dict.fromkeys(("salary_min", "salary_max"), Maybe(int)),
    "posted_at": Maybe(INSTANT),
}
ALERT_PREVIEW = {"alert_id": int, "matching_jobs": [MATCHING_JOB], "total_matches": int}
ALERT_SUMMARY = dict.fromkeys(("total_alerts", "active_alerts", "inactive_alerts", "total_jobs_sent"), int)

NOTE = {"user_id": int, "user_name": str, "note": str, "created_at": INSTANT}
NOTE_MADE = {"message": str, "note": NOTE, "total_notes": int}
RATED = {"message": str, "rating": int}
TAGGED = {"message": str, "tags": [str]}
SCORECARD = {"application_id": int, "scorecard": dict, "rating": Maybe(int)}
SCORED = {"message": str, "scorecard": dict}
COLLABORATION = {
    "application_id": int,
    "recruiter_notes": [NOTE],
    "rating": Maybe(int),
    "tags": [str],
    "scorecard": Maybe(dict),
}

CONNECTION = {"provider": str, "is_connected": bool, **dict.fromkeys(("connected_at", "last_used_at"), Maybe(INSTANT))}
STATUS = dict.fromkeys(("linkedin", "google_calendar", "outlook_calendar"), CONNECTION)
CONSENT = {"auth_url": str, "state": str, "provider": str}
MESSAGE = {"message": str}

INTERVIEW = {
    **dict.fromkeys(("id", "application_id", "created_by_user_id", "duration_minutes"), int),
    **dict.fromkeys(("title", "timezone", "candidate_email"), str),
    **dict.fromkeys(("description", "location", "meeting_link", "google_event_id", "outlook_event_id"), Maybe(str)),
    "interviewers": Maybe([dict]),
    "status": words("scheduled confirmed canceled completed rescheduled"),
    **dict.fromkeys(("reminder_sent", "confirmation_received"), bool),
    **dict.fromkeys(("scheduled_at", "created_at", "updated_at"), INSTANT),
}
PAGE = dict.fromkeys(("total", "page", "limit", "total_pages"), int)
INTERVIEWS = {"interviews": [INTERVIEW], **PAGE}

NOTIFICATION = {
    "id": int,
    "type": words("new_application status_change new_job message system"),
    **dict.fromkeys(("title", "message"), str),
    **dict.fromkeys(("related_job_id", "related_application_id"), Maybe(int)),
    "is_read": bool,
    "read_at": Maybe(INSTANT),
    "created_at": INSTANT,
}
NOTIFICATIONS = {"notifications": [NOTIFICATION], "total": int, "unread_count": int}

DETAILS = {
    "score": float,
    "strengths": [str],
    "weaknesses": [str],
    "skills_match": {"matched": [str], "missing": [str], "percentage": float},
    **dict.fromkeys(("experience_match", "recommendation"), str),
}
SCORE = {"success": bool, "application_id": int, "ai_score": float, "ai_score_details": DETAILS, "message": str}
JOB_SCORES = {"success": bool, "message": str, **dict.fromkeys(("job_id", "scored_count", "failed_count"), int)}
SCORED_APPLICATION = {
    **dict.fromkeys(("id", "job_id", "candidate_id"), int),
    **dict.fromkeys(("candidate_name", "candidate_email", "status"), str),
    **dict.fromkeys(("applied_at", "ai_analyzed_at"), Maybe(INSTANT)),
    "ai_score": Maybe(float),
    "ai_score_details": Maybe(DETAILS),
    "cv_url": Maybe(str),
}
SCORED_APPLICATIONS = {"applications": [SCORED_APPLICATION], **PAGE}
MATCH = {
    "job_id": int,
    **dict.fromkeys(("job_title", "company_name", "currency"), str),
    "location": Maybe(str),
    "job_type": Maybe(JOB_TYPES),
    **dict.fromkeys(("salary_min", "salary_max"), Maybe(int)),
    "match_score": float,
    "match_reasons": [str],
    "missing_skills": [str],
    "posted_at": Maybe(INSTANT),
}
MATCHES = {"matches": [MATCH], "total_jobs_analyzed": int, "generated_at": INSTANT}
QUESTION = {"question": str, "tip": str, "category": words("technical behavioral motivation company")}
PREPARATION = {
    **dict.fromkeys(("job_title", "company_name"), str),
    "questions": [QUESTION],
    "general_advice": [str],
    "generated_at": INSTANT,
}
