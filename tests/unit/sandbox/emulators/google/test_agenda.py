"""Google's calendars on the inspector's pages."""

from urllib.parse import urlencode

from sandbox.emulators.web import Request
from tests.unit.sandbox.emulators.google.application import CANDIDATE, COLLEAGUE, HR, INTERVIEW, Application

JULY = {"account": f"google:{HR}", "week": "2027-W27"}


def page(application: Application, path: str, **query: str) -> str:
    response = application.site.answer(Request("GET", path, query))
    assert response.status == 200
    return response.body.decode()


def act(application: Application, path: str, **form: str) -> int:
    return int(application.site.answer(Request("POST", path, body=urlencode(form).encode())).status)


def test_a_week_shows_events_their_guests_and_their_links(connected: Application) -> None:
    assert "Ce calendrier est vide" in page(connected, "/calendar", **JULY)
    made = connected.made(
        {**INTERVIEW, "summary": "<b>Entretien</b>", "conferenceData": {"createRequest": {"requestId": "r"}}},
        conferenceDataVersion=1,
        sendUpdates="all",
    )
    week = page(connected, "/calendar", **JULY)
    assert "&lt;b&gt;Entretien&lt;/b&gt;" in week
    assert "<b>Entretien</b>" not in week
    assert "Semaine du 5 juillet 2027" in week
    assert ">13:00</time>" in week
    assert f"{CANDIDATE} : sans réponse" in week
    assert f'href="{made["hangoutLink"]}"' in week
    assert f"/calendar/google/{made['id']}?lang=fr" in week
    assert "(1)</option>" in week
    assert made["id"] not in page(connected, "/calendar", account=f"google:{HR}", week="2027-W28")
    assert made["id"] in page(connected, "/calendar", lang="en")


def test_an_event_shows_the_mails_that_google_sent(connected: Application) -> None:
    made = connected.made({**INTERVIEW, "description": "Apportez un CV."}, sendUpdates="all")
    connected.event("patch", made["id"], {"location": "Douala"}, sendUpdates="all")
    path = f"/calendar/google/{made['id']}"
    shown = page(connected, path, lang="en")
    assert "Invitation: Entretien @ Fri Jul 9, 2027 13:00 - 14:00 (WAT) (candidate@example.org)" in shown
    assert "Updated invitation: Entretien" in shown
    assert "Apportez un CV." in shown
    assert "SEQUENCE : 1" in shown
    assert "by a person, in the calendar" not in shown
    assert "week=2027-W27" in shown


def test_a_person_answers_and_deletes_in_the_calendar(connected: Application) -> None:
    made = connected.made(sendUpdates="all")
    path = f"/calendar/google/{made['id']}"
    assert act(connected, path, guest=CANDIDATE, answer="declined") == 303
    assert f"{CANDIDATE} : refusé" in page(connected, "/calendar", **JULY)
    assert act(connected, path, guest="nobody@example.org", answer="declined") == 422
    assert act(connected, path, remove="1") == 303
    assert connected.event("get", made["id"])[1]["status"] == "cancelled"
    assert connected.mails()[-1] == ("cancellation", CANDIDATE)
    shown = page(connected, path)
    assert "Annulé" in shown
    assert "Supprimer dans le calendrier" not in shown
    assert 'class="ended"' in page(connected, "/calendar", **JULY)
    assert act(connected, "/calendar/google/none", remove="1") == 404


def test_colleagues_see_what_they_were_invited_to_as_they_may(connected: Application) -> None:
    guests = [{"email": COLLEAGUE}, {"email": CANDIDATE}]
    connected.made({**INTERVIEW, "attendees": guests, "guestsCanSeeOtherGuests": False}, sendUpdates="all")
    week = page(connected, "/calendar", account=f"google:{COLLEAGUE}", week="2027-W27")
    assert f"Invité par {HR}" in week
    assert CANDIDATE not in week
    assert CANDIDATE in page(connected, "/calendar", **JULY)


def test_an_event_of_several_days_stands_on_each(connected: Application) -> None:
    days = {"start": {"date": "2027-07-09"}, "end": {"date": "2027-07-11"}}
    made = connected.made({"summary": "Salon", **days})
    week = page(connected, "/calendar", **JULY)
    assert week.count(f"/calendar/google/{made['id']}") == 2
    assert week.count("Toute la journée") == 2
