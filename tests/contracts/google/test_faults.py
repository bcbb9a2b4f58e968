"""Interviews through a bad hour of Google's: one event each, and guests hear of each change once."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from tests.contracts.google.conftest import AWA, START, Recruiter
from tests.factories.emulators import GoogleEmulator
from worker.kit.errors import RateLimited, Retryable, UnknownOutcome

INTERVIEWS = 30
FAULTS = {
    "drop_before": 0.1,
    "drop_after": 0.15,
    "error_5xx": 0.1,
    "error_5xx_after": 0.1,
    "html_503": 0.05,
    "rate_limit": 0.1,
    "conference": "pending",
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


def live_through(recruiter: Recruiter, number: int) -> str:
    """Created, moved, and every third one cancelled."""
    since = f"/{number}/1795000000000000"
    event = until_answered(lambda again: recruiter.create(f"interview:{number}:create{since}", again=again))
    later = START + timedelta(days=1 + number)
    moved = until_answered(
        lambda again: recruiter.update(
            event.id,
            f"interview:{number}:move{since}",
            again=again,
            start=later,
            end=later + timedelta(hours=1),
        )
    )
    assert moved is not None
    assert moved.start == later
    if number % 3 == 0:
        until_answered(lambda again: recruiter.cancel(event.id, again=again))
    return event.id


def test_one_event_each_and_every_change_is_told_once(recruiter: Recruiter, google: GoogleEmulator) -> None:
    google.faults(**FAULTS)
    identifiers = [live_through(recruiter, number) for number in range(INTERVIEWS)]
    google.faults()
    told = {entry["event"]["id"]: entry for entry in google.events()}
    assert set(told) == set(identifiers)
    for number, identifier in enumerate(identifiers):
        cancelled = number % 3 == 0
        assert told[identifier]["live"] is not cancelled
        kinds = [mail["kind"] for mail in told[identifier]["mails"] if mail["to"] == AWA]
        assert kinds == ["invitation", "update", *(["cancellation"] if cancelled else [])]
    links = [recruiter.read(identifier) for identifier in identifiers for _ in range(2)]
    assert all(event.meeting_link for event in links[1::2] if event is not None and not event.cancelled)
    assert sum(status.get("dropped", 0) for status in google.get("google/counters/statuses").values()) > 10
