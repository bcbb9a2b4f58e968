"""The real clients against the emulator, over HTTP."""

import contextlib
from collections.abc import Callable, Iterator

import pytest

from tests.contracts.consent import CLIENT_ID, CLIENT_SECRET, agreed
from tests.factories.emulators import XEmulator
from worker.contracts.accounts import CodeAnswer
from worker.contracts.channels import Post
from worker.kit.http import CallLimits
from worker.providers.x.client import XPosts
from worker.providers.x.oauth import XAccounts

HR = "rh@exemple.cm"
SCOPES = "tweet.read tweet.write users.read offline.access"

MakeAccounts = Callable[..., XAccounts]
MakePosts = Callable[..., XPosts]
Agree = Callable[..., CodeAnswer]


@pytest.fixture
def make_accounts(x: XEmulator) -> Iterator[MakeAccounts]:
    """Make a client; without an address it talks to the emulator."""
    x.steer("PUT", "client", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    with contextlib.ExitStack() as stack:

        def make(*, client_id: str = CLIENT_ID, secret: str = CLIENT_SECRET, api_url: str | None = None) -> XAccounts:
            accounts = XAccounts(client_id=client_id, client_secret=secret, api_url=api_url or x.api_url)
            stack.callback(accounts.close)
            return accounts

        yield make


@pytest.fixture
def accounts(make_accounts: MakeAccounts) -> XAccounts:
    return make_accounts()


@pytest.fixture
def make_posts(x: XEmulator) -> Iterator[MakePosts]:
    with contextlib.ExitStack() as stack:

        def make(*, url: str | None = None, limits: CallLimits | None = None) -> XPosts:
            posts = XPosts(url=url or x.api_url, limits=limits)
            stack.callback(posts.close)
            return posts

        yield make


@pytest.fixture
def posts(make_posts: MakePosts) -> XPosts:
    return make_posts()


@pytest.fixture
def agree(x: XEmulator) -> Agree:
    def agree(scopes: str = SCOPES, *, account: str = HR, ticked: list[str] | None = None) -> CodeAnswer:
        return agreed(x, x.auth_url, scopes, account=account, ticked=ticked, pkce=True)

    return agree


@pytest.fixture
def token(accounts: XAccounts, agree: Agree) -> str:
    return accounts.exchange(agree()).tokens.access_token


@pytest.fixture
def target(posts: XPosts, token: str) -> str:
    """The account's number."""
    return posts.targets(token)[0].id


def post(number: int = 5, text: str = "Exemple SA recrute : Comptable 🧮", *, hashtags: tuple[str, ...] = ()) -> Post:
    link = f"https://intowork.co/carrieres/1-exemple/2-comptable?ref=p-{number}"
    return Post(
        text=f"{text}\n\nPostulez : {link}",
        hashtags=hashtags,
        link=link,
        title="Comptable",
        description="Exemple SA",
        language="fr",
    )
