"""Requests of recruiters, repeated under their key."""

import pytest

from tests.integration.api.interviews.conftest import Diary, day
from tests.integration.api.repeating import INTERVIEWS, Asked, check

OTHER = Asked("PUT", "/api/interviews/settings", {"notice_hours": 9})
TABLES = ("interview_schedules", "interview_feedback", "interview_settings", "calendar_feeds")


@pytest.mark.parametrize("asked", INTERVIEWS, ids=lambda asked: f"{asked.method} {asked.path}")
def test_a_recruiter_who_repeats_changes_nothing(diary: Diary, asked: Asked) -> None:
    made = diary.plan(day(7))["id"]
    if "feedback" in asked.path:
        diary.set_status(made, "completed")
    check(diary.recruiter, asked._replace(values=(made,)), OTHER, *TABLES)
