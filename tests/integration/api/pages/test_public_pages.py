"""Pages in a real browser: nothing that the policy blocks, no fault of accessibility, no line wider than the window."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from tests.factories import main_web_app
from tests.factories.api import Api
from tests.integration.api.pages.looking import SMALL, check, open_page
from tests.means import CHROMIUM
from worker.kit.database import execute, raw
from worker.kit.settings import Settings
from worker.services.email.recipients import unsubscribing
from worker.services.interviews.candidate_links import candidate_link

pytestmark = CHROMIUM.mark


@pytest.fixture
def link(api: Api, settings: Settings) -> str:
    with api.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
        alert = main_web_app.insert_alert(raw(connection), 1, "Python à Libreville", origin="platform")
    return unsubscribing.link(settings, user_id=2, alert_id=alert).removeprefix(settings.platform_url)


@pytest.fixture
def interview(api: Api, settings: Settings, link: str) -> str:
    """A candidate's page with all that it can show; whoever has a `link` knows the people."""
    assert link
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    values = {
        "title": "Entretien technique avec l’équipe",
        "description": "Première ligne\nDeuxième ligne",
        "location": "Tour A",
        "meeting_link": f"https://teams.microsoft.com/l/meetup-join/{'a' * 120}",
        "scheduled_at": start,
        "timezone": "Africa/Libreville",
        "interviewers": [{"name": "Marie Ondo"}],
        "candidate_email": "awa@example.org",
        "status": "RESCHEDULED",
        "kind": "video",
        "moved_at": start,
        "moved_from": start,
    }
    offered = [start + timedelta(hours=each) for each in (2, 26)]
    with api.database.transaction() as connection:
        job = main_web_app.insert_job(raw(connection), "Développeuse ou développeur Python")
        application = main_web_app.insert_application(raw(connection), job, 1)
        number = main_web_app.insert_interview(raw(connection), application, 1, **values)
        execute(connection, "update interview_schedules set offered_times = %s where id = %s", (offered, number))
    found = candidate_link(settings, interview_id=number, address="awa@example.org")
    assert found is not None
    return found.removeprefix(settings.platform_url)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_every_page_is_readable_and_keeps_the_policy(
    browser: Browser, address: str, link: str, interview: str, scheme: str, width: int
) -> None:
    page = open_page(browser, scheme=scheme, width=width)
    pages = (link, f"{link}/preferences", "/u/guess", "/nowhere", "/u/guess/more", "/api/docs")
    for path in (*pages, interview, f"{interview}?lang=en"):
        page.goto(address + path)
        check(page)
    for path in ("/carrieres/1", "/carrieres/1/1"):
        page.goto(address + path)
        check(page)
        assert page.evaluate(SMALL) == []
    page.context.close()


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_a_candidate_s_page_is_for_fingers_whatever_became_of_the_interview(
    browser: Browser, address: str, api: Api, interview: str, locale: str
) -> None:
    page = open_page(browser, locale, width=390)
    ended = "status = 'CANCELED', cancel_reason = 'Le poste est pourvu'"
    for change in ("status = 'RESCHEDULED'", "status = 'CONFIRMED'", ended, "scheduled_at = now() - interval '1 hour'"):
        api.rows(f"update interview_schedules set {change} returning id")
        page.goto(address + interview)
        if page.locator("summary").count():
            page.locator("summary").click()
        check(page)
        assert page.evaluate(SMALL) == []
    page.context.close()


def test_a_refusal_speaks_the_reader_s_language(browser: Browser, address: str) -> None:
    page = open_page(browser, locale="en-GB")
    page.goto(f"{address}/nowhere")
    assert page.get_by_role("heading", level=1).inner_text() == "Page not found"
    page.get_by_role("link", name="Français").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Page introuvable"
    page.goto(f"{address}/nowhere")
    assert page.get_by_role("heading", level=1).inner_text() == "Page introuvable"
    check(page)
    page.context.close()


def test_a_candidate_answers_without_scripts_on_a_phone(browser: Browser, address: str, interview: str) -> None:
    page = open_page(browser, width=390, scripts=False)
    page.goto(address + interview)
    page.get_by_role("radio").last.check()
    page.get_by_role("button", name="Choisir cette heure").click()
    assert page.get_by_role("status").inner_text() == "Vous avez confirmé votre présence."
    page.get_by_text("Annuler l’entretien", exact=True).click()
    page.get_by_label("Motif").fill("Je suis malade")
    page.get_by_role("button", name="Je ne peux pas venir").click()
    assert "Je suis malade" in page.get_by_role("status").inner_text()
    page.context.close()


def test_unsubscribing_by_keyboard(browser: Browser, address: str, link: str, api: Api) -> None:
    page = open_page(browser)
    page.goto(address + link)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    check(page)
    page.context.close()
    assert [row["is_active"] for row in api.rows("select is_active from job_alerts")] == [False]
