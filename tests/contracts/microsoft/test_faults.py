"""Interviews through a bad hour of Microsoft's: one event each, its link stays, and guests hear of each change once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from tests.contracts.microsoft.support import INTERVIEW, LATER, Recruiter, body_of
from tests.factories.emulators import MicrosoftEmulator
from worker.contracts.calendars import CalendarEvent
from worker.kit.errors import RateLimited, Retryable, UnknownOutcome

INTERVIEWS = 15
FAULTS = {
    "drop_before": 0.1,
    "drop_after": 0.15,
    "error_5xx": 0.1,
    "error_5xx_after": 0.1,
    "html_200": 0.05,
    "rate_limit": 0.1,
    "found_after": 1,
    "seed": 7,
}

Answer = TypeVar("Answer")


def until_answered(call: Callable[[bool], Answer]) -> Answer:
    """As the ledger does: again, and saying so."""
    for attempt in range(50):
        try:
            return call(attempt > 0)
        except (UnknownOutcome, Retryable, RateLimited):
            continue
    raise AssertionError("fifty attempts were not enough")


def live_through(recruiter: Recruiter, number: int) -> CalendarEvent:
    """Created, moved, and every third one cancelled."""
    since = f"/{number}/1795000000000000"
    made = until_answered(lambda again: recruiter.create(key=f"interview:{number}:create{since}", again=again))
    later = replace(LATER, start=LATER.start + timedelta(days=number), end=LATER.end + timedelta(days=number))
    moved = until_answered(
        lambda again: recruiter.update(made.id, later, key=f"interview:{number}:move{since}", again=again)
    )
    assert moved is not None
    assert (moved.start, moved.meeting_link) == (later.start, made.meeting_link)
    if number % 3 == 0:
        until_answered(lambda again: recruiter.cancel(made.id, again=again))
    return moved


@pytest.mark.parametrize(
    "ways", [{}, {"replay_refused": True, "duplicate_names_event": False, "duplicate_status": 409}]
)
def test_one_event_each_and_every_change_is_told_once(
    microsoft: MicrosoftEmulator, recruiter: Recruiter, ways: dict[str, Any]
) -> None:
    microsoft.faults(**FAULTS, **ways)
    events = [live_through(recruiter, number) for number in range(INTERVIEWS)]
    microsoft.faults()
    told = {entry["id"]: entry for entry in microsoft.events()}
    assert set(told) == {event.id for event in events}
    for number, event in enumerate(events):
        cancelled = number % 3 == 0
        assert told[event.id]["live"] is not cancelled
        kinds = [mail["kind"] for mail in told[event.id]["mails"] if mail["to"] == INTERVIEW.guests[0].address]
        assert kinds == ["invitation", "update", *(["cancellation"] if cancelled else [])]
        assert "Nouvelle heure" in body_of(told[event.id])
        assert event.meeting_link == told[event.id]["link"]
    assert sum(entry["status"] == 0 for entry in microsoft.journal()) > 10
