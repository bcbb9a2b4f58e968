"""One browser for all pages, a server that answers it, and people who have signed in."""

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Response
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from api_min import sessions
from tests.factories import main_web_app
from tests.factories.api import Api
from tests.integration.api.pages.looking import OPTIONS, PATIENCE, open_page
from tests.means import CHROMIUM
from worker.kit.database import raw
from worker.kit.settings import Settings


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM.found()), args=OPTIONS, timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def address(api: Api) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, api.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sign_in(browser: Browser, settings: Settings, address: str) -> Iterator[Callable[..., Page]]:
    """Opens a page of somebody who has signed in."""
    pages: list[Page] = []

    def make(user_id: int, **options: object) -> Page:
        page = open_page(browser, **options)  # type: ignore[arg-type]
        response = Response()
        sessions.set_cookie(response, settings, sessions.begin(user_id))
        value = response.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        page.context.add_cookies([{"name": sessions.cookie_name(settings), "value": value, "url": address}])
        pages.append(page)
        return page

    yield make
    for page in pages:
        page.context.close()


@pytest.fixture
def people(api: Api) -> Api:
    """User 1 is an employer, user 2 a candidate, of the main web app's making."""
    with api.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
    return api
