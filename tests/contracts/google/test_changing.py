"""Events that are moved, reworded, cancelled and read, by us and by others."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contracts.google.conftest import AWA, HOST, MOVE, START, MakeRecruiter, Recruiter
from tests.factories.emulators import GoogleEmulator
from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.calendars import Guest
from worker.kit.errors import NotSent, Permanent, RateLimited, Refused, Retryable, RunError, UnknownOutcome
from worker.providers.google.payloads import NO_LINK_ALLOWED

LATER = START + timedelta(hours=2)
MOVED: dict[str, Any] = {"start": LATER, "end": LATER + timedelta(hours=1)}
PAUL = "paul@exemple.cm"


def kinds(google: GoogleEmulator) -> list[tuple[str, str]]:
    return [(mail["kind"], mail["to"]) for mail in google.mails()]


def test_a_move_keeps_the_link_and_tells_the_guests_once(recruiter: Recruiter, google: GoogleEmulator) -> None:
    before = recruiter.create()
    after = recruiter.update(before.id, **MOVED)
    assert after is not None
    assert (after.start, after.key) == (LATER, MOVE)
    assert after.meeting_link == before.meeting_link
    assert (after.id, after.ical_uid) == (before.id, before.ical_uid)
    assert after.etag != before.etag
    assert kinds(google) == [("invitation", AWA), ("update", AWA)]


@pytest.mark.parametrize("lost", ["drop_after", "error_5xx_after"])
def test_a_move_whose_answer_was_lost_is_not_made_again(
    recruiter: Recruiter, google: GoogleEmulator, lost: str
) -> None:
    identifier = recruiter.create().id
    google.faults(only="events.patch", **{lost: 1.0})
    with pytest.raises(UnknownOutcome):
        recruiter.update(identifier, **MOVED)
    google.faults()
    after = recruiter.update(identifier, again=True, **MOVED)
    assert after is not None
    assert after.start == LATER
    assert google.counters()["events.patch"] == 1
    assert kinds(google) == [("invitation", AWA), ("update", AWA)]


def test_a_move_that_was_never_made_is_made_now(recruiter: Recruiter, google: GoogleEmulator) -> None:
    identifier = recruiter.create().id
    google.faults(only="events.patch", error_5xx=1.0)
    with pytest.raises(UnknownOutcome):
        recruiter.update(identifier, **MOVED)
    google.faults()
    after = recruiter.update(identifier, again=True, **MOVED)
    assert after is not None
    assert after.start == LATER
    assert kinds(google) == [("invitation", AWA), ("update", AWA)]


def test_guests_keep_their_answers_and_the_organiser_his_guests(recruiter: Recruiter, google: GoogleEmulator) -> None:
    event = recruiter.create(guests=(Guest(AWA), Guest(PAUL)))
    google.behind(event.id, guest=AWA, response="accepted")
    colleague = "awa.ndiaye@exemple.cm"
    held = google.events()[0]["event"]["attendees"]
    google.behind(event.id, set={"attendees": [*held, {"email": colleague}]})
    after = recruiter.update(event.id, guests=(Guest(AWA), Guest("new@exemple.cm")), **MOVED)
    assert after is not None
    assert after.responses == {AWA: "accepted", colleague: "none", "new@exemple.cm": "none"}


def test_a_change_between_reading_and_writing_is_read_again(recruiter: Recruiter, google: GoogleEmulator) -> None:
    identifier = recruiter.create().id
    google.faults(refuse="conditionNotMet", only="events.patch", times=2)
    after = recruiter.update(identifier, **MOVED)
    assert after is not None
    assert after.start == LATER
    assert google.counters()["events.get"] == 3


def test_an_event_that_keeps_changing_is_left_for_later(recruiter: Recruiter, google: GoogleEmulator) -> None:
    identifier = recruiter.create().id
    google.faults(refuse="conditionNotMet", only="events.patch")
    with pytest.raises(Retryable, match="keeps changing"):
        recruiter.update(identifier, **MOVED)
    assert google.counters()["events.patch"] == 3


def test_a_link_that_is_wished_for_later_is_made_then(recruiter: Recruiter, google: GoogleEmulator) -> None:
    event = recruiter.create(meeting=False)
    after = recruiter.update(event.id)
    assert after is not None
    assert after.meeting_link
    again = recruiter.update(event.id, MOVE.replace("/1/", "/2/"), **MOVED)
    assert again is not None
    assert again.meeting_link == after.meeting_link


def test_a_change_on_a_calendar_without_links_is_made_without(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.steer("PUT", f"accounts/{HOST}", conference_types=[])
    after = recruiter.update(recruiter.create().id, **MOVED)
    assert after is not None
    assert (after.start, after.no_link) == (LATER, NO_LINK_ALLOWED)
    assert kinds(google) == [("invitation", AWA), ("update", AWA)]


@pytest.mark.parametrize("forgotten", [True, False])
@pytest.mark.parametrize("again", [True, False])
def test_a_deleted_event_is_gone(recruiter: Recruiter, google: GoogleEmulator, forgotten: bool, again: bool) -> None:
    identifier = recruiter.create().id
    google.behind(identifier, delete=True)
    google.faults(forget_deleted=forgotten)
    assert recruiter.update(identifier, again=again, **MOVED) is None
    recruiter.cancel(identifier, again=again)
    assert google.events(live=True) == []


@pytest.mark.parametrize("reason", ["deleted", "notFound"])
def test_so_is_one_that_is_deleted_between_reading_and_writing(
    recruiter: Recruiter, google: GoogleEmulator, reason: str
) -> None:
    identifier = recruiter.create().id
    google.faults(refuse=reason, only="events.patch")
    assert recruiter.update(identifier, **MOVED) is None


def test_an_event_of_another_account_is_gone_too(make_recruiter: MakeRecruiter) -> None:
    identifier = make_recruiter().create().id
    assert make_recruiter(account="perso@gmail.com").update(identifier) is None


def test_a_cancelled_event_tells_the_guests_once(recruiter: Recruiter, google: GoogleEmulator) -> None:
    identifier = recruiter.create().id
    for again in (False, True, True):
        recruiter.cancel(identifier, again=again)
    assert kinds(google) == [("invitation", AWA), ("cancellation", AWA)]
    assert google.events(live=True) == []
    state = recruiter.read(identifier)
    assert state is not None
    assert state.cancelled


def test_a_cancellation_whose_answer_was_lost_is_not_told_twice(recruiter: Recruiter, google: GoogleEmulator) -> None:
    identifier = recruiter.create().id
    google.faults(only="events.delete", drop_after=1.0)
    with pytest.raises(UnknownOutcome):
        recruiter.cancel(identifier)
    google.faults()
    recruiter.cancel(identifier, again=True)
    assert kinds(google) == [("invitation", AWA), ("cancellation", AWA)]


@pytest.mark.parametrize(
    ("fault", "kind"), [("html_503", UnknownOutcome), ("error_5xx", UnknownOutcome), ("rate_limit", RateLimited)]
)
def test_a_cancellation_that_failed_is_not_taken_for_done(
    recruiter: Recruiter, google: GoogleEmulator, fault: str, kind: type[RunError]
) -> None:
    identifier = recruiter.create().id
    google.faults(**{fault: 1.0})
    with pytest.raises(kind):
        recruiter.cancel(identifier)


@pytest.mark.parametrize("reason", ["forbidden", "forbiddenForNonOrganizer"])
def test_what_google_refuses_for_good_is_refused(recruiter: Recruiter, google: GoogleEmulator, reason: str) -> None:
    identifier = recruiter.create().id
    google.faults(refuse=reason, only=["events.patch", "events.delete"])
    with pytest.raises(Refused):
        recruiter.update(identifier, **MOVED)
    with pytest.raises(Refused):
        recruiter.cancel(identifier)


def test_a_refused_reading_never_proves_that_nothing_was_written(recruiter: Recruiter, google: GoogleEmulator) -> None:
    identifier = recruiter.create().id
    google.faults(refuse="forbidden", only="events.get")
    with pytest.raises(Permanent) as caught:
        recruiter.update(identifier, again=True, **MOVED)
    assert not isinstance(caught.value, Refused)


def test_what_happened_in_the_calendar_is_read(recruiter: Recruiter, google: GoogleEmulator) -> None:
    event = recruiter.create(guests=(Guest(AWA), Guest(PAUL)))
    google.behind(event.id, start=LATER.isoformat())
    google.behind(event.id, guest=AWA, response="declined")
    google.behind(event.id, guest=PAUL, response="accepted")
    state = recruiter.read(event.id)
    assert state is not None
    assert (state.start, state.end) == (LATER, LATER + timedelta(hours=1))
    assert state.responses == {AWA: "declined", PAUL: "accepted"}
    assert state.organiser_response == "accepted"
    assert state.key == event.key
    assert state.etag != event.etag


@pytest.mark.parametrize("forgotten", [True, False])
def test_so_is_that_it_was_deleted(recruiter: Recruiter, google: GoogleEmulator, forgotten: bool) -> None:
    identifier = recruiter.create().id
    google.behind(identifier, delete=True)
    google.faults(forget_deleted=forgotten)
    state = recruiter.read(identifier)
    assert state is None if forgotten else state is not None and state.cancelled


def test_what_never_was_is_none(recruiter: Recruiter) -> None:
    assert recruiter.read("0" * 32) is None


@pytest.mark.parametrize(
    ("faults", "kind", "code"),
    [
        ({"drop_before": 1.0}, Retryable, "provider.no_answer"),
        ({"html_503": 1.0}, Retryable, "provider.busy"),
        ({"error_5xx": 1.0}, Retryable, "provider.busy"),
        ({"rate_limit": 1.0}, RateLimited, "provider.rate_limited"),
        ({"refuse": "userRateLimitExceeded"}, RateLimited, "provider.rate_limited"),
        ({"refuse": "authError"}, AccessRefused, "account.access_refused"),
        ({"refuse": "insufficientPermissions"}, ScopeMissing, "account.scope_missing"),
    ],
)
def test_a_reading_that_failed_says_nothing_about_the_event(
    recruiter: Recruiter, google: GoogleEmulator, faults: dict[str, Any], kind: type[RunError], code: str
) -> None:
    identifier = recruiter.create().id
    google.faults(**faults)
    with pytest.raises(RunError) as caught:
        recruiter.read(identifier)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert google.counters()["events.get"] == 1


def test_after_its_time_nothing_is_changed(recruiter: Recruiter, google: GoogleEmulator) -> None:
    identifier = recruiter.create().id
    with pytest.raises(NotSent):
        recruiter.update(identifier, seconds=-1, **MOVED)
    with pytest.raises(NotSent):
        recruiter.cancel(identifier, seconds=-1)
    assert {"events.patch", "events.delete"}.isdisjoint(google.counters())
