"""Looking at a page in a real browser: what the policy blocks, faults of accessibility, lines wider than the window."""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

# Nothing of this browser's own goes to the network.
OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
PATIENCE = 120_000
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""

# A finger is as wide as 44 pixels; what is within a sentence of the reference is not for phones.
SMALL = """
() => [...document.querySelectorAll("a:not(.skip), button, select, summary, textarea, fieldset label")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44)
  .map((each) => each.textContent)
"""


def open_page(
    browser: Browser, locale: str = "fr-FR", scheme: str = "light", width: int = 1280, *, scripts: bool = True
) -> Page:
    viewport = {"width": width, "height": 800}
    page = browser.new_context(
        locale=locale,
        reduced_motion="reduce",
        java_script_enabled=scripts,
        viewport=viewport,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
    ).new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(VIOLATIONS)
    return page


def check(page: Page) -> None:
    found = Axe().run(page)
    assert not found.violations_count, found.generate_report()
    assert page.evaluate("window.violations") == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert page.evaluate("getComputedStyle(document.body).boxSizing") == "border-box", "the style sheet was not loaded"
