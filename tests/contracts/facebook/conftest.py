"""The real clients against the emulator, over HTTP."""

import contextlib
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.contracts.consent import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI
from tests.factories.emulators import FacebookEmulator
from worker.contracts.accounts import CodeAnswer
from worker.contracts.channels import Post
from worker.kit.http import CallLimits
from worker.providers.facebook.client import FacebookPages
from worker.providers.facebook.oauth import FacebookAccounts

HR, DIRECTION, NOBODY = "rh@exemple.cm", "direction@exemple.cm", "perso@gmail.com"
PAGE, OTHER_PAGE = "106541988990001", "106541988990002"
SCOPES = "pages_show_list pages_manage_posts pages_read_engagement"
VERSION = "v26.0"

MakePages = Callable[..., FacebookPages]
Agree = Callable[..., CodeAnswer]


@pytest.fixture
def accounts(facebook: FacebookEmulator) -> Iterator[FacebookAccounts]:
    facebook.steer("PUT", "client", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    client = FacebookAccounts(app_id=CLIENT_ID, app_secret=CLIENT_SECRET, api_url=facebook.api_url, version=VERSION)
    with contextlib.closing(client):
        yield client


@pytest.fixture
def make_pages(facebook: FacebookEmulator) -> Iterator[MakePages]:
    """Make a client; without an address it talks to the emulator."""
    with contextlib.ExitStack() as stack:

        def make(
            *, url: str | None = None, live: bool = True, version: str = VERSION, limits: CallLimits | None = None
        ) -> FacebookPages:
            pages = FacebookPages(
                url=url or facebook.api_url,
                version=version,
                app_secret=CLIENT_SECRET,
                app_is_live=live,
                limits=limits,
            )
            stack.callback(pages.close)
            return pages

        yield make


@pytest.fixture
def pages(make_pages: MakePages) -> FacebookPages:
    return make_pages()


@pytest.fixture
def agree(facebook: FacebookEmulator) -> Agree:
    def agree(
        account: str = HR, scopes: str = SCOPES, *, ticked: list[str] | None = None, pages: list[str] | None = None
    ) -> CodeAnswer:
        """ticked, pages: what the person grants; None: all."""
        query = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "response_type": "code", "scope": scopes}
        address = f"{facebook.auth_url}?{urlencode({**query, 'state': 's'})}"
        location = facebook.authorize(address, account, scopes=ticked, pages=pages)
        assert location is not None
        code = dict(parse_qsl(urlsplit(location).query))["code"]
        return CodeAnswer(code=code, redirect_uri=REDIRECT_URI, scopes=tuple(scopes.split()), state="s")

    return agree


@pytest.fixture
def token(accounts: FacebookAccounts, agree: Agree) -> str:
    """Of the account with one page."""
    return accounts.exchange(agree()).tokens.access_token


def post(number: int = 5, text: str = "Exemple SA recrute : Comptable 🧮") -> Post:
    link = f"https://intowork.co/carrieres/1-exemple/2-comptable?ref=p-{number}"
    return Post(
        text=f"{text}\n\nPostulez : {link}",
        hashtags=("Recrutement", "Douala"),
        link=link,
        title="Comptable",
        description="Exemple SA",
        language="fr",
    )
