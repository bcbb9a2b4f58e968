"""A network's feed in a real browser: readable in both schemes and widths, and usable without scripts."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, sync_playwright

from tests.factories.emulators import LinkedInEmulator
from tests.means import CHROMIUM

OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")
PATIENCE = 120_000
ORGANIZATION = "urn:li:organization:2414183"
TEXT = "Nous recrutons un comptable (H/F) à Douala. " * 12

pytestmark = CHROMIUM.mark


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM.found()), args=OPTIONS, timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def posted(linkedin: LinkedInEmulator) -> None:
    card = {"link": "https://intowork.example/o/1?ref=p-7", "title": f"Comptable {'x' * 80}", "description": TEXT}
    linkedin.post_behind(ORGANIZATION, text=f"{TEXT}https://intowork.example/{'y' * 90}", **card)
    linkedin.post_behind(ORGANIZATION, text="Salon de l’emploi", seconds_ago=90_000)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_everybody_can_read_it(browser: Browser, linkedin: LinkedInEmulator, scheme: str, width: int) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type] # one of the two
    )
    page.set_default_timeout(PATIENCE)
    page.goto(f"{linkedin.url}/feed/linkedin")
    for _ in range(2):
        found = Axe().run(page)
        assert not found.violations_count, found.generate_report()
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        for summary in reversed(page.locator("summary").all()):
            summary.click()
    page.close()


def test_a_phone_without_scripts_unfolds_and_deletes(browser: Browser, linkedin: LinkedInEmulator) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{linkedin.url}/feed/linkedin")
    post = page.locator("article").first
    text = post.locator("details.text")
    assert post.get_by_text("Voir moins").is_hidden()
    post.get_by_text("…voir plus").click()
    assert text.locator("div").inner_text().startswith(TEXT[:300])
    assert post.get_by_text("…voir plus").is_hidden()
    post.get_by_text("Voir moins").click()
    assert text.locator("div").is_hidden()
    post.locator(".menu summary").click()
    post.get_by_role("button", name="Supprimer sur le réseau").click()
    assert page.locator("article").count() == 1
    context.close()
    assert [each["visible"] for each in linkedin.posts(live=True)] == ["Salon de l’emploi"]
