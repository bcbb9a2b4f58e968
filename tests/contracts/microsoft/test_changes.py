"""Events are moved, reworded and cancelled; what people do with them in the calendar itself is seen."""

import html
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.contracts.microsoft.conftest import Connect
from tests.contracts.microsoft.support import INTERVIEW, KEY, LATER, MOVE, START, Recruiter, body_of, kinds, only
from tests.factories.emulators import MicrosoftEmulator
from worker.contracts.accounts import NoMailbox
from worker.contracts.calendars import CalendarEvent, Guest
from worker.kit.errors import Retryable, UnknownOutcome


def moved(recruiter: Recruiter, made: CalendarEvent, **more: Any) -> CalendarEvent:
    event = recruiter.update(made.id, LATER, **more)
    assert event is not None
    return event


def rewrite(microsoft: MicrosoftEmulator, recruiter: Recruiter, event_id: str, written: str) -> None:
    """Somebody edits the event's text in Outlook, and leaves what Teams put below it."""
    stands = body_of(only(microsoft))
    block = stands[stands.index("<br><div") : stands.index("</body>")]
    answer = microsoft.session.patch(
        f"{microsoft.graph_url}/me/events/{event_id}",
        json={"body": {"contentType": "html", "content": f"<html><body>{written}{block}</body></html>"}},
        headers={"Authorization": f"Bearer {recruiter.token}", "Prefer": 'IdType="ImmutableId"'},
    )
    answer.raise_for_status()


@pytest.mark.parametrize("body_patch", ["removes", "new_link"])
def test_a_move_keeps_the_link_and_rewords_the_description(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, body_patch: str
) -> None:
    microsoft.faults(body_patch=body_patch)
    made = recruiter.create()
    event = moved(recruiter, made)
    assert (event.id, event.ical_uid, event.meeting_link) == (made.id, made.ical_uid, made.meeting_link)
    assert (event.start, event.end, event.key) == (LATER.start, LATER.end, MOVE)
    content = body_of(only(microsoft))
    assert "Nouvelle heure" in content
    assert "Ligne 1" not in content
    assert str(made.meeting_link) in html.unescape(content)
    assert kinds(microsoft) == ["invitation"] * 2 + ["update"] * 2


def test_a_second_move_still_finds_its_place(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create()
    moved(recruiter, made)
    third = replace(LATER, description="Encore <une> autre")
    event = recruiter.update(made.id, third, key="interview:7:move/2/99")
    assert event is not None
    assert event.meeting_link == made.meeting_link
    content = body_of(only(microsoft))
    assert "Encore &lt;une&gt; autre" in content
    assert "Nouvelle heure" not in content


@pytest.mark.parametrize(
    ("written", "reworded"),
    [
        ("<p>Salle 4, au fond</p>", False),
        ('<div id="intowork-description">Ligne 1<div>et un plan</div></div>', False),
        ('<div id="x_intowork-description" class="elementToProof">Ligne 1</div><p>Salle 4, au fond</p>', True),
    ],
)
def test_what_people_wrote_into_a_meeting_stays_with_its_link(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, written: str, *, reworded: bool
) -> None:
    """Each change is one reading and one writing, whatever is found."""
    made = recruiter.create()
    rewrite(microsoft, recruiter, made.id, written)
    before, read = body_of(only(microsoft)), microsoft.counters().get("events.get", 0)
    event = moved(recruiter, made)
    assert (event.start, event.meeting_link) == (LATER.start, made.meeting_link)
    expected = before.replace("Ligne 1", "Nouvelle heure") if reworded else before
    assert body_of(only(microsoft)) == expected
    assert (microsoft.counters()["events.get"] - read, microsoft.counters()["events.update"]) == (1, 2)


def test_while_the_link_is_awaited_the_description_stays(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    microsoft.faults(join_url_after_gets=9)
    made = recruiter.create()
    event = moved(recruiter, made)
    assert event.link_pending
    assert "Ligne 1" in body_of(only(microsoft))


def test_without_a_meeting_the_description_is_replaced(microsoft: MicrosoftEmulator, connect: Connect) -> None:
    recruiter = connect("personal")
    event = moved(recruiter, recruiter.create())
    assert "Teams" in event.no_link
    assert "Nouvelle heure" in body_of(only(microsoft))


def test_a_meeting_may_be_wished_for_later(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create(replace(INTERVIEW, meeting=False))
    event = moved(recruiter, made)
    assert event.meeting_link == only(microsoft)["link"] is not None


def test_only_guests_who_change_are_named(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create()
    microsoft.behind(made.id, guest="awa@example.org", response="accepted")
    other = replace(LATER, guests=(INTERVIEW.guests[0], Guest("marie@exemple.cm")))
    event = recruiter.update(made.id, other)
    assert event is not None
    assert event.responses == {"awa@example.org": "accepted", "marie@exemple.cm": "none"}
    told = [(mail["kind"], mail["to"]) for mail in microsoft.mails()[2:]]
    assert sorted(told) == [
        ("cancellation", "paul@exemple.cm"),
        ("invitation", "marie@exemple.cm"),
        ("update", "awa@example.org"),
    ]


def test_a_repeated_move_is_told_once(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create()
    microsoft.faults(only="events.update", drop_after=1.0)
    with pytest.raises(UnknownOutcome):
        recruiter.update(made.id, LATER)
    microsoft.faults()
    event = moved(recruiter, made, again=True)
    assert (event.start, event.key) == (LATER.start, MOVE)
    assert kinds(microsoft) == ["invitation"] * 2 + ["update"] * 2


def test_a_repeated_move_still_says_why_there_is_no_link(microsoft: MicrosoftEmulator, connect: Connect) -> None:
    recruiter = connect("personal")
    made = recruiter.create()
    assert moved(recruiter, made).no_link == made.no_link == moved(recruiter, made, again=True).no_link != ""
    assert microsoft.counters()["events.update"] == 1


def test_a_move_that_never_arrived_is_made_at_its_repetition(
    microsoft: MicrosoftEmulator, recruiter: Recruiter
) -> None:
    made = recruiter.create()
    microsoft.faults(only="events.update", drop_before=1.0)
    with pytest.raises(UnknownOutcome):
        recruiter.update(made.id, LATER)
    microsoft.faults()
    assert moved(recruiter, made, again=True).start == LATER.start


def test_an_event_that_changes_meanwhile_is_read_again(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create()
    microsoft.faults(only="events.update", graph_error={"status": 412}, times=2)
    assert moved(recruiter, made).start == LATER.start
    microsoft.faults(only="events.update", graph_error={"status": 412})
    with pytest.raises(Retryable, match="changed meanwhile"):
        recruiter.update(made.id, LATER)


@pytest.mark.parametrize("wish", [{"delete": True}, {"cancel": True}])
def test_what_somebody_took_away_is_gone(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, wish: dict[str, bool]
) -> None:
    made = recruiter.create()
    microsoft.behind(made.id, **wish)
    calls = microsoft.counters()
    assert recruiter.update(made.id, LATER) is None
    read = recruiter.calendar.read(recruiter.token, made.id)
    assert read is None or read.cancelled
    recruiter.cancel(made.id, again=True)
    assert "events.update" not in microsoft.counters()
    assert microsoft.counters()["events.get"] == calls.get("events.get", 0) + 3
    assert kinds(microsoft) == ["invitation"] * 2


def test_what_somebody_moved_is_read_where_it_stands(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create()
    microsoft.behind(made.id, start="2026-12-03T11:00:00Z")
    read = recruiter.calendar.read(recruiter.token, made.id)
    assert read is not None
    assert (read.start, read.end) == (START + timedelta(hours=2), START + timedelta(hours=3))
    assert read.key == KEY
    assert read.etag != made.etag


@pytest.mark.parametrize(
    ("answer", "response"),
    [("accepted", "accepted"), ("declined", "declined"), ("tentativelyAccepted", "tentative"), ("none", "none")],
)
def test_what_guests_answer_is_read(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, answer: str, response: str
) -> None:
    made = recruiter.create()
    microsoft.behind(made.id, guest="awa@example.org", response=answer)
    read = recruiter.calendar.read(recruiter.token, made.id)
    assert read is not None
    assert read.responses == {"awa@example.org": response, "paul@exemple.cm": "none"}


def test_the_reason_of_a_cancellation_reaches_the_guests(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create()
    recruiter.cancel(made.id, "Le poste est pourvu.")
    cancellations = [mail for mail in microsoft.mails() if mail["kind"] == "cancellation"]
    assert {mail["comment"] for mail in cancellations} == {"Le poste est pourvu."}
    assert len(cancellations) == 2
    assert recruiter.calendar.read(recruiter.token, made.id) is None


@pytest.mark.parametrize("again", [False, True])
def test_a_second_cancellation_is_told_to_nobody(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, again: Any
) -> None:
    made = recruiter.create()
    recruiter.cancel(made.id)
    recruiter.cancel(made.id, again=again)
    assert kinds(microsoft).count("cancellation") == 2


def test_a_cancellation_whose_answer_was_lost_is_looked_for(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create()
    microsoft.faults(only="events.cancel", drop_after=1.0)
    with pytest.raises(UnknownOutcome):
        recruiter.cancel(made.id)
    microsoft.faults()
    recruiter.cancel(made.id, again=True)
    assert microsoft.counters()["events.cancel"] == 1
    assert kinds(microsoft).count("cancellation") == 2


def test_a_cancellation_that_never_arrived_is_made_at_its_repetition(
    microsoft: MicrosoftEmulator, recruiter: Recruiter
) -> None:
    made = recruiter.create()
    microsoft.faults(only="events.cancel", drop_before=1.0)
    with pytest.raises(UnknownOutcome):
        recruiter.cancel(made.id)
    microsoft.faults()
    recruiter.cancel(made.id, again=True)
    assert kinds(microsoft).count("cancellation") == 2


def test_what_graph_does_not_cancel_is_deleted(microsoft: MicrosoftEmulator, recruiter: Recruiter) -> None:
    made = recruiter.create()
    microsoft.faults(only="events.cancel", graph_error={"status": 400})
    recruiter.cancel(made.id)
    assert microsoft.events(live=True) == []
    assert kinds(microsoft).count("cancellation") == 2


def test_an_account_without_a_mailbox_proves_nothing_about_an_event(
    microsoft: MicrosoftEmulator, recruiter: Recruiter
) -> None:
    made = recruiter.create()
    microsoft.steer("PUT", "accounts/work", mailbox=False)
    for again in (False, True):
        with pytest.raises(NoMailbox):
            recruiter.cancel(made.id, again=again)
    with pytest.raises(NoMailbox):
        recruiter.update(made.id, LATER)
    with pytest.raises(NoMailbox):
        recruiter.calendar.read(recruiter.token, made.id)
    with pytest.raises(NoMailbox):
        recruiter.create(key="other")
