"""What Exchange tells guests by itself, and changes behind the application's back."""

from typing import Any

import pytest

from tests.unit.sandbox.emulators.microsoft.conftest import Outside, Person, guest, utc

AWA, JEAN, PAUL = "awa@example.org", "jean@example.org", "paul@example.org"


def told(outside: Outside, **query: str) -> list[tuple[str, str]]:
    return [(mail["kind"], mail["to"]) for mail in outside.steer("GET", "mails", **query)["mails"]]


def test_guests_are_told_once_of_each_change(outside: Outside, person: Person) -> None:
    made = person.create(attendees=[guest(AWA), guest(JEAN)])
    place = f"/events/{made['id']}"
    assert told(outside) == [("invitation", AWA), ("invitation", JEAN)]
    person.graph("PATCH", place, {"attendees": [guest(JEAN), guest(PAUL)]})
    assert told(outside)[2:] == [("invitation", PAUL), ("cancellation", AWA)]
    person.graph("PATCH", place, {"start": utc("2027-01-15T12:00:00")})
    assert told(outside)[4:] == [("update", JEAN), ("update", PAUL)]
    person.graph("PATCH", place, {"isReminderOn": False, "showAs": "busy"})
    assert len(told(outside)) == 6
    person.graph("POST", f"{place}/cancel", {"comment": "Le poste est pourvu."})
    assert told(outside)[6:] == [("cancellation", JEAN), ("cancellation", PAUL)]
    mails = outside.steer("GET", "mails", to=PAUL, kind="cancellation")["mails"]
    assert [mail["comment"] for mail in mails] == ["Le poste est pourvu."]
    assert [mail["sequence"] for mail in outside.steer("GET", "mails", to=JEAN)["mails"]] == [0, 2, 4]
    assert len(outside.steer("GET", "mails", event=made["id"])["mails"]) == 8


def test_a_deletion_is_told_without_a_reason(outside: Outside, person: Person) -> None:
    made = person.create()
    person.graph("DELETE", f"/events/{made['id']}")
    mail = outside.steer("GET", "mails")["mails"][-1]
    assert (mail["kind"], mail["comment"], mail["subject"]) == ("cancellation", None, "Canceled: Entretien")


@pytest.mark.parametrize(("hidden", "seen"), [(True, [AWA]), (False, [AWA, JEAN])])
def test_guests_see_each_other_unless_that_is_hidden(
    outside: Outside, person: Person, hidden: bool, seen: list[str]
) -> None:
    made = person.create(attendees=[guest(AWA), guest(JEAN)], hideAttendees=hidden)
    mail = outside.steer("GET", "mails", to=AWA)["mails"][0]
    assert mail["guests"] == seen
    assert mail["link"] == made["onlineMeeting"]["joinUrl"]
    assert mail["start"] == "2027-01-15T13:00:00+00:00"


def test_an_event_changes_behind_the_applications_back(outside: Outside, person: Person) -> None:
    made = person.create(attendees=[guest(AWA)])
    place = f"events/{made['id']}/behind"
    outside.steer("POST", place, {"start": "2027-01-15T16:00:00+01:00"})
    moved = person.graph("GET", f"/events/{made['id']}").body
    assert (moved["start"]["dateTime"][11:16], moved["end"]["dateTime"][11:16]) == ("15:00", "16:00")
    assert moved["@odata.etag"] != made["@odata.etag"]
    outside.steer("POST", place, {"guest": AWA.upper(), "response": "tentativelyAccepted"})
    answered = person.graph("GET", f"/events/{made['id']}").body["attendees"][0]["status"]
    assert answered["response"] == "tentativelyAccepted"
    outside.steer("POST", place, {"cancel": True})
    assert person.graph("GET", f"/events/{made['id']}").body["isCancelled"]
    assert told(outside) == [("invitation", AWA)]
    seen = outside.steer("POST", place, {"delete": True, "notify": True})
    assert (seen["state"], seen["live"], len(seen["mails"])) == ("deleted", False, 2)
    assert person.graph("GET", f"/events/{made['id']}").status == 404
    assert outside.steer("GET", f"events/{made['id']}")["mails"][-1]["cause"] == "behind"


def test_all_events_are_told_with_what_the_client_wrote(outside: Outside, person: Person) -> None:
    made = person.create(transactionId="t1")
    gone = person.create()
    person.graph("DELETE", f"/events/{gone['id']}")
    everything = outside.steer("GET", "events", account="rh@exemple.cm")
    assert [each["state"] for each in everything["events"]] == ["live", "deleted"]
    live: list[dict[str, Any]] = outside.steer("GET", "events", live="true")["events"]
    assert [each["ordinary_id"] for each in live] == [made["id"]]
    assert live[0]["body"] == "<p>Bonjour</p>"
    assert live[0]["event"]["transactionId"] == "t1"
    assert outside.steer("GET", "events", account="personal")["total"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("events/nothing/behind", {"delete": True}),
        ("events/{id}/behind", {"guest": "nobody@example.org", "response": "accepted"}),
        ("events/{id}/behind", {"guest": AWA, "response": "maybe"}),
        ("events/{id}/behind", {"start": "soon"}),
        ("events/{id}/behind", {"remove": True}),
        ("authorize", {"account": "work"}),
        ("authorize", {"address": "https://x/common/oauth2/v2.0/authorize?a=b", "account": "nobody"}),
        ("adminconsent", {"address": "https://x/common/v2.0/adminconsent?a=b", "tenant": "nowhere.example"}),
        ("grants/work/revoke", {"aadsts": 1}),
    ],
)
def test_wrong_wishes_are_explained(outside: Outside, person: Person, path: str, body: dict[str, Any]) -> None:
    made = person.create(attendees=[guest(AWA)])
    answer = outside.call("POST", f"/_emulator/microsoft/{path.format(id=made['id'])}", body)
    assert answer.status == 422
    assert answer.error


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"only": "events.make"}),
        ("faults", {"token_error": 1}),
        ("faults", {"token_error": {"aadsts": 65001, "code": 1}}),
        ("faults", {"graph_error": {"code": "x"}}),
        ("faults", {"unknown": 1}),
        ("client", {"secret": "x"}),
        ("accounts/work", {"kind": "robot"}),
        ("accounts/work", {"busy": [{"start": "2027-01-15T10:00:00Z"}]}),
        ("accounts/work", {"busy": ["2027"]}),
        ("accounts/nobody", {}),
    ],
)
def test_wrong_settings_are_explained(outside: Outside, path: str, body: dict[str, Any]) -> None:
    answer = outside.call("PUT", f"/_emulator/microsoft/{path}", body)
    assert answer.status == 422
    assert answer.error
