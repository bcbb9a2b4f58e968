"""An interview becomes one event, whatever happens on the way."""

import html
import json
import logging
import time
from typing import Any

import pytest

from tests.contracts.google.conftest import AWA, HOST, KEY, START, MakeRecruiter, Recruiter, interview
from tests.factories.emulators import GoogleEmulator
from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.calendars import Guest
from worker.kit.database import Database
from worker.kit.errors import (
    Doubtful,
    Misconfigured,
    NotSent,
    RateLimited,
    Refused,
    RunError,
    UnknownOutcome,
    Unreachable,
)
from worker.kit.http import CallLimits
from worker.providers.google.payloads import NO_LINK_ALLOWED, NO_LINK_MADE

IMPATIENT = CallLimits(read=0.5)
PAUL = "paul@exemple.cm"


def made(google: GoogleEmulator) -> dict[str, Any]:
    [told] = google.events()
    event: dict[str, Any] = told["event"]
    return event


def test_an_interview_is_an_event_with_a_link_and_an_invitation(recruiter: Recruiter, google: GoogleEmulator) -> None:
    event = recruiter.create()
    assert event.start == START
    assert (event.cancelled, event.key, event.link_pending, event.no_link) == (False, KEY, False, "")
    assert event.meeting_link is not None
    assert event.meeting_link.startswith("https://meet.google.com/")
    assert event.ical_uid == recruiter.calendar.ical_uid(KEY) == f"{event.id}@google.com"
    assert event.address.startswith("https://www.google.com/calendar/")
    assert event.responses == {AWA: "none"}
    assert [(mail["kind"], mail["to"]) for mail in google.mails()] == [("invitation", AWA)]
    shown = made(google)
    assert shown["start"]["timeZone"] == "Africa/Libreville"
    assert shown["reminders"] == {
        "useDefault": False,
        "overrides": [{"method": "email", "minutes": 1440}, {"method": "popup", "minutes": 30}],
    }
    assert html.unescape(shown["description"]).split("\n") == ["Ligne 1", "<b>x</b> & y"]
    assert "<" not in shown["description"]


def test_guests_do_not_see_each_other_when_that_is_wished(recruiter: Recruiter, google: GoogleEmulator) -> None:
    recruiter.create(hide_guests=True, guests=(Guest(AWA), Guest(PAUL)))
    assert made(google)["guestsCanSeeOtherGuests"] is False


def test_without_a_wish_for_a_link_there_is_none(recruiter: Recruiter) -> None:
    event = recruiter.create(meeting=False)
    assert (event.meeting_link, event.link_pending, event.no_link) == (None, False, "")


@pytest.mark.parametrize("lost", ["drop_after", "error_5xx_after"])
def test_an_event_whose_answer_was_lost_is_found_again(recruiter: Recruiter, google: GoogleEmulator, lost: str) -> None:
    google.faults(only="events.insert", **{lost: 1.0})
    with pytest.raises(UnknownOutcome):
        recruiter.create()
    google.faults()
    event = recruiter.create(again=True)
    assert event.key == KEY
    assert event.meeting_link
    assert google.counters()["events.insert"] == 1
    assert len(google.events(live=True)) == len(google.mails()) == 1


def test_an_event_that_was_never_made_is_made_now(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.faults(only="events.insert", drop_before=1.0)
    with pytest.raises(UnknownOutcome):
        recruiter.create()
    google.faults()
    assert recruiter.create(again=True).key == KEY
    assert len(google.events(live=True)) == len(google.mails()) == 1


def test_a_conflict_with_our_own_event_is_that_event(recruiter: Recruiter, google: GoogleEmulator) -> None:
    first = recruiter.create()
    assert recruiter.create() == first
    assert len(google.events()) == len(google.mails()) == 1


@pytest.mark.parametrize("again", [True, False])
def test_an_event_that_somebody_deleted_meanwhile_says_so(
    recruiter: Recruiter, google: GoogleEmulator, again: bool
) -> None:
    google.behind(recruiter.create().id, delete=True)
    event = recruiter.create(again=again)
    assert event.cancelled
    assert event.start == START
    assert google.events(live=True) == []


@pytest.mark.parametrize("again", [True, False])
def test_an_event_under_our_id_that_is_not_ours_is_for_a_person(
    recruiter: Recruiter, google: GoogleEmulator, again: bool
) -> None:
    identifier = recruiter.create().id
    google.behind(identifier, set={"extendedProperties": {"private": {"intoworkKey": "another"}}})
    with pytest.raises(Doubtful) as caught:
        recruiter.create(again=again)
    assert caught.value.code == "calendar.foreign_event"


def test_an_id_that_is_taken_by_what_is_not_shown_proves_nothing(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.behind(recruiter.create().id, delete=True)
    google.faults(forget_deleted=True)
    with pytest.raises(UnknownOutcome, match="does not show it"):
        recruiter.create()


@pytest.mark.parametrize("fault", ["drop_before", "error_5xx", "rate_limit"])
def test_a_conflict_that_cannot_be_looked_at_proves_nothing(
    recruiter: Recruiter, google: GoogleEmulator, fault: str
) -> None:
    recruiter.create()
    google.faults(only="events.get", **{fault: 1.0})
    with pytest.raises(UnknownOutcome, match="cannot be read now"):
        recruiter.create()


def test_a_new_generation_is_another_event(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.behind(recruiter.create().id, delete=True)
    event = recruiter.create(KEY.replace("/0/", "/1/"))
    assert not event.cancelled
    assert len(google.events(live=True)) == 1


def test_a_calendar_without_links_gets_the_event_without(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.faults(conference="refused")
    event = recruiter.create()
    assert (event.meeting_link, event.link_pending, event.no_link) == (None, False, NO_LINK_ALLOWED)
    assert google.counters()["events.insert"] == 2
    assert len(google.events(live=True)) == len(google.mails()) == 1
    assert recruiter.create(again=True).no_link == NO_LINK_ALLOWED


def test_so_does_one_of_an_organisation_that_forbids_them(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.steer("PUT", f"accounts/{HOST}", conference_types=[])
    assert recruiter.create().no_link == NO_LINK_ALLOWED


def test_a_link_that_is_being_made_is_there_later(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.faults(conference="pending", conference_gets=2)
    event = recruiter.create()
    assert (event.meeting_link, event.link_pending, event.no_link) == (None, True, "")
    states = [recruiter.read(event.id) for _ in range(2)]
    assert [state.link_pending for state in states if state] == [True, False]
    assert states[-1] is not None
    assert states[-1].meeting_link


def test_a_link_that_could_not_be_made_says_so(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.faults(conference="failure", conference_gets=1)
    state = recruiter.read(recruiter.create().id)
    assert state is not None
    assert (state.meeting_link, state.link_pending, state.no_link) == (None, False, NO_LINK_MADE)


def test_a_quota_of_invitations_lasts_for_hours(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.faults(quota_with_guests=1.0)
    with pytest.raises(RateLimited) as caught:
        recruiter.create()
    assert caught.value.code == "calendar.quota"
    assert caught.value.after >= 3600
    assert google.events() == []
    google.faults()
    recruiter.create()
    assert len(google.events(live=True)) == len(google.mails()) == 1


def test_it_is_the_same_where_no_link_can_be_made(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.steer("PUT", f"accounts/{HOST}", conference_types=[])
    google.faults(quota_with_guests=1.0)
    with pytest.raises(RateLimited) as caught:
        recruiter.create()
    assert caught.value.code == "calendar.quota"


REFUSALS: list[tuple[str, type[RunError], str]] = [
    ("rateLimitExceeded", RateLimited, "provider.rate_limited"),
    ("userRateLimitExceeded", RateLimited, "provider.rate_limited"),
    ("quotaExceeded", RateLimited, "calendar.quota"),
    ("dailyLimitExceeded", Misconfigured, "provider.configuration"),
    ("accessNotConfigured", Misconfigured, "provider.configuration"),
    ("insufficientPermissions", ScopeMissing, "account.scope_missing"),
    ("forbidden", Refused, "provider.refused"),
    ("forbiddenForNonOrganizer", Refused, "provider.refused"),
    ("authError", AccessRefused, "account.access_refused"),
    ("notFound", Refused, "provider.refused"),
    ("backendError", UnknownOutcome, "provider.unknown_outcome"),
]


@pytest.mark.parametrize(("reason", "kind", "code"), REFUSALS)
def test_each_refusal_has_its_class(
    recruiter: Recruiter, google: GoogleEmulator, reason: str, kind: type[RunError], code: str
) -> None:
    google.faults(refuse=reason)
    with pytest.raises(RunError) as caught:
        recruiter.create()
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert google.counters()["events.insert"] == 1


def test_a_bad_address_is_the_contents_fault_and_is_not_repeated(recruiter: Recruiter, google: GoogleEmulator) -> None:
    with pytest.raises(Refused, match="Invalid attendee email") as caught:
        recruiter.create(guests=(Guest("awa.ndong"),))
    assert "awa.ndong" not in str(caught.value)
    assert google.events() == []


def test_without_the_calendars_scope_nothing_is_done(make_recruiter: MakeRecruiter, google: GoogleEmulator) -> None:
    with pytest.raises(ScopeMissing):
        make_recruiter([]).create()
    assert google.events() == []


def test_the_scope_of_events_is_enough(make_recruiter: MakeRecruiter) -> None:
    assert make_recruiter(["calendar.events"]).create().meeting_link


def test_an_old_token_is_refused_as_such(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.expire()
    with pytest.raises(AccessRefused) as caught:
        recruiter.create()
    assert recruiter.token not in str(caught.value)
    assert google.events() == []


def test_a_token_with_foreign_characters_never_leaves(recruiter: Recruiter, google: GoogleEmulator) -> None:
    strange = Recruiter(recruiter.calendar, "token\r\nX-Other: 1")
    with pytest.raises(AccessRefused):
        strange.create()
    assert "events.insert" not in google.counters()


def test_after_its_time_nothing_is_sent(recruiter: Recruiter, google: GoogleEmulator) -> None:
    with pytest.raises(NotSent):
        recruiter.create(seconds=-1)
    assert "events.insert" not in google.counters()


def test_nobody_listening_is_unreachable(make_recruiter: MakeRecruiter) -> None:
    with pytest.raises(Unreachable):
        make_recruiter(endpoint="http://127.0.0.1:1/calendar/v3/").create()


def test_a_slow_answer_leaves_the_outcome_open(make_recruiter: MakeRecruiter, google: GoogleEmulator) -> None:
    recruiter = make_recruiter(limits=IMPATIENT)
    google.faults(slow_seconds=2.0)
    with pytest.raises(UnknownOutcome):
        recruiter.create()


def test_no_transaction_is_open_while_google_is_asked(recruiter: Recruiter, database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError, match="inside a database transaction"):
        recruiter.create()


def test_neither_tokens_nor_people_are_logged(
    recruiter: Recruiter, google: GoogleEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    recruiter.create()
    google.faults(refuse="forbidden")
    with pytest.raises(Refused) as caught:
        recruiter.create("interview:8:create/0/1795000000000000")
    assert caplog.records
    shown = caplog.text + str(caught.value)
    assert not [secret for secret in (recruiter.token, AWA, "Awa Ndong", "Comptable") if secret in shown]


def test_what_is_sent_is_what_was_frozen(recruiter: Recruiter) -> None:
    body = recruiter.calendar.creation(interview(), KEY)
    other = json.dumps({**json.loads(body), "summary": "Figé"}).encode()
    event = recruiter.calendar.create(recruiter.token, other, key=KEY, again=False, deadline=time.monotonic() + 60)
    assert event.key == KEY


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_address_may_end_as_it_likes(make_recruiter: MakeRecruiter, google: GoogleEmulator, slash: str) -> None:
    assert make_recruiter(endpoint=google.calendar_endpoint.rstrip("/") + slash).create().meeting_link
