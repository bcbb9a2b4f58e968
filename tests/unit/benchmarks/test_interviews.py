"""The peers of the interview benchmark: each figure is of events that were made, with links."""

import pytest

from benchmarks import interviews
from benchmarks.__main__ import parser
from benchmarks.peers import calendars
from benchmarks.peers.calendars import Calendars, NoLinkError
from tests.factories.emulators import GoogleEmulator, MicrosoftEmulator

EACH = 2


@pytest.fixture
def theirs(google: GoogleEmulator, microsoft: MicrosoftEmulator) -> Calendars:
    return calendars.connected(google.url, "etalon@exemple.cm")


def test_every_peer_is_measured_by_events_that_it_made(
    theirs: Calendars, google: GoogleEmulator, microsoft: MicrosoftEmulator
) -> None:
    with calendars.peers(theirs) as peers:
        found = interviews.measure_all(peers, EACH)
    assert found.keys() == {
        "Google's package, a service for each request",
        "Google's package, one service kept",
        "Graph by requests, a connection for each request",
    }
    assert all(len(took) == EACH and min(took) > 0 for took in found.values())
    assert (len(google.events(live=True)), len(microsoft.events(live=True))) == (2 * (EACH + 1), EACH + 1)


def test_the_calendar_alone_is_one_call(
    theirs: Calendars, google: GoogleEmulator, microsoft: MicrosoftEmulator
) -> None:
    with calendars.alone(theirs) as alone:
        assert {slug: len(calendars.measured(make, [1])) for slug, make in alone.items()} == {
            "google-calendar": 1,
            "outlook": 1,
        }
    made = google.counters()["events.insert"], microsoft.counters()["events.create"]
    assert made == (1, 1)
    assert google.mails()[0]["kind"] == "invitation"


def test_an_event_without_a_link_says_nothing(theirs: Calendars, google: GoogleEmulator) -> None:
    google.faults(conference="pending", conference_gets=None)
    with calendars.alone(theirs) as alone, pytest.raises(NoLinkError):
        calendars.measured(alone["google-calendar"], [1])


def test_its_size_is_small_by_default() -> None:
    assert parser().parse_args(["interviews"]).runs // interviews.SHARE == 40
