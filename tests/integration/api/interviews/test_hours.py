"""A company's hours, and the free times that follow from them."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.integration.api.interviews.conftest import (
    ABROAD,
    APPLICATION,
    COLLEAGUE,
    FOREIGNER,
    RECRUITER,
    URL,
    Diary,
    detail,
)

DEFAULTS = {
    "days": [1, 2, 3, 4, 5],
    "opens_at": "08:00",
    "closes_at": "18:00",
    "pause_minutes": 10,
    "notice_hours": 1,
    "skip_holidays": True,
    "hide_guests": False,
    "cancel_when_rejected": False,
}
LIBREVILLE = ZoneInfo("Africa/Libreville")


def store(diary: Diary, user_id: int = RECRUITER, **members: Any) -> Any:
    return diary.user(user_id).call("PUT", f"{URL}/settings", json=members)


def suggested(diary: Diary, user_id: int = RECRUITER, **query: Any) -> list[dict[str, Any]]:
    values = {"application_id": APPLICATION, "timezone": "Africa/Libreville", **query}
    answer = diary.user(user_id).get(f"{URL}/suggestions", query_string=values)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["suggestions"]
    return found


def test_settings_are_the_companys(diary: Diary) -> None:
    assert diary.recruiter.get(f"{URL}/settings").json == DEFAULTS
    wanted: dict[str, Any] = {
        **DEFAULTS,
        "days": [6, 2, 2],
        "opens_at": "09:30",
        "notice_hours": 4,
        "cancel_when_rejected": True,
    }
    assert store(diary, **wanted).json == {**wanted, "days": [2, 6]}
    assert diary.user(COLLEAGUE).get(f"{URL}/settings").json == {**wanted, "days": [2, 6]}
    assert diary.user(FOREIGNER).get(f"{URL}/settings").json == DEFAULTS
    assert store(diary, COLLEAGUE).json == DEFAULTS


NONSENSE: tuple[dict[str, Any], ...] = (
    {"days": []},
    {"days": [0]},
    {"days": [8]},
    {"opens_at": "18:00"},
    {"opens_at": "25:00"},
    {"opens_at": "14:00:27.1Z"},
    {"opens_at": "09:00+01:00", "closes_at": "18:00+01:00"},
    {"opens_at": "09:00:30"},
    {"closes_at": 64800},
    {"closes_at": None},
    {"closes_at": "08:00"},
    {"pause_minutes": -1},
    {"notice_hours": 101},
    {"skip_holidays": "perhaps"},
)


def test_settings_have_bounds(diary: Diary) -> None:
    for members in NONSENSE:
        assert store(diary, **members).status_code == 422, members
    assert diary.recruiter.get(f"{URL}/settings").json == DEFAULTS


def test_three_free_times_within_the_companys_hours(diary: Diary) -> None:
    store(diary, days=[1, 2, 3, 4, 5, 6, 7], opens_at="07:00", closes_at="12:00", skip_holidays=False)
    found = suggested(diary, duration_minutes=45)
    assert len(found) == 3
    for each in found:
        local = datetime.fromisoformat(each["local_start"])
        assert local == datetime.fromisoformat(each["start"])
        assert local.utcoffset() == timedelta(hours=1)
        assert time(7) <= local.time() <= time(11, 15)
        assert datetime.fromisoformat(each["end"]) - local == timedelta(minutes=45)


def test_what_is_planned_is_taken_wherever_the_candidate_applied(diary: Diary) -> None:
    store(diary, days=[1, 2, 3, 4, 5, 6, 7], skip_holidays=False)
    first, second, third = (each["start"] for each in suggested(diary))
    diary.plan(scheduled_at=first)
    diary.plan(scheduled_at=second, application_id=ABROAD, user_id=FOREIGNER)
    found = [each["start"] for each in suggested(diary)]
    assert found[0] == third
    assert not {first, second} & set(found)
    assert suggested(diary, FOREIGNER, application_id=ABROAD)[0]["start"] not in (first, second)


def test_suggestions_are_for_the_companys_applications(diary: Diary) -> None:
    for identifier, status in ((ABROAD, 403), (999, 404), ("x", 422)):
        answer = diary.recruiter.get(f"{URL}/suggestions?application_id={identifier}")
        assert answer.status_code == status
        assert detail(answer)
    for query in ("", "?application_id=1&duration_minutes=5", "?application_id=1&timezone=Paris"):
        assert diary.recruiter.get(f"{URL}/suggestions{query}").status_code == 422
