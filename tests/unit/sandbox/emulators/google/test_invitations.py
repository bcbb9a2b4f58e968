"""Who is written to, and how often."""

import pytest

from tests.unit.sandbox.emulators.google.application import CANDIDATE, COLLEAGUE, HR, INTERVIEW, Application

BOTH = {**INTERVIEW, "attendees": [{"email": CANDIDATE}, {"email": COLLEAGUE}, {"email": HR}]}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({}, []),
        ({"sendUpdates": "none"}, []),
        ({"sendUpdates": "all"}, [CANDIDATE, COLLEAGUE]),
        ({"sendUpdates": "externalOnly"}, [CANDIDATE]),
        ({"sendNotifications": "true"}, [CANDIDATE, COLLEAGUE]),
        ({"sendNotifications": "false"}, []),
    ],
)
def test_guests_are_told_as_wished(connected: Application, query: dict[str, str], told: list[str]) -> None:
    """The organiser is never written to; who has an account at Google is not external."""
    event = connected.made(BOTH, **query)
    connected.event("patch", event["id"], {"location": "Douala"}, **query)
    connected.event("delete", event["id"], **query)
    expected = [(kind, to) for kind in ("invitation", "update", "cancellation") for to in told]
    assert connected.mails() == expected
    assert connected.mails(event=event["id"], to=CANDIDATE) == [mail for mail in expected if mail[1] == CANDIDATE]


def test_new_and_former_guests(connected: Application) -> None:
    event = connected.made(sendUpdates="all")
    changes = {"attendees": [{"email": COLLEAGUE}], "summary": "x"}
    connected.event("patch", event["id"], changes, sendUpdates="all")
    assert connected.mails() == [("invitation", CANDIDATE), ("cancellation", CANDIDATE), ("invitation", COLLEAGUE)]


def test_what_guests_do_not_hear_of(connected: Application) -> None:
    event = connected.made(sendUpdates="all")
    quiet = {"reminders": {"useDefault": False}, "extendedProperties": {"private": {"key": "2"}}}
    connected.event("patch", event["id"], quiet, sendUpdates="all")
    assert connected.mails() == [("invitation", CANDIDATE)]


@pytest.mark.parametrize(("again", "mails"), [(True, 2), (False, 1)])
def test_a_write_that_changes_nothing(connected: Application, *, again: bool, mails: int) -> None:
    connected.faults(mail_unchanged=again)
    event = connected.made(sendUpdates="all")
    status, same = connected.event("patch", event["id"], INTERVIEW, sendUpdates="all")
    assert (status, same["etag"]) == (200, event["etag"])
    assert len(connected.mails()) == mails


def test_cancelling_by_status_and_confirming_again(connected: Application) -> None:
    event = connected.made(sendUpdates="all")
    connected.event("patch", event["id"], {"status": "cancelled"}, sendUpdates="all")
    connected.event("update", event["id"], INTERVIEW, sendUpdates="all")
    kinds = [kind for kind, _ in connected.mails()]
    assert kinds == ["invitation", "cancellation", "invitation"]
    sequences = [mail["sequence"] for mail in connected.steer("GET", "mails")["mails"]]
    assert sequences == [0, 1, 2]


def test_a_mail_says_what_it_is_about(connected: Application) -> None:
    conference = {"createRequest": {"requestId": "r", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    event = connected.made({**INTERVIEW, "conferenceData": conference}, sendUpdates="all", conferenceDataVersion=1)
    mail = connected.steer("GET", "mails")["mails"][0]
    assert {name: mail[name] for name in ("ical_uid", "summary", "start", "link", "cause")} == {
        "ical_uid": event["iCalUID"],
        "summary": "Entretien",
        "start": event["start"],
        "link": event["hangoutLink"],
        "cause": "events.insert",
    }


def test_guests_who_answer_at_once(connected: Application) -> None:
    connected.steer("PUT", f"accounts/{COLLEAGUE}", {"guests_answer": "declined"})
    connected.faults(guests_answer="accepted")
    event = connected.made(BOTH, sendUpdates="all")
    answers = {entry["email"]: entry["responseStatus"] for entry in event["attendees"]}
    assert answers == {CANDIDATE: "accepted", COLLEAGUE: "declined", HR: "needsAction"}
    assert connected.mails(kind="response") == [("response", HR), ("response", HR)]


@pytest.mark.parametrize(("open_", "seen"), [(True, [CANDIDATE, COLLEAGUE, HR]), (False, [CANDIDATE, HR])])
def test_guests_see_each_other_unless_the_organiser_says_no(
    connected: Application, *, open_: bool, seen: list[str]
) -> None:
    event = connected.made({**BOTH, "guestsCanSeeOtherGuests": open_}, sendUpdates="all")
    mail = connected.steer("GET", "mails", to=CANDIDATE)["mails"][0]
    assert mail["guests"] == seen
    connected.connect(COLLEAGUE)
    status, copy = connected.event("get", event["id"], account=COLLEAGUE)
    assert (status, "attendeesOmitted" in copy) == (200, not open_)
    assert len(connected.event("get", event["id"])[1]["attendees"]) == 3
