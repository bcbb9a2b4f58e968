import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.contracts.calendars import Guest, InterviewEvent
from worker.providers.microsoft import payloads

LIBREVILLE = ZoneInfo("Africa/Libreville")
LINK = "https://teams.microsoft.com/meet/123?p=abc&x=1"
BLOCK = f'<br><div class="me-email-text"><a href="{LINK.replace("&", "&amp;")}">Join the meeting now</a></div>'
EVENT = InterviewEvent(
    title="Entretien — Comptable",
    start=datetime(2026, 12, 3, 10, tzinfo=LIBREVILLE),
    end=datetime(2026, 12, 3, 11, tzinfo=LIBREVILLE),
    zone="Africa/Libreville",
    description="Ligne 1\n<b>x</b> & y",
    guests=(Guest("awa@example.org", "Awa Ndong"), Guest("paul@exemple.cm")),
    meeting=True,
    hide_guests=True,
    page="https://platform.example.org/dashboard/interviews/7",
)


def made(event: InterviewEvent = EVENT, key: str = "interview:7:create/1/99") -> dict[str, Any]:
    members: dict[str, Any] = json.loads(payloads.creation(event, key))
    return members


def fitted(event: InterviewEvent = EVENT, **stands: Any) -> dict[str, Any]:
    known: dict[str, Any] = {"content": "", "online": False, "link": None, "guests": frozenset(), **stands}
    members: dict[str, Any] = json.loads(payloads.fitted(payloads.change(event, "k"), **known))
    return members


def in_a_page(text: str) -> str:
    return f"<html><head></head><body>\r\n{text}\r\n</body></html>"


def test_equal_events_and_keys_make_equal_bytes() -> None:
    assert payloads.creation(EVENT, "k") == payloads.creation(replace(EVENT), "k")
    assert payloads.creation(EVENT, "k") != payloads.creation(EVENT, "other")


def test_the_bytes_are_stable_over_releases() -> None:
    """Under a transactionId that was used already Graph refuses any other body."""
    event = replace(EVENT, guests=EVENT.guests[:1], location="Libreville", meeting=False, hide_guests=False)
    assert payloads.creation(event, "k").decode() == (
        '{"subject":"Entretien — Comptable","body":{"contentType":"html","content":"<div id=\\"intowork-description\\">'
        'Ligne 1<br>&lt;b&gt;x&lt;/b&gt; &amp; y</div>"},"start":{"dateTime":"2026-12-03T09:00:00","timeZone":"UTC"},'
        '"end":{"dateTime":"2026-12-03T10:00:00","timeZone":"UTC"},"attendees":[{"emailAddress":{"address":'
        '"awa@example.org","name":"Awa Ndong"},"type":"required"}],"hideAttendees":false,'
        '"singleValueExtendedProperties":[{"id":"String {b0c7b1f4-53c9-4f3c-9d0e-6a7f3e7e51d2} Name IntoWorkKey",'
        '"value":"k"}],"location":{"displayName":"Libreville"},"isReminderOn":true,"reminderMinutesBeforeStart":30,'
        '"transactionId":"77af17fa-77d2-5f17-99b3-e0561bcbadf2"}'
    )


def test_a_description_is_html_with_breaks_and_escaped_signs() -> None:
    assert made()["body"] == {
        "contentType": "html",
        "content": '<div id="intowork-description">Ligne 1<br>&lt;b&gt;x&lt;/b&gt; &amp; y</div>',
    }


@pytest.mark.parametrize(
    ("start", "sent"),
    [
        (datetime(2027, 7, 9, 14, tzinfo=ZoneInfo("Europe/Paris")), "2027-07-09T12:00:00"),
        (datetime(2027, 1, 15, 14, tzinfo=ZoneInfo("Europe/Paris")), "2027-01-15T13:00:00"),
        (datetime(2027, 1, 15, 14, tzinfo=LIBREVILLE), "2027-01-15T13:00:00"),
        (datetime(2027, 1, 15, 23, 30, 5, 999_999, tzinfo=UTC), "2027-01-15T23:30:05"),
    ],
)
def test_times_are_sent_in_utc(start: datetime, sent: str) -> None:
    assert made(replace(EVENT, start=start))["start"] == {"dateTime": sent, "timeZone": "UTC"}


def test_guests_do_not_see_each_other_when_that_is_wished() -> None:
    assert made()["hideAttendees"] is True
    assert made()["attendees"][1]["emailAddress"] == {"address": "paul@exemple.cm", "name": "paul@exemple.cm"}


def test_a_title_is_as_long_as_exchange_takes_it() -> None:
    members = made(replace(EVENT, title="é" * 255, location="x" * 256))
    assert members["subject"] == "é" * 255
    assert members["location"] == {"displayName": "x" * 254 + "…"}


def test_the_page_for_the_organiser_reaches_no_guest() -> None:
    assert EVENT.page not in payloads.creation(EVENT, "k").decode()


def test_a_meeting_is_wished_for_and_can_be_left_out() -> None:
    body = payloads.creation(EVENT, "k")
    assert payloads.wants_meeting(body)
    assert made()["onlineMeetingProvider"] == "teamsForBusiness"
    bare = payloads.without_meeting(body)
    assert not payloads.wants_meeting(bare)
    assert bare == payloads.creation(replace(EVENT, meeting=False), "k")


def test_a_transaction_id_is_a_uuid_of_the_key() -> None:
    assert made(key="a")["transactionId"] == made(key="a")["transactionId"] != made(key="b")["transactionId"]
    assert "transactionId" not in fitted()


def test_of_a_meetings_body_only_our_part_is_exchanged() -> None:
    stands = in_a_page(f'<div id="x_intowork-description" class="elementToProof">Avant<br>\r\nhier</div>{BLOCK}')
    members = fitted(content=stands, online=True, link=LINK)
    assert members["body"]["content"] == stands.replace("Avant<br>\r\nhier", "Ligne 1<br>&lt;b&gt;x&lt;/b&gt; &amp; y")
    assert {"isOnlineMeeting", "onlineMeetingProvider", "location"}.isdisjoint(members)


@pytest.mark.parametrize(
    ("content", "link"),
    [
        (in_a_page(f"Avant{BLOCK}"), LINK),
        (in_a_page(f'<div id="intowork-description">Avant<div>et plus</div></div>{BLOCK}'), LINK),
        (in_a_page('<div id="intowork-description">Avant</div>'), LINK),
        (in_a_page(f'<div id="intowork-description">Avant</div>{BLOCK}'), None),
        (in_a_page(f'<div id="intowork-description">Ligne 1<br>\r\n&lt;b&gt;x&lt;/b&gt; &amp; y</div>{BLOCK}'), LINK),
    ],
)
def test_a_meetings_body_is_left_alone_where_it_would_lose_something(content: str, link: str | None) -> None:
    members = fitted(content=content, online=True, link=link)
    assert "body" not in members
    assert members["subject"] == EVENT.title


def test_without_a_meeting_the_body_is_written_anew() -> None:
    members = fitted(replace(EVENT, meeting=False), content=in_a_page("Avant hier"))
    assert members["body"]["content"].startswith('<div id="intowork-description">Ligne 1')
    assert members["location"] == {"displayName": ""}


def test_what_people_wrote_below_our_part_stays() -> None:
    stands = in_a_page('<div id="intowork-description">Avant</div><p>Salle 4, au fond</p>')
    members = fitted(replace(EVENT, meeting=False), content=stands)
    assert members["body"]["content"] == stands.replace("Avant", "Ligne 1<br>&lt;b&gt;x&lt;/b&gt; &amp; y")
    same = fitted(replace(EVENT, description="Avant", meeting=False), content=stands)
    assert "body" not in same


def test_guests_are_named_only_where_they_change() -> None:
    same = frozenset({"awa@example.org", "paul@exemple.cm"})
    shouted = replace(EVENT, guests=(Guest("AWA@example.org"), Guest("paul@exemple.cm")))
    assert "attendees" not in fitted(shouted, guests=same)
    assert len(fitted(guests=same | {"autre@exemple.cm"})["attendees"]) == 2


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_description_leaves_its_part_of_the_body(text: str) -> None:
    content = made(replace(EVENT, description=text))["body"]["content"]
    inner = content.removeprefix('<div id="intowork-description">').removesuffix("</div>")
    assert "<" not in inner.replace("<br>", "")
    members = fitted(replace(EVENT, description="Après"), content=content + BLOCK, online=True, link=LINK)
    expected = f'<div id="intowork-description">Après</div>{BLOCK}'
    assert members.get("body", {"content": expected})["content"] == expected


def test_a_huge_body_is_searched_in_no_time() -> None:
    assert "body" not in fitted(content="<div id=" * 200_000 + BLOCK, online=True, link=LINK)


def test_a_quote_in_a_filter_is_doubled() -> None:
    assert payloads.quoted("l'entretien") == "'l''entretien'"
