"""Interviews become events: made once, and read as they stand."""

import time
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.microsoft.conftest import Connect, MakeCalendar
from tests.contracts.microsoft.support import INTERVIEW, KEY, LATER, MOVE, SHORT, Recruiter, body_of, kinds, only
from tests.factories.emulators import MicrosoftEmulator
from worker.kit.errors import NotSent, UnknownOutcome
from worker.providers.microsoft.payloads import KEY_PROPERTY


def test_an_interview_becomes_an_event(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create()
    stands = only(microsoft)["event"]
    assert (made.id, made.ical_uid, made.key) == (stands["id"], stands["iCalUId"], KEY)
    assert (made.start, made.end) == (INTERVIEW.start, INTERVIEW.end)
    assert made.address == stands["webLink"]
    assert stands["subject"] == INTERVIEW.title
    assert (stands["isReminderOn"], stands["reminderMinutesBeforeStart"]) == (True, 30)
    assert stands["start"] == {"dateTime": "2026-12-03T09:00:00.0000000", "timeZone": "UTC"}
    assert stands["singleValueExtendedProperties"] == [{"id": KEY_PROPERTY, "value": KEY}]
    assert set(made.responses.values()) == {"none"}
    assert made.organiser_response == "accepted"


def test_a_description_shows_its_lines_and_no_tag(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    recruiter.create(replace(INTERVIEW, meeting=False))
    assert "Ligne 1<br>&lt;b&gt;x&lt;/b&gt; &amp; y</div>" in body_of(only(microsoft))


def test_guests_are_invited_and_see_nobody_else(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    recruiter.create()
    mails = microsoft.mails()
    assert sorted(mail["to"] for mail in mails) == ["awa@example.org", "paul@exemple.cm"]
    assert {mail["to"]: mail["guests"] for mail in mails} == {mail["to"]: [mail["to"]] for mail in mails}
    assert only(microsoft)["event"]["hideAttendees"] is True


@pytest.mark.parametrize("form", ["short", "long"])
def test_a_link_is_kept_as_it_is(microsoft: MicrosoftEmulator, recruiter: Recruiter, form: str) -> None:
    microsoft.faults(join_url=form)
    made = recruiter.create()
    assert made.meeting_link == only(microsoft)["link"]
    assert made.meeting_link is not None
    assert "?" in made.meeting_link
    assert (made.link_pending, made.no_link) == (False, "")


def test_a_link_that_comes_late_is_there_at_a_later_look(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    microsoft.faults(join_url_after_gets=2)
    made = recruiter.create()
    assert (made.meeting_link, made.link_pending, made.no_link) == (None, True, "")
    looks = [recruiter.calendar.read(recruiter.token, made.id) for _ in range(2)]
    assert [look.link_pending for look in looks if look] == [True, False]
    assert looks[1] is not None
    assert looks[1].meeting_link == only(microsoft)["link"]


def test_without_teams_the_event_is_made_and_says_why_it_has_no_link(
    microsoft: MicrosoftEmulator, connect: Connect
) -> None:
    made = connect("personal").create()
    assert (made.meeting_link, made.link_pending) == (None, False)
    assert "Teams" in made.no_link
    assert only(microsoft)["event"]["isOnlineMeeting"] is False


def test_a_meeting_that_was_not_wished_has_no_link_and_needs_no_reason(
    microsoft: MicrosoftEmulator, recruiter: Recruiter
) -> None:
    made = recruiter.create(replace(INTERVIEW, meeting=False))
    assert (made.meeting_link, made.link_pending, made.no_link) == (None, False, "")
    assert microsoft.counters()["calendar.get"] == 1


def test_an_event_is_found_wherever_its_owner_files_it(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create()
    assert microsoft.behind(made.id, move_item=True)["id"] == made.id
    assert recruiter.calendar.read(recruiter.token, made.id) is not None


@pytest.mark.parametrize("replay_refused", [False, True])
@pytest.mark.parametrize("names_event", [True, False])
@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("again", [False, True])
def test_a_repetition_finds_what_the_first_call_made(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, replay_refused: Any, names_event: Any, status: int, again: Any
) -> None:
    microsoft.faults(
        replay_refused=replay_refused, duplicate_names_event=names_event, duplicate_status=status, found_after=1
    )
    made = recruiter.create()
    repeated = recruiter.create(again=again)
    assert (repeated.id, repeated.ical_uid, repeated.meeting_link) == (made.id, made.ical_uid, made.meeting_link)
    assert repeated.key == KEY
    assert kinds(microsoft) == ["invitation", "invitation"]
    assert len(microsoft.events()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"drop_after": 1.0},
        {"drop_before": 1.0},
        {"error_5xx_after": 1.0},
        {"error_5xx": 1.0, "error_status": 500},
        {"html_200": 1.0},
        {"slow_after_seconds": 3.0},
    ],
)
def test_a_lost_answer_is_unknown_and_its_repetition_makes_one_event(
    microsoft: MicrosoftEmulator, connect: Connect, make_calendar: MakeCalendar, fault: dict[str, Any]
) -> None:
    recruiter = connect(calendar=make_calendar())
    hasty = replace(recruiter, calendar=make_calendar(limits=SHORT)) if "slow_after_seconds" in fault else recruiter
    microsoft.faults(only="events.create", **fault)
    with pytest.raises(UnknownOutcome):
        hasty.create()
    microsoft.faults()
    made = recruiter.create(again=True)
    assert only(microsoft)["id"] == made.id
    assert kinds(microsoft) == ["invitation", "invitation"]
    posted = [entry for entry in microsoft.journal() if entry["path"].endswith("/me/events") and entry["bytes"]]
    assert len({entry["sha256"] for entry in posted}) <= 1


def test_an_event_that_is_not_found_yet_is_awaited_and_else_unknown(
    microsoft: MicrosoftEmulator, recruiter: Recruiter
) -> None:
    microsoft.faults(replay_refused=True, duplicate_names_event=False, found_after=6)
    recruiter.create()
    with pytest.raises(UnknownOutcome, match="does not find it"):
        recruiter.create(again=True)
    assert recruiter.create(again=True).id == only(microsoft)["id"]


def test_an_adoption_that_fails_proves_nothing(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    microsoft.faults(replay_refused=True)
    recruiter.create()
    microsoft.faults(replay_refused=True, only="events.get", graph_error={"status": 401})
    with pytest.raises(UnknownOutcome):
        recruiter.create()


def test_an_event_that_somebody_deleted_before_the_repetition_is_told_as_cancelled(
    microsoft: MicrosoftEmulator, recruiter: Recruiter
) -> None:
    microsoft.faults(transaction_survives_deletion=True)
    made = recruiter.create()
    microsoft.behind(made.id, delete=True)
    found = recruiter.create(again=True)
    assert (found.id, found.cancelled, found.start, found.end) == (made.id, True, INTERVIEW.start, INTERVIEW.end)
    assert microsoft.events(live=True) == []


def test_another_key_makes_another_event(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    assert recruiter.create().id != recruiter.create(key="interview:7:create/2/99").id
    assert len(microsoft.events(live=True)) == 2


def test_nothing_leaves_after_its_deadline(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    with pytest.raises(NotSent):
        recruiter.create(seconds=-1.0)
    made = recruiter.create()
    body = recruiter.calendar.change(LATER, MOVE)
    before = time.monotonic() - 1
    with pytest.raises(NotSent):
        recruiter.calendar.update(recruiter.token, made.id, body, key=MOVE, again=False, deadline=before)
    with pytest.raises(NotSent):
        recruiter.calendar.cancel(recruiter.token, made.id, "", again=False, deadline=before)
    assert kinds(microsoft) == ["invitation", "invitation"]
