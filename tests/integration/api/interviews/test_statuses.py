"""What becomes of interviews, and what is said afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.api.interviews.conftest import (
    ADMIN,
    COLLEAGUE,
    PAUL,
    RECRUITER,
    URL,
    Diary,
    day,
    detail,
    written,
)


def said(diary: Diary, interview_id: int, **members: Any) -> Any:
    return diary.recruiter.call("PATCH", f"{URL}/{interview_id}/feedback", json=members)


WORDS = (
    ("confirmed", "CONFIRMED", None, "confirmed"),
    ("Canceled", "CANCELED", None, "canceled"),
    ("CANCELLED", "CANCELED", None, "canceled"),
    ("completed", "COMPLETED", None, "completed"),
    ("rescheduled", "RESCHEDULED", None, "rescheduled"),
    ("no-show", "CANCELED", "no_show", "no_show"),
)


def test_the_company_and_administrators_say_what_became_of_it(diary: Diary) -> None:
    for number, (status, label, own, answered) in enumerate(WORDS):
        made = diary.plan(day(10 + number))["id"]
        answer = diary.set_status(made, status, (RECRUITER, COLLEAGUE, ADMIN)[number % 3])
        assert (answer.status_code, answer.json["status"]) == (200, answered)
        row = diary.row(made)
        assert (row["label"], row["own_status"], row["confirmation_received"]) == (label, own, False)


def test_a_candidate_confirms_and_cancels_and_no_more(diary: Diary) -> None:
    made = diary.plan()["id"]
    for status in ("completed", "no_show", "rescheduled", "scheduled"):
        answer = diary.set_status(made, status, PAUL)
        assert answer.status_code == 409
        assert status in detail(answer)
    assert diary.set_status(made, "confirmed", PAUL).json["confirmation_received"] is True
    canceled = diary.set_status(made, "canceled", PAUL, reason=" Je suis malade. ").json
    assert (canceled["status"], canceled["canceled_by"], canceled["cancel_reason"]) == (
        "canceled",
        "candidate",
        "Je suis malade.",
    )
    for status in ("confirmed", "canceled"):
        assert diary.set_status(made, status, PAUL).status_code == 409


def test_a_cancellation_keeps_who_and_why(diary: Diary) -> None:
    for user_id, by in ((RECRUITER, "company"), (ADMIN, "admin")):
        made = diary.plan()["id"]
        assert diary.set_status(made, "canceled", user_id, reason="Poste pourvu").status_code == 200
        shown = diary.user(PAUL).get(f"{URL}/{made}").json
        assert (shown["canceled_by"], shown["cancel_reason"]) == (by, "Poste pourvu")


def test_who_came_may_be_put_right(diary: Diary) -> None:
    made = diary.plan()["id"]
    for status in ("completed", "no_show", "completed"):
        assert diary.set_status(made, status).json["status"] == status
    assert diary.row(made)["generation"] == 1
    assert diary.set_status(made, "canceled").status_code == 409


def test_a_reason_is_for_cancellations_only(diary: Diary) -> None:
    made = diary.plan()["id"]
    assert diary.set_status(made, "confirmed", reason="Parce que").json["cancel_reason"] is None
    assert diary.set_status(made, "canceled", reason="x" * 1001).status_code == 422


def test_a_status_that_is_none_is_refused(diary: Diary) -> None:
    made = diary.plan()["id"]
    for status, code in (("lost", 400), ("", 400), ("confirmed\u0000", 422)):
        assert diary.set_status(made, status).status_code == code
    assert "canceled" in detail(diary.set_status(made, "lost"))


def test_a_status_that_the_main_web_app_wrote_since_counts(diary: Diary) -> None:
    made = diary.plan()["id"]
    diary.set_status(made, "no_show")
    diary.app(lambda c: c.execute(b"update interview_schedules set status = 'CONFIRMED'"))
    assert diary.recruiter.get(f"{URL}/{made}").json["status"] == "confirmed"
    diary.app(lambda c: c.execute(b"update interview_schedules set status = 'CANCELED', own_status = null"))
    assert diary.recruiter.get(f"{URL}/{made}").json["status"] == "canceled"


def test_opinions_are_kept_once_the_interview_was_held(diary: Diary) -> None:
    made = diary.plan()["id"]
    assert said(diary, made, notes="Trop tôt").status_code == 409
    diary.set_status(made, "completed")
    answer = said(diary, made, notes="Ponctuel", feedback="Solide\nen SQL", rating=4)
    assert (answer.status_code, answer.json["notes"], answer.json["rating"]) == (200, "Ponctuel", 4)
    changed = said(diary, made, rating=5).json
    assert (changed["notes"], changed["feedback"], changed["rating"]) == ("Ponctuel", "Solide\nen SQL", 5)
    assert said(diary, made, notes=None).json["notes"] is None
    diary.set_status(made, "no_show")
    assert said(diary, made, feedback="Absent, en fait").json["feedback"] == "Absent, en fait"
    assert len(diary.rows("select * from interview_feedback")) == 1


def test_of_a_canceled_interview_nothing_is_said(diary: Diary) -> None:
    made = diary.plan()["id"]
    diary.set_status(made, "canceled")
    assert said(diary, made, notes="Dommage").status_code == 409


def test_opinions_have_bounds(diary: Diary) -> None:
    made = diary.plan()["id"]
    diary.set_status(made, "completed")
    for members in ({"rating": 0}, {"rating": 6}, {"rating": 2.5}, {"notes": "x" * 5001}, {"feedback": 3}):
        assert said(diary, made, **members).status_code == 422


def test_opinions_outlive_their_author(diary: Diary) -> None:
    made = diary.plan(user_id=RECRUITER)["id"]
    diary.set_status(made, "completed")
    diary.user(COLLEAGUE).call("PATCH", f"{URL}/{made}/feedback", json={"notes": "Bien"})
    diary.app(lambda c: c.execute(b"delete from employers where user_id = %s", [COLLEAGUE]))
    diary.app(lambda c: c.execute(b"delete from users where id = %s", [COLLEAGUE]))
    assert diary.recruiter.get(f"{URL}/{made}").json["notes"] == "Bien"


def test_no_reminder_is_promised_whose_time_is_past(diary: Diary) -> None:
    assert diary.plan(day(7))["reminder_at"] == written(day(6))
    soon = diary.plan(datetime.now(UTC) + timedelta(hours=20))
    assert soon["reminder_at"] is None
    assert diary.change(soon["id"], scheduled_at=day(8).isoformat()).json["reminder_at"] == written(day(7))
    assert diary.set_status(soon["id"], "canceled").json["reminder_at"] is None
