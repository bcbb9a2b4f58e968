"""A recruiter's interviews as a calendar to subscribe to, read as programs read it: without a login."""

from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar

from tests.factories import main_web_app
from tests.factories.api import Answer
from tests.integration.api.interviews.conftest import (
    ABROAD,
    ADMIN,
    APPLICATION,
    COLLEAGUE,
    FOREIGNER,
    HOMELESS,
    LEAS,
    PAUL,
    RECRUITER,
    URL,
    WITHOUT_PROFILE,
    Diary,
    day,
)
from worker.kit.settings import Settings
from worker.services.interviews import calendar_feeds
from worker.services.interviews.candidate_links import candidate_link
from worker.services.interviews.entries import uid
from worker.services.interviews.feed_links import Grant

FEED = f"{URL}/calendar-feed"


class Reader:
    """A calendar program that was given an address once."""

    def __init__(self, diary: Diary, settings: Settings, user_id: int = RECRUITER) -> None:
        self.diary = diary
        answer = diary.user(user_id).post(FEED)
        assert answer.status_code == 201, answer.text
        self.address: str = answer.json["address"]
        self.path = self.address.removeprefix(settings.platform_url)

    def get(self, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.diary.api.app.test_client().get(self.path, headers=sent)

    def events(self) -> dict[str, Any]:
        """By title."""
        answer = self.get()
        assert answer.status_code == 200, answer.text
        return {str(event["SUMMARY"]): event for event in Calendar.from_ical(answer.data).walk("VEVENT")}


def number_of(diary: Diary, made: dict[str, Any]) -> str:
    return uid(made["id"], diary.row(made["id"])["created_at"], None)


def test_a_feed_tells_each_interview_as_the_mails_do(diary: Diary, settings: Settings) -> None:
    zone = "Africa/Libreville"
    people = [{"user_id": COLLEAGUE, "name": "Rose Mba", "email": "rose.mba@example.org"}]
    moved = diary.plan(day(3), title="Déplacé", timezone=zone, interviewers=people, description="Ligne 1\nLigne 2")
    off = diary.plan(day(4), title="Annulé", application_id=LEAS)
    held = diary.plan(day(5), title="Tenu")
    reader = Reader(diary, settings)
    assert {str(event["STATUS"]) for event in reader.events().values()} == {"CONFIRMED"}
    diary.change(moved["id"], scheduled_at=day(6, 14).isoformat())
    diary.set_status(off["id"], "canceled", reason="Poste pourvu")
    diary.set_status(held["id"], "completed")

    answer = reader.get()
    assert answer.headers["Content-Type"] == "text/calendar; method=PUBLISH; charset=utf-8"
    assert (answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    calendar = Calendar.from_ical(answer.data)
    assert (str(calendar["METHOD"]), str(calendar["X-WR-CALNAME"])) == ("PUBLISH", "Entretiens IntoWork")
    assert calendar.decoded("REFRESH-INTERVAL") == timedelta(hours=1)
    events = reader.events()
    assert events.keys() == {"Déplacé", "Annulé", "Tenu"}
    assert {name: str(event["STATUS"]) for name, event in events.items()} == {
        "Déplacé": "CONFIRMED",
        "Annulé": "CANCELLED",
        "Tenu": "CONFIRMED",
    }
    for name, made in {"Déplacé": moved, "Annulé": off, "Tenu": held}.items():
        row = diary.row(made["id"])
        assert str(events[name]["UID"]) == number_of(diary, made)
        assert events[name].decoded("SEQUENCE") == row["sequence"]
        assert events[name].decoded("DTSTART") == row["scheduled_at"]
        assert events[name].decoded("DTSTART").tzinfo is not None
    assert events["Déplacé"].decoded("SEQUENCE") == 1
    assert events["Déplacé"]["DESCRIPTION"] == "Ligne 1\nLigne 2"
    guests = {str(each) for each in events["Déplacé"]["ATTENDEE"]}
    assert guests == {"mailto:paul.ndong@example.org", "mailto:rose.mba@example.org"}
    diary.recruiter.call("PUT", f"{URL}/settings", json={"hide_guests": True})
    assert "rose.mba@example.org" not in reader.get().text


def test_what_a_program_has_is_not_sent_again(diary: Diary, settings: Settings) -> None:
    made = diary.plan()
    reader = Reader(diary, settings)
    first = reader.get()
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = reader.get(If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert reader.get().data == first.data
    diary.change(made["id"], title="Autre titre")
    changed = reader.get(If_None_Match=first.headers["ETag"])
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]
    assert diary.recruiter.call("DELETE", f"{URL}/{made['id']}").status_code == 204
    assert reader.events() == {}
    assert diary.api.app.test_client().head(reader.path).status_code == 200


def test_only_the_recruiter_s_own_interviews_are_told(diary: Diary, settings: Settings) -> None:
    named = {"user_id": COLLEAGUE, "name": "Rose Mba"}
    diary.plan(day(3), title="À lui")
    diary.plan(day(4), title="À elle, par son numéro", interviewers=[named])
    diary.plan(day(5), title="À elle, par son adresse", interviewers=[{"name": "R", "email": "Rose.Mba@example.org"}])
    diary.plan(day(6), title="Ailleurs", application_id=ABROAD, user_id=FOREIGNER, interviewers=[named])
    diary.rows("update interview_schedules set interviewers = '\"x\"' where title = 'À lui' returning id")
    told = {user_id: set(Reader(diary, settings, user_id).events()) for user_id in (RECRUITER, COLLEAGUE, FOREIGNER)}
    assert told == {
        RECRUITER: {"À lui", "À elle, par son numéro", "À elle, par son adresse"},
        COLLEAGUE: {"À elle, par son numéro", "À elle, par son adresse"},
        FOREIGNER: {"Ailleurs"},
    }


def test_an_address_that_was_given_away_is_replaced_or_withdrawn(diary: Diary, settings: Settings) -> None:
    diary.plan()
    assert diary.recruiter.get(FEED).json == {"address": None, "changed_at": None}
    old = Reader(diary, settings)
    assert diary.recruiter.get(FEED).json["address"] == old.address
    new = Reader(diary, settings)
    assert old.get().status_code == 404
    assert "Entretien" not in old.get().text
    assert len(new.events()) == 1
    for _ in range(2):
        assert diary.recruiter.call("DELETE", FEED).status_code == 204
        assert new.get().status_code == 404
    assert diary.recruiter.get(FEED).json["address"] is None
    newest = Reader(diary, settings)
    assert [each.get().status_code for each in (old, new, newest)] == [404, 404, 200]
    assert len({old.address, new.address, newest.address}) == 3
    kept = diary.rows("select answer::text as answer from task_keys where answer is not null")
    assert not [row for row in kept if "/c/" in row["answer"]]


def test_who_has_no_access_any_more_is_told_nothing(diary: Diary, settings: Settings) -> None:
    """Programs then take away what they had, and get it again with the access."""
    diary.plan(user_id=COLLEAGUE)
    reader = Reader(diary, settings, COLLEAGUE)
    access = {
        "users": {"is_active": ("false", "true"), "role": ("'CANDIDATE'", "'EMPLOYER'")},
        "employers": {"company_id": ("2", "1"), "company_id ": ("null", "1")},
    }
    for table, columns in access.items():
        key = "id" if table == "users" else "user_id"
        for column, (lost, regained) in columns.items():
            assert len(reader.events()) == 1
            diary.rows(f"update {table} set {column} = {lost} where {key} = %s returning id", COLLEAGUE)
            assert reader.events() == {}, (column, lost)
            diary.rows(f"update {table} set {column} = {regained} where {key} = %s returning id", COLLEAGUE)
    diary.rows("delete from employers where user_id = %s returning id", COLLEAGUE)
    assert reader.events() == {}
    assert "example.org" not in reader.get().text
    diary.rows("delete from users where id = %s returning id", COLLEAGUE)
    assert reader.get().status_code == 404


def test_a_feed_has_bounds(diary: Diary, settings: Settings) -> None:
    for number in range(4):
        diary.plan(day(3 + number), title=f"n° {number}")
    reader = Reader(diary, settings)
    now = datetime.now(UTC)
    put = "update interview_schedules set scheduled_at = %s where title = %s returning id"
    for title, start in {"n° 0": now - timedelta(days=91), "n° 1": now + timedelta(days=367)}.items():
        diary.rows(put, start, title)
    assert reader.events().keys() == {"n° 2", "n° 3"}
    diary.rows(put, now - timedelta(hours=1), "n° 0")
    assert reader.events().keys() == {"n° 0", "n° 2", "n° 3"}
    with diary.api.database.transaction() as connection:
        file = calendar_feeds.calendar(connection, Grant(RECRUITER, 1, 1), now=now, sender="x@example.org", most=2)
    assert file is not None
    assert {str(event["SUMMARY"]) for event in Calendar.from_ical(file.content).walk("VEVENT")} == {"n° 2", "n° 3"}


def test_a_feed_is_for_recruiters_of_a_company_and_its_address_cannot_be_guessed(
    diary: Diary, settings: Settings
) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert diary.api.with_token("nonsense").call(method, FEED).status_code == 401
        for user_id in (PAUL, ADMIN, WITHOUT_PROFILE):
            assert diary.user(user_id).call(method, FEED).status_code == 403
    assert diary.user(HOMELESS).post(FEED).status_code == 400
    assert diary.user(HOMELESS).get(FEED).json["address"] is None
    reader = Reader(diary, settings)
    candidates = candidate_link(settings, interview_id=1, address="paul.ndong@example.org") or ""
    client = diary.api.app.test_client()
    for token in (candidates.rpartition("/")[2], "x", "%00", reader.path[3:-5], "a" * 3000):
        answer = client.get(f"/c/{token}.ics")
        assert answer.status_code == 404, token
        assert answer.mimetype == "application/problem+json"
    assert client.post(reader.path).status_code == 405
    guesses = [client.get(f"/c/guess{number}.ics").status_code for number in range(61)]
    assert guesses[-1] == 429
    assert reader.get().status_code == 200
    looks = [reader.get() for _ in range(120)]
    assert (looks[0].status_code, looks[-1].status_code) == (200, 429)
    assert looks[-1].headers["Retry-After"]


def test_rows_of_the_main_web_app_are_told_too(diary: Diary, settings: Settings) -> None:
    diary.app(
        lambda connection: main_web_app.insert_interview(
            connection, APPLICATION, RECRUITER, title="D’ailleurs", interviewers=None, timezone=None
        )
    )
    [event] = Reader(diary, settings).events().values()
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(hours=1)
    assert event.decoded("SEQUENCE") == 0
