"""Outlook's calendars on the inspector's pages."""

from urllib.parse import urlencode

from tests.unit.sandbox.emulators.microsoft.conftest import Outside, Person, guest

AWA, JEAN = "awa@example.org", "jean@example.org"
WEEK = {"account": "microsoft:rh@exemple.cm", "week": "2027-W02"}


def page(outside: Outside, path: str, **query: str) -> str:
    answer = outside.call("GET", path, query=query)
    assert answer.status == 200
    return str(answer.body)


def test_a_meeting_its_guests_and_its_mails_are_shown(outside: Outside, person: Person) -> None:
    made = person.create(attendees=[guest(AWA), guest(JEAN)], hideAttendees=True)
    week = page(outside, "/calendar", **WEEK)
    assert f"{AWA} : sans réponse" in week
    assert f'href="{made["onlineMeeting"]["joinUrl"]}"'.replace("&", "&amp;") in week
    path = f"/calendar/microsoft/{outside.provider.calendars.all()[0].immutable_id}"
    shown = page(outside, path)
    assert f"Invités : {AWA}<br>" in shown
    assert f"Invités : {AWA}, {JEAN}" not in shown
    assert "Join the meeting now" in shown


def test_a_meeting_taken_away_keeps_its_place_and_its_reason(outside: Outside, person: Person) -> None:
    made = person.create(attendees=[guest(AWA)])
    person.graph("POST", f"/events/{made['id']}/cancel", {"comment": "Le poste est pourvu."})
    assert 'class="ended"' in page(outside, "/calendar", **WEEK)
    shown = page(outside, f"/calendar/microsoft/{outside.provider.calendars.all()[0].immutable_id}")
    assert "Canceled: " in shown
    assert "Le poste est pourvu." in shown


def test_a_person_answers_and_deletes_in_outlook(outside: Outside, person: Person) -> None:
    person.create(attendees=[guest(AWA)])
    event = outside.provider.calendars.all()[0]
    path = f"/calendar/microsoft/{event.immutable_id}"
    for form in ({"guest": AWA, "answer": "tentative"}, {"remove": "1"}):
        assert outside.call("POST", path, urlencode(form).encode()).status == 303
    assert (event.guests[0].response, event.state) == ("tentativelyAccepted", "deleted")
    assert "par une personne, dans le calendrier" in page(outside, path)
    assert outside.call("POST", "/calendar/microsoft/none", b"remove=1").status == 404


def test_people_without_a_mailbox_have_no_calendar(outside: Outside) -> None:
    week = page(outside, "/calendar", **WEEK)
    assert "awa.ndong@outlook.example" in week
    assert "invite@partenaire.example" not in week
