"""Interviews are planned, moved, reworded, listed and deleted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

from tests.factories import main_web_app
from tests.factories.api import Api
from tests.integration.api.interviews.conftest import (
    ABROAD,
    APPLICATION,
    COLLEAGUE,
    FOREIGNER,
    LEAS,
    PAUL,
    RECRUITER,
    URL,
    Diary,
    day,
    detail,
    written,
)

DEFAULTS = {
    "application_id": APPLICATION,
    "created_by_user_id": RECRUITER,
    "title": "Entretien",
    "description": None,
    "location": None,
    "meeting_link": None,
    "duration_minutes": 60,
    "timezone": "Europe/Paris",
    "interviewers": None,
    "candidate_email": "paul.ndong@example.org",
    "status": "scheduled",
    "google_event_id": None,
    "outlook_event_id": None,
    "reminder_sent": False,
    "confirmation_received": False,
    "kind": None,
    "round": None,
    "calendar": "none",
    "warnings": [],
}


def test_what_is_left_out_is_the_default_and_written_for_the_main_web_app(diary: Diary) -> None:
    made = diary.plan(day(7))
    assert {name: made[name] for name in DEFAULTS} == DEFAULTS
    assert made["scheduled_at"] == written(day(7))
    row = diary.row(made["id"])
    written_out = ("duration_minutes", "timezone", "reminder_sent", "confirmation_received", "created_at", "updated_at")
    assert [name for name in written_out if row[name] is None] == []
    assert (row["generation"], row["event_generation"]) == (1, None)


def test_everything_that_is_said_is_kept(diary: Diary) -> None:
    said: dict[str, Any] = {
        "title": "Second tour",
        "description": "Ligne 1\n<b>x</b> & y",
        "location": "Immeuble Rénovation, Libreville",
        "meeting_link": "https://meet.example.org/abc?p=1",
        "duration_minutes": 45,
        "timezone": "Africa/Libreville",
        "interviewers": [{"user_id": COLLEAGUE, "name": "Rose Mba", "email": "rose.mba@example.org"}],
        "candidate_email": "paul@ailleurs.example",
        "kind": "on_site",
        "round": 2,
    }
    made = diary.plan(**said, organiser_timezone="Europe/Paris")
    assert {name: made[name] for name in said} == said
    assert diary.row(made["id"])["organiser_timezone"] == "Europe/Paris"
    assert diary.recruiter.get(f"{URL}/{made['id']}").json == {
        name: value for name, value in made.items() if name != "warnings"
    }


WORDS: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"kind": "ON-SITE"}, {"kind": "on_site"}),
    ({"kind": "onsite"}, {"kind": "on_site"}),
    ({"kind": "Phone"}, {"kind": "phone"}),
    ({"calendar": "AUTO"}, {"calendar": "none"}),
    ({"calendar": "None"}, {"calendar": "none"}),
    ({"location": "  ", "kind": "", "candidate_email": ""}, {"location": None, "kind": None}),
    ({"candidate_email": " Paul@Ailleurs.Example "}, {"candidate_email": "paul@ailleurs.example"}),
    ({"unknown": [1], "status": "completed"}, {"status": "scheduled"}),
    ({"interviewers": [{"name": "Rose", "salary": 3}]}, {"interviewers": [{"name": "Rose"}]}),
)


def test_words_are_taken_in_any_form(diary: Diary) -> None:
    for number, (members, expected) in enumerate(WORDS):
        made = diary.plan(day(10 + number), **members)
        assert {name: made[name] for name in expected} == expected


NONSENSE: tuple[dict[str, Any], ...] = (
    {"title": " "},
    {"title": "x" * 501},
    {"duration_minutes": 14},
    {"duration_minutes": 481},
    {"timezone": "Paris"},
    {"organiser_timezone": "Paris"},
    {"timezone": "x" * 101},
    {"candidate_email": "nobody"},
    {"meeting_link": "javascript:alert(1)"},
    {"interviewers": [{"name": "x"}] * 21},
    {"interviewers": [{"email": "nobody"}]},
    {"interviewers": {}},
    {"kind": "carrier pigeon"},
    {"round": 0},
    {"calendar": "yahoo"},
    {"scheduled_at": "tomorrow"},
    {"scheduled_at": None},
    {"application_id": "one"},
)


def test_what_cannot_be_meant_is_refused(diary: Diary) -> None:
    for members in NONSENSE:
        answer = diary.recruiter.post(URL, {**diary.body(), **members})
        assert answer.status_code == 422, members
        assert next(iter(members)) in detail(answer)
    assert diary.rows("select id from interview_schedules") == []


def test_a_time_without_offset_is_local_to_the_zone_that_is_sent(diary: Diary) -> None:
    local = day(7, 15).replace(tzinfo=None).isoformat()
    there = diary.plan(scheduled_at=local, timezone="Africa/Libreville")
    assert (there["scheduled_at"], there["timezone"]) == (written(day(7, 14)), "Africa/Libreville")
    utc = diary.plan(scheduled_at=day(8, 15).replace(tzinfo=None).isoformat())
    assert (utc["scheduled_at"], utc["timezone"]) == (written(day(8, 15)), "Europe/Paris")


def test_what_is_past_or_beyond_all_plans_is_refused(diary: Diary) -> None:
    made = diary.plan()
    for start in ("2020-01-01T10:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        planning = diary.recruiter.post(URL, {**diary.body(), "scheduled_at": start})
        for answer in (planning, diary.change(made["id"], scheduled_at=start)):
            assert answer.status_code == 422
            assert "scheduled_at" in detail(answer)


def test_an_hour_that_does_not_exist_is_refused_and_of_two_the_first_is_taken(diary: Diary) -> None:
    paris: dict[str, Any] = {"timezone": "Europe/Paris"}
    answer = diary.recruiter.post(URL, diary.body(scheduled_at="2028-03-26T02:30:00", **paris))
    assert answer.status_code == 422
    assert "n’existe pas" in detail(answer)
    made = diary.plan(scheduled_at="2028-10-29T02:30:00", **paris)
    assert made["scheduled_at"] == "2028-10-29T00:30:00Z"
    assert [each["code"] for each in made["warnings"]] == ["ambiguous_time"]


def test_an_application_must_be_there_and_of_the_company(diary: Diary) -> None:
    for identifier, status, sentence in (
        (999, 404, "Candidature introuvable"),
        (2**31, 404, "Candidature introuvable"),
        (ABROAD, 403, "Vous n’avez pas accès à cette candidature."),
    ):
        answer = diary.recruiter.post(URL, diary.body(application_id=identifier))
        assert (answer.status_code, detail(answer)) == (status, sentence)


def test_a_candidate_without_address_needs_one(diary: Diary) -> None:
    diary.app(lambda connection: connection.execute(b"update users set email = '' where id = 2"))
    answer = diary.recruiter.post(URL, diary.body())
    assert answer.status_code == 400
    assert "candidate_email" in detail(answer)
    assert diary.plan(candidate_email="paul@ailleurs.example")["candidate_email"] == "paul@ailleurs.example"


def test_the_same_application_and_start_make_one_interview(diary: Diary) -> None:
    body = diary.body(title="Une fois")
    with ThreadPoolExecutor(4) as pool:
        api = diary.recruiter
        answers = list(pool.map(lambda _: Api(*vars(api).values()).post(URL, body), range(4)))
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 201]
    assert len({each.json["id"] for each in answers}) == 1
    repeated = next(each.json for each in answers if each.status_code == 200)
    assert (repeated["warnings"][0]["code"], repeated["warnings"][0]["interview_id"]) == (
        "already_planned",
        repeated["id"],
    )
    assert len(diary.rows("select id from interview_schedules")) == 1
    assert diary.row(repeated["id"])["generation"] == 1
    diary.set_status(repeated["id"], "canceled")
    assert diary.plan(title="Encore")["id"] != repeated["id"]


def test_the_main_web_app_may_write_two_of_one_start(diary: Diary) -> None:
    """It plans without our columns, and no index of ours stops it."""
    for _ in range(2):
        diary.app(lambda c: main_web_app.insert_interview(c, APPLICATION, RECRUITER, scheduled_at=day(7)))
    assert diary.recruiter.get(URL).json["total"] == 2


def test_rows_of_the_main_web_app_read_as_their_defaults(diary: Diary) -> None:
    made = diary.app(lambda c: main_web_app.insert_interview(c, APPLICATION, RECRUITER, interviewers={"odd": 1}))
    shown = diary.recruiter.get(f"{URL}/{made}").json
    expected = {**DEFAULTS, "candidate_email": "candidat@example.org", "calendar": None}
    assert {name: shown[name] for name in expected if name != "warnings"} == {
        name: value for name, value in expected.items() if name != "warnings"
    }


def test_what_is_left_out_of_a_change_stays(diary: Diary) -> None:
    made = diary.plan(location="Libreville", round=1)
    for method in ("PUT", "PATCH"):
        answer = diary.recruiter.call(method, f"{URL}/{made['id']}", json={"title": method, "round": None})
        assert answer.status_code == 200
        expected = {**made, "title": method, "round": None, "updated_at": answer.json["updated_at"]}
        assert answer.json == expected
        assert answer.json["updated_at"] > made["updated_at"]
    assert diary.change(made["id"], title=None).status_code == 422


def test_a_move_asks_for_the_candidates_word_anew(diary: Diary) -> None:
    made = diary.plan(day(7))
    assert diary.set_status(made["id"], "confirmed", PAUL).json["confirmation_received"] is True
    diary.app(lambda c: c.execute(b"update interview_schedules set reminder_sent = true"))
    moved = diary.change(made["id"], scheduled_at=day(8).isoformat()).json
    assert (moved["status"], moved["scheduled_at"], moved["moved_from"]) == (
        "rescheduled",
        written(day(8)),
        written(day(7)),
    )
    assert (moved["confirmation_received"], moved["reminder_sent"]) == (False, False)
    again = diary.change(made["id"], scheduled_at=day(9).isoformat()).json
    assert (again["status"], again["moved_from"]) == ("rescheduled", written(day(8)))


def test_the_generation_rises_with_what_guests_are_to_hear_of(diary: Diary) -> None:
    made = diary.plan(day(7))["id"]

    def generation() -> Any:
        return diary.row(made)["generation"]

    seen = [generation()]
    for change in (
        {"title": "Entretien"},
        {"title": "Autre"},
        {"round": 3, "kind": "phone"},
        {"scheduled_at": day(7).isoformat()},
        {"scheduled_at": day(8).isoformat(), "duration_minutes": 30},
    ):
        assert diary.change(made, **change).status_code == 200
        seen.append(generation())
    for status in ("confirmed", "canceled"):
        assert diary.set_status(made, status).status_code == 200
        seen.append(generation())
    assert seen == [1, 1, 2, 2, 2, 3, 3, 4]


def test_a_move_to_another_live_start_of_the_application_is_refused(diary: Diary) -> None:
    first, second = diary.plan(day(7)), diary.plan(day(8))
    answer = diary.change(second["id"], scheduled_at=day(7).isoformat())
    assert answer.status_code == 409
    assert str(first["id"]) in detail(answer)
    assert diary.change(second["id"], scheduled_at=day(8).isoformat()).status_code == 200


def test_an_interview_that_ended_is_not_changed(diary: Diary) -> None:
    for number, status in enumerate(("canceled", "completed", "no_show")):
        made = diary.plan(day(10 + number))["id"]
        assert diary.set_status(made, status).status_code == 200
        answer = diary.change(made, title="Trop tard")
        assert answer.status_code == 409
        assert status in detail(answer)


def test_a_past_interview_may_be_reworded_with_its_start(diary: Diary) -> None:
    past = day(-2)
    made = diary.app(lambda c: main_web_app.insert_interview(c, APPLICATION, RECRUITER, scheduled_at=past))
    answer = diary.change(made, title="Hier", scheduled_at=past.isoformat())
    assert (answer.status_code, answer.json["status"], answer.json["title"]) == (200, "scheduled", "Hier")


def test_overlaps_are_warned_of_and_saved(diary: Diary) -> None:
    first = diary.plan(day(7, 10))
    same_recruiter = diary.plan(day(7, 10, 30), application_id=LEAS)
    assert [(each["code"], each["interview_id"]) for each in same_recruiter["warnings"]] == [
        ("recruiter_busy", first["id"])
    ]
    same_candidate = diary.plan(day(7, 10, 59), user_id=COLLEAGUE)
    assert [(each["code"], each["interview_id"]) for each in same_candidate["warnings"]] == [
        ("candidate_busy", first["id"])
    ]
    named = diary.plan(
        day(7, 11, 45), application_id=LEAS, interviewers=[{"user_id": COLLEAGUE, "name": "Rose"}], duration_minutes=15
    )
    assert [(each["code"], each["interview_id"]) for each in named["warnings"]] == [
        ("recruiter_busy", same_candidate["id"])
    ]


def test_an_interview_never_meets_its_own_old_place_nor_what_only_touches_or_ended(diary: Diary) -> None:
    made = diary.plan(day(7, 10))
    assert diary.change(made["id"], scheduled_at=day(7, 10, 30).isoformat()).json["warnings"] == []
    ended = diary.plan(day(9, 10), application_id=LEAS)
    diary.set_status(ended["id"], "canceled")
    assert diary.change(made["id"], scheduled_at=day(9, 10).isoformat()).json["warnings"] == []
    assert diary.plan(day(9, 11), application_id=LEAS)["warnings"] == []
    assert diary.plan(day(9, 9), application_id=LEAS)["warnings"] == []


def test_of_another_companys_interview_nobody_learns_more_than_that_there_is_no_time(diary: Diary) -> None:
    diary.plan(day(7), application_id=ABROAD, user_id=FOREIGNER, title="Secret")
    made = diary.plan(day(7))
    [warning] = made["warnings"]
    assert (warning["code"], warning["interview_id"]) == ("candidate_busy", None)
    assert "entretien" not in warning["message"].lower()
    english = diary.recruiter.post(f"{URL}?lang=en", diary.body(day(7, 10, 15))).json["warnings"]
    assert {each["message"] for each in english} == {
        "The candidate is not free at this time.",
        "One of the recruiters has another interview at this time.",
    }


def test_lists_are_paged_and_filtered_in_both_vocabularies(diary: Diary) -> None:
    made = [diary.plan(day(number))["id"] for number in range(1, 6)]
    for interview_id, status in zip(made, ("canceled", "no_show", "completed", "confirmed"), strict=False):
        assert diary.set_status(interview_id, status).status_code == 200

    def listed(query: str) -> list[int]:
        return [each["id"] for each in diary.recruiter.get(f"{URL}{query}").json["interviews"]]

    assert listed("") == made[::-1]
    assert listed("?page=2&limit=2") == [made[2], made[1]]
    assert diary.recruiter.get(f"{URL}?page=2&limit=2").json["total_pages"] == 3
    assert listed("?page=2147483647&limit=50") == []
    assert listed("?status=canceled") == listed("?status=CANCELLED") == [made[0]]
    assert listed("?status=no-show") == [made[1]]
    assert listed("?status=scheduled") == [made[4]]
    assert diary.recruiter.get(f"{URL}?status=lost").status_code == 400
    for query in ("?page=0", "?limit=51", "?limit=x"):
        assert diary.recruiter.get(f"{URL}{query}").status_code == 422


def test_a_deleted_interview_is_gone_with_what_was_said(diary: Diary) -> None:
    made = diary.plan()["id"]
    diary.set_status(made, "completed")
    diary.recruiter.call("PATCH", f"{URL}/{made}/feedback", json={"rating": 5})
    answer = diary.recruiter.call("DELETE", f"{URL}/{made}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert diary.recruiter.get(f"{URL}/{made}").status_code == 404
    assert diary.rows("select * from interview_feedback") == []


CALENDARS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    ((), "auto", "none"),
    (("GOOGLE_CALENDAR", "OUTLOOK_CALENDAR"), "auto", "google"),
    (("OUTLOOK_CALENDAR",), "auto", "outlook"),
    (("GOOGLE_CALENDAR", "OUTLOOK_CALENDAR"), "outlook", "outlook"),
    (("GOOGLE_CALENDAR",), "none", "none"),
    (("GOOGLE_CALENDAR",), "google", "google"),
    (("LINKEDIN",), "auto", "none"),
)


def test_the_calendar_is_a_connected_one(diary: Diary) -> None:
    account = "select provider::text as provider from integration_credentials where id = %s"
    for number, (connected, calendar, expected) in enumerate(CALENDARS):
        diary.app(lambda c: c.execute(b"delete from integration_credentials"))
        for provider in connected:
            diary.app(partial(main_web_app.insert_credential, provider=provider, is_active=True))
        made = diary.plan(day(10 + number), calendar=calendar, create_meet_link=True)
        row = diary.row(made["id"])
        known = [each["provider"] for each in diary.rows(account, row["credential_id"])]
        assert made["calendar"] == expected
        assert known == ([f"{expected.upper()}_CALENDAR"] if expected != "none" else [])
        assert row["meeting_wanted"] is True


def test_a_calendar_that_nobody_connected_is_refused(diary: Diary) -> None:
    diary.app(lambda c: main_web_app.insert_credential(c, "GOOGLE_CALENDAR", is_active=False))
    for calendar in ("google", "outlook"):
        answer = diary.recruiter.post(URL, diary.body(calendar=calendar))
        assert (answer.status_code, diary.rows("select id from interview_schedules")) == (400, [])
        assert "n’est pas connecté" in detail(answer)
    assert diary.plan(calendar="auto")["calendar"] == "none"


def test_an_account_that_is_gone_leaves_the_interview(diary: Diary) -> None:
    account = diary.app(lambda c: main_web_app.insert_credential(c, "GOOGLE_CALENDAR", is_active=True))
    made = diary.plan(calendar="google")["id"]
    diary.app(lambda c: c.execute(b"delete from integration_credentials where id = %s", [account]))
    assert (diary.row(made)["credential_id"], diary.row(made)["calendar"]) == (None, "google")


def test_a_move_by_minutes_is_a_move(diary: Diary) -> None:
    made = diary.plan(day(7))
    moved = diary.change(made["id"], scheduled_at=(day(7) + timedelta(minutes=5)).isoformat()).json
    assert moved["status"] == "rescheduled"
