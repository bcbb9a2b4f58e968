"""Answers that no network should give: none is taken for a post, for nothing that was found, or for a crash."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories.peers import Page, site
from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.channels import ChannelOff, Figures, Network, Target
from worker.kit.errors import RateLimited, Retryable, RunError, UnknownOutcome
from worker.providers.facebook.client import FacebookPages
from worker.providers.facebook.page_tokens import PageTokens
from worker.providers.x.client import XPosts
from worker.providers.x.payloads import EPOCH

TARGET = "7"
YOUNG = str(int((time.time() - 86_400) * 1000 - EPOCH.timestamp() * 1000) << 22)
LINK = "https://intowork.co/carrieres/1-a/2-b?ref=p-5"
NESTED = "[" * 100_000
TOKENS = {"facebook": PageTokens("person", {TARGET: "page"}).packed(), "x": "token"}

OPEN: dict[str, Callable[[str], FacebookPages | XPosts]] = {
    "facebook": lambda url: FacebookPages(url=url, version="v26.0", app_secret="hush", app_is_live=True),
    "x": lambda url: XPosts(url=url),
}


class Strange:
    """One network's client, and a server in the network's place that says what it is told to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.token = TOKENS[name]

    @contextlib.contextmanager
    def _network(self, page: Page) -> Iterator[Network]:
        with site(lambda _: page) as url, contextlib.closing(OPEN[self.name](url)) as network:
            yield network

    def publish(self, text: str, status: int = 200, **headers: str) -> Any:
        with self._network((status, text, headers)) as network:
            return network.publish(self.token, TARGET, b"{}", link=LINK, deadline=time.monotonic() + 30)

    def find(self, text: str, status: int = 200, **headers: str) -> Any:
        with self._network((status, text, headers)) as network:
            return network.find(self.token, TARGET, LINK, datetime.now(UTC))

    def statistics(self, text: str, status: int = 200) -> Any:
        with self._network((status, text, {})) as network:
            return network.statistics(self.token, TARGET, [YOUNG])

    def targets(self, text: str, status: int = 200) -> Any:
        with self._network((status, text, {})) as network:
            return network.targets(self.token)


@pytest.fixture(params=sorted(OPEN))
def strange(request: pytest.FixtureRequest) -> Strange:
    return Strange(request.param)


UNREADABLE = ["", "null", "[]", "1", NESTED, "<html>", '"x"', "1" * 5000]


@pytest.mark.parametrize(
    "text", [*UNREADABLE, "{}", '{"id": 7}', '{"data": []}', '{"data": {"id": "x/../y"}, "id": "x"}']
)
def test_without_an_id_nobody_knows_whether_a_post_was_made(strange: Strange, text: str) -> None:
    with pytest.raises(UnknownOutcome):
        strange.publish(text)


@pytest.mark.parametrize("status", [300, 302, 404, 408, 500, 502, 504])
def test_a_page_of_somebody_between_says_nothing(strange: Strange, status: int) -> None:
    with pytest.raises(UnknownOutcome):
        strange.publish("<html>", status)
    with pytest.raises(Retryable):
        strange.find("<html>", status)


@pytest.mark.parametrize("text", [*UNREADABLE, "{}", '{"data": 7}', '{"data": {}}'])
def test_what_is_no_list_is_not_taken_for_an_empty_one(strange: Strange, text: str) -> None:
    with pytest.raises(Retryable):
        strange.find(text)


def test_entries_of_another_form_are_passed_over(strange: Strange) -> None:
    odd: list[Any] = [
        None,
        7,
        {},
        {"id": 7, "message": LINK, "text": LINK},
        {"id": "../me", "message": LINK},
        {"id": "1", "message": 7, "text": [], "attachments": [], "entities": {"urls": {}}, "created_time": "soon"},
        {"id": "2", "attachments": {"data": [None, {"url": "http://[x"}]}, "entities": {"urls": [None, {}]}},
    ]
    assert (
        strange.find(json.dumps({"data": odd, "meta": {"next_token": 7}, "paging": {"next": 1, "cursors": 7}})) is None
    )


def test_a_list_without_end_ends(strange: Strange) -> None:
    paging = {"next": "https://x.example/?access_token=t", "cursors": {"after": "a"}}
    assert strange.find(json.dumps({"data": [], "paging": paging, "meta": {"next_token": "a"}})) is None


@pytest.mark.parametrize(
    "text", ['{"error": {"code": "x"}}', '{"error": 7, "errors": {}}', '{"error": {}, "title": {}}']
)
@pytest.mark.parametrize("status", [400, 403, 404])
def test_refusals_of_another_form_are_known_failures(strange: Strange, status: int, text: str) -> None:
    for ask in (strange.publish, strange.find, strange.statistics, strange.targets):
        with pytest.raises(RunError) as caught:
            ask(text, status)
        assert len(str(caught.value)) < 600


def test_figures_of_another_form_are_not_counted() -> None:
    post: dict[str, Any] = {"id": YOUNG, "reactions": [], "comments": {"summary": 7}, "shares": {"count": -2}}
    facebook, x = Strange("facebook"), Strange("x")
    assert facebook.statistics(json.dumps({YOUNG: post, "other": 7})) == {YOUNG: Figures(shares=0)}
    assert facebook.statistics(json.dumps({YOUNG: [post]})) == {}
    metrics = {"like_count": "many", "reply_count": -3, "impression_count": True}
    assert x.statistics(json.dumps({"data": [{"id": YOUNG, "public_metrics": metrics}, 7]})) == {
        YOUNG: Figures(comments=0)
    }
    assert x.statistics(json.dumps({"data": [{"id": YOUNG}]})) == {YOUNG: Figures()}


def test_a_target_without_a_name_has_its_number() -> None:
    assert Strange("facebook").targets('{"name": 7}') == [Target(TARGET, f"Page {TARGET}")]
    assert Strange("x").targets('{"data": {"id": "7", "name": "\\u0000", "username": 7}}') == [Target("7", "7")]
    with pytest.raises(Retryable):
        Strange("x").targets('{"data": {"id": "../me"}}')


def test_a_wait_has_an_end(strange: Strange) -> None:
    for headers in (
        {"Retry-After": "1e300"},
        {"x-rate-limit-reset": "9" * 30},
        {"X-Business-Use-Case-Usage": "[" * 5000},
    ):
        with pytest.raises(RateLimited) as caught:
            strange.publish("{}", 429, **headers)
        assert 1.0 <= caught.value.after <= 86_400.0


def test_x_needs_no_words_to_say_that_a_token_or_the_credits_are_gone() -> None:
    for status, kind in ((401, AccessRefused), (402, ChannelOff)):
        with pytest.raises(kind):
            Strange("x").publish("", status)


def test_x_withholds_posts_with_a_good_status() -> None:
    errors = [{"title": "Authorization Error", "detail": "Sorry, you are not authorized to see the user."}]
    with pytest.raises(ScopeMissing):
        Strange("x").find(json.dumps({"errors": errors}))


def test_what_a_network_says_is_shown_without_addresses_and_tokens(strange: Strange) -> None:
    said = f"awa@exemple.cm gave EAA{'x' * 60}\0 {'y' * 3000}"
    body = {"error": {"code": 100, "message": said}, "title": "Forbidden", "detail": said, "status": 403}
    with pytest.raises(RunError) as caught:
        strange.publish(json.dumps(body), 403)
    told = str(caught.value)
    assert (len(told) < 600, "awa@" in told, "EAAx" in told, "\0" in told) == (True, False, False, False)
