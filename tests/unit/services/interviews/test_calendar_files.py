"""Calendar files as programs read them: one number for ever, instants that need no zone, texts that stay texts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Component

from worker.services.interviews.calendar_files import CalendarEntry, CalendarFile, Person, invitation, published
from worker.services.interviews.entries import uid
from worker.services.interviews.times import instant, zone_names

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
START = datetime(2027, 7, 9, 12, tzinfo=UTC)
ENTRY = CalendarEntry(
    uid="0c5e2b9a",
    sequence=0,
    start=START,
    end=START + timedelta(hours=1),
    changed=NOW,
    title="Entretien",
    organiser=Person("rh@exemple.cm", "Jean-Marc Obiang"),
    guests=(Person("awa@example.org", "Awa Ndong"),),
    description="Ligne 1\r\n<b>x</b> & y",
    link="https://teams.microsoft.com/meet/123?p=abc",
)


def parsed(file: CalendarFile) -> Component:
    return Calendar.from_ical(file.content)


def event_of(file: CalendarFile) -> Component:
    [event] = parsed(file).walk("VEVENT")
    return event


def test_changes_are_told_under_one_number_with_rising_sequences() -> None:
    told = [replace(ENTRY, sequence=number, start=START + timedelta(days=number)) for number in range(3)]
    told.append(replace(told[-1], sequence=3, canceled=True))
    files = [invitation(each, stamp=NOW) for each in told]
    assert [file.method for file in files] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    assert [str(parsed(file)["METHOD"]) for file in files] == [file.method for file in files]
    assert all(f"method={file.method}" in file.content_type for file in files)
    events = [event_of(file) for file in files]
    assert {str(event["UID"]) for event in events} == {ENTRY.uid}
    assert [event.decoded("SEQUENCE") for event in events] == [0, 1, 2, 3]
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED"] * 3 + ["CANCELLED"]
    assert {str(event["ORGANIZER"]) for event in events} == {"mailto:rh@exemple.cm"}


@pytest.mark.parametrize(
    ("written", "zone", "expected"),
    [
        ("2027-07-09T14:00", "Europe/Paris", b"DTSTART:20270709T120000Z"),
        ("2027-01-15T14:00", "Europe/Paris", b"DTSTART:20270115T130000Z"),
        ("2027-07-09T14:00", "Africa/Libreville", b"DTSTART:20270709T130000Z"),
    ],
)
def test_times_are_instants(written: str, zone: str, expected: bytes) -> None:
    start = instant(datetime.fromisoformat(written), zone).astimezone(ZoneInfo(zone))
    content = invitation(replace(ENTRY, start=start, end=start + timedelta(minutes=45)), stamp=NOW).content
    assert expected in content.splitlines()
    assert b"DTSTAMP:20261127T120000Z" in content.splitlines()
    assert b"TZID" not in content


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2036, 12, 31)),  # noqa: DTZ001 - the zone follows
    st.sampled_from(sorted(zone_names())),
)
def test_what_is_written_is_read_in_every_zone(local: datetime, zone: str) -> None:
    start = local.replace(microsecond=0, tzinfo=ZoneInfo(zone))
    event = event_of(invitation(replace(ENTRY, start=start, end=start + timedelta(hours=1)), stamp=NOW))
    assert event.decoded("DTSTART") == start.astimezone(UTC)


def test_a_description_is_plain_text_with_its_lines() -> None:
    content = invitation(ENTRY, stamp=NOW).content
    assert event_of(invitation(ENTRY, stamp=NOW))["DESCRIPTION"] == (
        "Ligne 1\n<b>x</b> & y\n\nhttps://teams.microsoft.com/meet/123?p=abc"
    )
    assert b"Ligne 1\\n<b>x</b> & y" in content.replace(b"\r\n ", b"")
    assert b"&lt;" not in content


def test_a_guest_is_asked_to_answer_and_a_follower_is_not() -> None:
    guest = event_of(invitation(ENTRY, stamp=NOW))["ATTENDEE"]
    assert (guest.params["RSVP"], guest.params["CN"]) == ("TRUE", "Awa Ndong")
    feed = published([ENTRY, replace(ENTRY, uid="other", canceled=True)], stamp=NOW, name="Mes entretiens")
    calendar = parsed(feed)
    assert (str(calendar["METHOD"]), str(calendar["X-WR-CALNAME"])) == ("PUBLISH", "Mes entretiens")
    events = calendar.walk("VEVENT")
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CANCELLED"]
    assert all("RSVP" not in event["ATTENDEE"].params for event in events)
    assert parsed(published([], stamp=NOW)).walk("VEVENT") == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_adds_a_line_of_its_own(text: str, name: str) -> None:
    """A name that holds a line break or a quote stays a name."""
    entry = replace(
        ENTRY,
        title=f"a\r\nATTENDEE:mailto:x@y{text}",
        location=text,
        description=f"{text}\r\nEND:VEVENT",
        organiser=Person("rh@exemple.cm", f'"\nX:{name}'),
        guests=(Person("awa@example.org", name),),
    )
    event = event_of(invitation(entry, stamp=NOW))
    assert str(event["ATTENDEE"]) == "mailto:awa@example.org"
    assert str(event["ORGANIZER"]) == "mailto:rh@exemple.cm"
    assert len(event.subcomponents) == 1


def test_our_number_is_the_interviews_for_ever_until_a_provider_has_one() -> None:
    assert uid(7, START, None) == uid(7, START.astimezone(ZoneInfo("Asia/Tokyo")), None)
    assert len({uid(7, START, None), uid(8, START, None), uid(7, NOW, None)}) == 3
    assert uid(7, START, "abc@google.com") == "abc@google.com"
