"""The page of notifications: read, opened and deleted by mouse, by keyboard and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.factories import main_web_app
from tests.factories.api import Api
from tests.integration.api.pages.looking import SMALL, check
from tests.means import CHROMIUM
from worker.kit.database import raw

pytestmark = CHROMIUM.mark

PATH = "/dashboard/notifications"
INSERT = """
insert into notifications (user_id, type, title, message, related_job_id, related_application_id, is_read, created_at)
select 1, 'STATUS_CHANGE', 'Candidature ' || n, 'Un message.', %s, null, false, now() - make_interval(secs => n)
  from generate_series(1, %s) n returning id
"""
SignIn = Callable[..., Page]


@pytest.fixture
def job(people: Api) -> int:
    with people.database.transaction() as connection:
        return main_web_app.insert_job(raw(connection), "Comptable")


def unread(api: Api) -> int:
    return int(api.rows("select count(*) as n from notifications where is_read is not true")[0]["n"])


def shown(page: Page) -> str:
    badge = page.locator("#unread")
    return badge.inner_text() if badge.count() else ""


def test_the_badge_counts_down_to_nothing(sign_in: SignIn, address: str, people: Api, job: int) -> None:
    people.rows(INSERT, (job, 1203))
    page = sign_in(1)
    page.goto(address + PATH)
    check(page)
    assert "1 203 non lues" in shown(page).replace("\u202f", " ").replace("\xa0", " ")
    page.get_by_role("button", name="Ouvrir").first.click()
    assert page.get_by_role("link", name="Voir").get_attribute("href") == f"http://localhost:3000/dashboard/jobs/{job}"
    assert unread(people) == 1202
    page.goto(address + PATH)
    assert "1 202 non lues" in shown(page).replace("\u202f", " ").replace("\xa0", " ")
    first = people.rows("select read_at from notifications where is_read")[0]["read_at"]
    page.get_by_role("button", name="Tout marquer comme lu").click()
    page.get_by_role("status").get_by_text("Toutes les notifications sont lues.").wait_for()
    assert (unread(people), page.locator("#unread").count()) == (0, 0)
    assert {"read_at": first} in people.rows("select distinct read_at from notifications")
    check(page)


def test_what_was_deleted_is_said(sign_in: SignIn, address: str, people: Api, job: int) -> None:
    people.rows(INSERT, (job, 1))
    page = sign_in(1)
    page.goto(address + PATH)
    people.rows("delete from jobs where id = %s returning id", (job,))
    page.get_by_role("button", name="Ouvrir").click()
    page.get_by_text("a été supprimé depuis").wait_for()
    check(page)


def test_the_keyboard_stays_where_it_was(sign_in: SignIn, address: str, people: Api, job: int) -> None:
    ids = [row["id"] for row in people.rows(INSERT, (job, 3))]
    page = sign_in(1)
    page.goto(address + PATH)
    page.locator(f"#read-{ids[0]}").focus()
    page.keyboard.press("Enter")
    page.locator(f"#read-{ids[0]}").wait_for(state="detached")
    assert page.evaluate("document.activeElement.closest('[data-row]')?.id") == f"notification-{ids[0]}"
    page.locator(f"#delete-{ids[0]}").focus()
    page.keyboard.press("Space")
    page.locator(f"#notification-{ids[0]}").wait_for(state="detached")
    assert page.evaluate("document.activeElement.closest('[data-row]')?.id") == f"notification-{ids[1]}"
    assert unread(people) == 2


def test_without_scripts_on_a_phone(sign_in: SignIn, address: str, people: Api, job: int) -> None:
    people.rows(INSERT, (job, 25))
    page = sign_in(1, scripts=False, width=390, scheme="dark", locale="en-GB")
    page.goto(address + PATH)
    page.get_by_role("link", name="Next").click()
    assert page.get_by_role("listitem").filter(has=page.get_by_role("heading")).count() == 5
    page.get_by_role("button", name="Delete").first.click()
    assert page.get_by_text("Notification deleted").is_visible()
    assert page.get_by_text("Page 2 of 2").is_visible()


def test_a_double_click_acts_once(sign_in: SignIn, address: str, people: Api, job: int) -> None:
    people.rows(INSERT, (job, 2))
    page = sign_in(1)
    page.goto(address + PATH)
    form = page.locator("form[action$='/delete']").first
    members: dict[str, str | float | bool] = {
        each.get_attribute("name") or "": each.input_value() for each in form.locator("input").all()
    }
    target = address + (form.get_attribute("action") or "")
    answers = [page.request.post(target, form=members, max_redirects=0) for _ in range(2)]
    assert [(each.status, each.headers["location"]) for each in answers] == [(303, PATH)] * 2
    assert len(people.rows("select id from notifications")) == 1


def test_an_ended_session_brings_people_back(sign_in: SignIn, address: str, people: Api, job: int) -> None:
    people.rows(INSERT, (job, 1))
    page = sign_in(1, width=390)
    page.goto(address + PATH)
    check(page)
    assert page.evaluate(SMALL) == []
    page.context.clear_cookies()
    page.get_by_role("button", name="Marquer comme lue").click()
    page.wait_for_url("**/signin?next=*")
    assert page.get_by_role("link", name="Se connecter").get_attribute("href") == (
        "http://localhost:3000/signin?callbackUrl=http%3A%2F%2Flocalhost%3A5080%2Fdashboard%2Fnotifications"
    )
    assert unread(people) == 1
