"""The real client against the emulator, over HTTP."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contracts.consent import CLIENT_ID, CLIENT_SECRET, agreed
from tests.factories.emulators import LinkedInEmulator
from worker.contracts.accounts import CodeAnswer
from worker.contracts.channels import Network, Post, Published, Target
from worker.kit.http import CallLimits
from worker.providers.linkedin.client import LinkedInPosts
from worker.providers.linkedin.oauth import LinkedInAccounts

HR = "rh@exemple.cm"
DIRECTION = "direction@exemple.cm"
NOBODY = "perso@gmail.com"
PAGE = "urn:li:organization:2414183"
OTHER_PAGE = "urn:li:organization:5515715"
VERSION = "202609"
SCOPES = "w_organization_social r_organization_social rw_organization_admin r_basicprofile"

MakeAccounts = Callable[..., LinkedInAccounts]
Agree = Callable[..., CodeAnswer]


@pytest.fixture
def make_accounts(linkedin: LinkedInEmulator) -> Iterator[MakeAccounts]:
    """Make a client; without addresses it talks to the emulator."""
    with contextlib.ExitStack() as stack:

        def make(
            *, client_id: str = CLIENT_ID, token_url: str | None = None, limits: CallLimits | None = None
        ) -> LinkedInAccounts:
            accounts = LinkedInAccounts(
                client_id=client_id,
                client_secret=CLIENT_SECRET,
                token_url=token_url or linkedin.token_url,
                api_url=linkedin.api_url,
                limits=limits,
            )
            stack.callback(accounts.close)
            return accounts

        yield make


@pytest.fixture
def accounts(make_accounts: MakeAccounts) -> LinkedInAccounts:
    return make_accounts()


@pytest.fixture
def agree(linkedin: LinkedInEmulator) -> Agree:
    def agree(scopes: str = SCOPES, *, account: str = HR) -> CodeAnswer:
        return agreed(linkedin, linkedin.auth_url, scopes, account=account)

    return agree


def offer(number: int = 12, **changes: Any) -> Post:
    """The offer of a posting."""
    link = f"https://platform.example.org/carrieres/1-exemple/{number}-comptable?ref=p-{number}"
    members: dict[str, Any] = {
        "text": f"Comptable n° {number} (H/F) [CDI]\n\nExemple_SA recrute à Douala : C# & {{x}} | 100 %\n\n{link}",
        "hashtags": ("Emploi", "Comptabilité"),
        "link": link,
        "title": "Comptable (H/F) [CDI]",
        "description": "Exemple_SA recrute (Douala)",
        "language": "fr",
    }
    return Post(**{**members, **changes})


@dataclass(frozen=True)
class Recruiter:
    """A connected account, and the page at which it posts."""

    network: Network
    token: str = field(repr=False)
    target: str = PAGE
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def publish(self, post: Post, *, seconds: float = 60.0) -> Published:
        body = self.network.body(post, self.target)
        deadline = time.monotonic() + seconds
        return self.network.publish(self.token, self.target, body, link=post.link, deadline=deadline)

    def find(self, post: Post, since: datetime | None = None) -> Published | None:
        return self.network.find(self.token, self.target, post.link, since or self.began)

    def withdraw(self, post_id: str) -> None:
        self.network.withdraw(self.token, self.target, post_id, deadline=time.monotonic() + 60)

    def targets(self) -> Sequence[Target]:
        return self.network.targets(self.token)


MakeNetwork = Callable[..., LinkedInPosts]
Connect = Callable[..., Recruiter]


@pytest.fixture
def make_network(linkedin: LinkedInEmulator) -> Iterator[MakeNetwork]:
    """Make a client; without an address it talks to the emulator."""
    with contextlib.ExitStack() as stack:

        def make(*, url: str | None = None, version: str = VERSION, limits: CallLimits | None = None) -> LinkedInPosts:
            network = LinkedInPosts(url=url or linkedin.api_url, version=version, limits=limits)
            stack.callback(network.close)
            return network

        yield make


@pytest.fixture
def connect(make_network: MakeNetwork, accounts: LinkedInAccounts, agree: Agree) -> Connect:
    def connect(account: str = HR, *, scopes: str = SCOPES, target: str = PAGE, version: str = VERSION) -> Recruiter:
        token = accounts.exchange(agree(scopes, account=account)).tokens.access_token
        return Recruiter(make_network(version=version), token, target)

    return connect


@pytest.fixture
def recruiter(connect: Connect) -> Recruiter:
    return connect()
