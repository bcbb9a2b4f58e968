"""The page behind the link in a candidate's mails: it shows what is so now, and answers for him once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from tests.factories import main_web_app
from tests.factories.api import Answer
from tests.integration.api.interviews.conftest import LEAS, PAUL, RECRUITER, URL, Diary, day
from worker.kit.settings import Settings
from worker.services.email.wording import datetimes
from worker.services.interviews.candidate_links import candidate_link
from worker.services.interviews.entries import uid

LIBREVILLE = "Africa/Libreville"


class Candidate:
    """Somebody with a mail and no login."""

    def __init__(self, diary: Diary, settings: Settings, made: dict[str, Any]) -> None:
        self.diary = diary
        self.made = made
        link = candidate_link(settings, interview_id=made["id"], address=made["candidate_email"])
        assert link is not None
        self.path = link.removeprefix(settings.platform_url)

    def open(self, method: str = "GET", query: str = "", **options: Any) -> Answer:
        return self.diary.api.app.test_client().open(f"{self.path}{query}", method=method, **options)

    def say(self, action: str, start: str | None = None, **form: str) -> Answer:
        data = {"action": action, "start": start or self.made["scheduled_at"], **form}
        return self.open("POST", data=data)

    @property
    def row(self) -> dict[str, Any]:
        return self.diary.row(self.made["id"])


@pytest.fixture
def paul(diary: Diary, settings: Settings) -> Candidate:
    return Candidate(diary, settings, diary.plan(day(7), title="Entretien R&D", timezone=LIBREVILLE))


def told(diary: Diary) -> list[tuple[int, str, str]]:
    rows = diary.rows("select user_id, title, message from notifications order by id")
    return [(row["user_id"], row["title"], row["message"]) for row in rows]


def test_looking_changes_nothing_and_an_answer_counts_once(diary: Diary, paul: Candidate) -> None:
    before = paul.row
    assert paul.open(query="/calendar.ics?action=confirm").status_code == 200
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        answer = paul.open(method, "?action=confirm", data={"action": "decline", "start": paul.made["scheduled_at"]})
        assert answer.status_code == (200 if method in {"GET", "HEAD", "OPTIONS"} else 405)
    assert paul.row == before

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: paul.say("confirm"), range(3)))
    assert [answer.status_code for answer in answers] == [303] * 3
    assert answers[0].headers["Location"] == f"{paul.path}?lang=fr"
    assert (paul.row["label"], paul.row["confirmation_received"]) == ("CONFIRMED", True)
    [(user_id, title, message)] = told(diary)
    assert user_id == RECRUITER
    assert title.startswith("Entretien confirmé : ")
    assert "(Libreville)" in message
    text = paul.open().text
    assert "Vous avez confirmé votre présence." in text
    assert 'value="confirm"' not in text


def test_who_cannot_come_says_why_and_every_side_learns_it(diary: Diary, paul: Candidate) -> None:
    credential = diary.app(
        lambda connection: main_web_app.insert(
            connection,
            "integration_credentials",
            company_id=1,
            user_id=RECRUITER,
            provider="GOOGLE_CALENDAR",
            access_token="x",
        )
    )
    diary.rows(
        "update interview_schedules set credential_id = %s, google_event_id = 'e' where id = %s returning id",
        credential,
        paul.made["id"],
    )
    long = paul.say("decline", reason="x" * 1001)
    assert (long.status_code, "trop long" in long.text, "x" * 1001 in long.text) == (422, True, True)
    assert paul.row["label"] == "SCHEDULED"
    for _ in range(2):
        assert paul.say("decline", reason=" Je suis malade.\r\nPardon. ").status_code == 303
    row = paul.row
    assert (row["label"], row["canceled_by"], row["cancel_reason"]) == (
        "CANCELED",
        "candidate",
        "Je suis malade.\nPardon.",
    )
    [(_, title, message)] = told(diary)
    assert title.startswith("Entretien annulé : ")
    assert message.endswith("Motif : Je suis malade. Pardon.")
    assert [run["task"] for run in diary.rows("select task from task_runs where task like 'interviews.%%event'")] == [
        "interviews.cancel_event"
    ]
    text = paul.open().text
    assert "Je suis malade." in text
    assert "<form" not in text
    assert paul.say("confirm").status_code == 409


def test_an_old_link_shows_what_is_so_now(diary: Diary, paul: Candidate) -> None:
    moved = diary.change(paul.made["id"], scheduled_at=day(9, 14).isoformat()).json
    text = paul.open().text
    place = ZoneInfo(LIBREVILLE)
    before = f"{datetimes.day(day(7), place, 'fr')}, 11:00 (heure de Libreville)"
    today = datetimes.day(paul.row["moved_at"], place, "fr")
    assert f"Déplacé le {today} ; il était prévu le {before}." in text
    assert f"{datetimes.day(day(9), place, 'fr')}, 15:00 (heure de Libreville)</time>" in text
    assert "15:00 (heure de Libreville)" in text
    stale = paul.say("confirm")
    assert stale.status_code == 409
    assert "L’entretien a changé" in stale.text
    assert paul.row["label"] == "RESCHEDULED"
    assert paul.say("confirm", moved["scheduled_at"]).status_code == 303
    diary.set_status(paul.made["id"], "canceled", reason="Le poste est pourvu")
    text = paul.open().text
    assert "Cet entretien est annulé." in text
    assert "Motif : Le poste est pourvu" in text
    assert paul.say("decline", moved["scheduled_at"]).status_code == 409
    assert paul.row["canceled_by"] == "company"


def test_one_of_the_offered_times_is_chosen_by_who_comes_first(diary: Diary, settings: Settings) -> None:
    offered = [day(8, 9), day(8, 11), day(8, 15)]
    body: dict[str, Any] = {"offered_times": [each.isoformat() for each in offered], "timezone": LIBREVILLE}
    paul = Candidate(diary, settings, diary.plan(offered[0], **body))
    lea = Candidate(diary, settings, diary.plan(day(9, 9), application_id=LEAS, **body))
    assert paul.made["offered_times"] == [written(each) for each in offered[1:]]
    assert lea.open().text.count('type="radio"') == 3
    assert paul.say("choose", written(offered[1])).status_code == 303
    row = paul.row
    assert (row["label"], row["confirmation_received"], row["scheduled_at"]) == ("CONFIRMED", True, offered[1])
    assert sorted(row["offered_times"]) == [offered[0], offered[2]]
    [(_, title, message)] = told(diary)
    assert title.startswith("Entretien déplacé : ")
    assert "a choisi" in message
    taken = lea.say("choose", written(offered[1]))
    assert taken.status_code == 409
    assert "vient d’être prise" in taken.text
    assert lea.say("choose", written(day(8, 10))).status_code == 409
    assert lea.row["scheduled_at"] == day(9, 9)
    assert lea.say("choose", written(offered[0])).status_code == 303
    diary.change(lea.made["id"], scheduled_at=day(10).isoformat())
    assert lea.row["offered_times"] == []
    assert "Choisir une autre heure" not in lea.open().text


def test_two_who_choose_one_time_at_once(diary: Diary, settings: Settings) -> None:
    wanted = day(8, 11)
    people = [
        Candidate(diary, settings, diary.plan(day(9, 9 + n), application_id=n, offered_times=[wanted.isoformat()]))
        for n in (1, 2)
    ]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda each: each.say("choose", written(wanted)).status_code, people))
    assert sorted(answers) == [303, 409]
    assert len(diary.rows("select 1 from interview_schedules where scheduled_at = %s", wanted)) == 1


def test_offered_times_have_bounds(diary: Diary) -> None:
    made = diary.plan(day(7))
    past, many = [day(-1).isoformat()], [day(8, 8, n).isoformat() for n in range(11)]
    for wrong in (past, many, ["tomorrow"], None):
        assert diary.change(made["id"], offered_times=wrong).status_code == 422, wrong
    kept = diary.change(made["id"], offered_times=[day(8).isoformat(), day(8).isoformat(), day(7).isoformat()]).json
    assert kept["offered_times"] == [written(day(8))]
    assert diary.row(made["id"])["generation"] == 1


def test_a_link_opens_one_interview_for_one_address(diary: Diary, settings: Settings, paul: Candidate) -> None:
    paths = ["/i/x", "/i/x.y", f"{paul.path}A", f"/u/{paul.path.rpartition('/')[2]}", f"/i/{'a' * 5000}"]
    other = candidate_link(settings, interview_id=paul.made["id"], address="other@example.org")
    gone = candidate_link(settings, interview_id=999, address=paul.made["candidate_email"])
    client = diary.api.app.test_client()
    for path in [*paths, *(str(each).removeprefix(settings.platform_url) for each in (other, gone))]:
        for method in ("GET", "POST"):
            answer = client.open(path, method=method, data={"action": "confirm", "start": paul.made["scheduled_at"]})
            assert answer.status_code in (404, 414), path
            assert "R&amp;D" not in answer.text
    assert diary.change(paul.made["id"], candidate_email="paul.new@example.org").status_code == 200
    assert paul.open().status_code == 404
    assert paul.row["label"] == "SCHEDULED"


@pytest.mark.parametrize("hours", [20, 30])
def test_a_reminder_is_promised_only_where_one_will_come(diary: Diary, settings: Settings, hours: int) -> None:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)
    text = Candidate(diary, settings, diary.plan(start, timezone=LIBREVILLE)).open().text
    moments = [start] if hours < 24 else [start, start - timedelta(hours=24)]
    assert set(re.findall(r"\w+ \d+(?:er)? \w+ 20\d\d", text)) == {
        datetimes.day(each, ZoneInfo(LIBREVILLE), "fr") for each in moments
    }
    assert ("Un rappel vous sera envoyé" in text) is (hours > 24)
    assert ("aucun autre rappel" in text) is (hours < 24)


def test_times_are_those_of_the_interview_s_place(diary: Diary, settings: Settings) -> None:
    local = datetime.now(ZoneInfo(LIBREVILLE)).replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=3)
    made = diary.plan(
        local,
        timezone=LIBREVILLE,
        kind="on_site",
        location="Tour A <b>",
        meeting_link="https://meet.example/x?p=1&q=2",
        interviewers=[{"name": "Marie", "email": "marie@example.org"}],
        description="Ligne 1\n<script>alert(1)</script>",
    )
    candidate = Candidate(diary, settings, made)
    french, english = candidate.open().text, candidate.open(query="?lang=en").text
    assert "15:00 (heure de Libreville)" in french
    assert "3:00 PM (Libreville time)" in english.replace("\u202f", " ")
    for text in (french, english):
        assert "UTC" not in text
        assert "marie@example.org" not in text
        assert "<script" not in text
        assert "Tour A &lt;b&gt;" in text
        assert 'href="https://meet.example/x?p=1&amp;q=2"' in text
    assert "Rejoindre sur meet.example</a>" in french
    for link in ("javascript:alert(1)", "https://[", "https://"):
        diary.rows("update interview_schedules set meeting_link = %s where id = %s returning id", link, made["id"])
        assert "Visioconférence" not in candidate.open().text


def test_the_calendar_file_is_the_entry_of_the_mails(diary: Diary, settings: Settings, paul: Candidate) -> None:
    diary.change(paul.made["id"], interviewers=[{"name": "Marie", "email": "marie@example.org"}], location="Tour A")
    answer = paul.open(query="/calendar.ics")
    assert f'href="{paul.path}/calendar.ics"' in paul.open().text
    assert answer.headers["Content-Type"] == "text/calendar; method=PUBLISH; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="entretien.ics"'
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    calendar = Calendar.from_ical(answer.data)
    [event] = calendar.walk("VEVENT")
    row = paul.row
    assert (str(calendar["METHOD"]), str(event["STATUS"])) == ("PUBLISH", "CONFIRMED")
    assert str(event["UID"]) == uid(row["id"], row["created_at"], None)
    assert (event.decoded("DTSTART"), event.decoded("SEQUENCE"), row["sequence"]) == (day(7), 1, 1)
    assert str(event["ATTENDEE"]) == "mailto:paul.ndong@example.org"
    assert "marie@example.org" not in answer.text
    diary.rows("update interview_schedules set ical_uid = 'x@google.com' where id = %s returning id", row["id"])
    diary.set_status(row["id"], "canceled")
    [event] = Calendar.from_ical(paul.open(query="/calendar.ics").data).walk("VEVENT")
    assert (str(event["UID"]), str(event["STATUS"])) == ("x@google.com", "CANCELLED")
    assert event.decoded("SEQUENCE") == 2
    assert "calendar.ics" not in paul.open().text
    stranger = candidate_link(settings, interview_id=row["id"], address="other@example.org") or ""
    for path in ("/i/x", stranger.removeprefix(settings.platform_url)):
        assert diary.api.app.test_client().get(f"{path}/calendar.ics").status_code == 404


def test_what_makes_no_sense_or_comes_too_often_is_refused(diary: Diary, paul: Candidate) -> None:
    for form in ({}, {"action": "confirm"}, {"action": "x", "start": paul.made["scheduled_at"]}, {"start": "٣"}):
        assert paul.open("POST", data=form).status_code == 422
    assert paul.open("POST", data={"action": "confirm", "start": "2027-01-01T10:00:00"}).status_code == 422
    assert paul.open("POST", data={"reason": "x" * 20_000}).status_code == 413
    answers = [paul.say("confirm", written(day(20))).status_code for _ in range(21)]
    assert answers == [409] * 20 + [429]
    guesses = [diary.api.app.test_client().get(f"/i/guess{number}").status_code for number in range(61)]
    assert guesses[-1] == 429
    headers = paul.open().headers
    assert (headers["Referrer-Policy"], headers["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert headers["Cache-Control"] == "no-store"


def test_a_signed_in_candidate_s_answer_reaches_the_recruiter_too(diary: Diary, paul: Candidate) -> None:
    assert diary.set_status(paul.made["id"], "confirmed", PAUL).status_code == 200
    assert diary.user(PAUL).get(f"{URL}/{paul.made['id']}").json["confirmation_received"] is True
    assert ["Le candidat a confirmé" in message for _, _, message in told(diary)] == [True]


def written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def test_who_comes_to_what_the_company_confirmed_says_so_once(diary: Diary, paul: Candidate) -> None:
    """Of colleagues whose address stands for their name the page says nothing."""
    diary.rows(
        """update interview_schedules set status = 'CONFIRMED',
                  interviewers = '[{"name": "jean@exemple.cm"}, {"name": "Jean"}, {"name": {"a": 1}}]' returning id"""
    )
    text = paul.open().text
    assert ("exemple.cm" in text, "Jean" in text, 'value="confirm"' in text) == (False, True, True)
    for _ in range(2):
        assert paul.say("confirm").status_code == 303
    assert (paul.row["label"], paul.row["confirmation_received"]) == ("CONFIRMED", True)
    assert len(told(diary)) == 1
