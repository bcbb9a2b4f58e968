"""Posts on X: made once, found again for little money, counted, withdrawn; each failure with its error."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.emulators.x.texts import weight
from tests.contracts.x.conftest import HR, Agree, MakePosts, post
from tests.factories.emulators import XEmulator
from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.channels import ChannelOff, Figures, Picture, Published, Target
from worker.kit.database import Database
from worker.kit.errors import (
    Misconfigured,
    NotSent,
    RateLimited,
    Refused,
    Retryable,
    RunError,
    UnknownOutcome,
    Unreachable,
)
from worker.kit.http import CallLimits
from worker.providers.x import payloads
from worker.providers.x.client import XPosts
from worker.providers.x.oauth import XAccounts

HOUR = 3600.0


def publish(posts: XPosts, token: str, target: str, number: int = 5, **changes: Any) -> Published:
    wanted = post(number, **changes)
    deadline = time.monotonic() + 30
    return posts.publish(token, target, posts.body(wanted, target), link=wanted.link, deadline=deadline)


def withdraw(posts: XPosts, token: str, target: str, post_id: str) -> None:
    posts.withdraw(token, target, post_id, deadline=time.monotonic() + 30)


def found(posts: XPosts, token: str, target: str, number: int = 5, *, seconds: float = 60.0) -> Published | None:
    return posts.find(token, target, post(number).link, datetime.now(UTC) - timedelta(seconds=seconds))


def test_a_post_is_made_as_it_was_composed(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    wanted = post(hashtags=("Recrutement", "Douala"))
    made = publish(posts, token, target, hashtags=wanted.hashtags)
    assert made == Published(x.posts()[0]["id"])
    assert x.posts()[0]["text"] == wanted.visible
    assert x.spent == 0.2, "X bills posts with an address"


def test_a_long_text_is_cut_on_a_word_and_keeps_its_link(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    publish(posts, token, target, text="Comptable à Douala, 日本語 et $USD ou $XAF. " * 20, hashtags=("Recrutement",))
    text: str = x.posts()[0]["text"]
    assert text.endswith(f"…\n\n{post().link}")
    assert 250 <= weight(text) <= 280


def test_an_account_has_one_target(posts: XPosts, token: str, target: str) -> None:
    assert posts.targets(token) == [Target(target, "Exemple SA (@exemple_sa)")]
    assert posts.upload_picture(token, target, Picture(b"", "image/png")) == ""


def test_a_post_is_found_by_its_link_and_by_no_other(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    first, longer = publish(posts, token, target, 5), publish(posts, token, target, 56)
    assert found(posts, token, target, 5) == first
    assert found(posts, token, target, 56) == longer
    assert found(posts, token, target, 57) is None
    x.remove(first.id)
    assert found(posts, token, target, 5) is None
    assert found(posts, token, target, 56, seconds=-HOUR) is None


def test_a_look_is_as_cheap_as_x_allows(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    for number in range(7):
        publish(posts, token, target, number)
    before = x.spent
    assert found(posts, token, target, 6) is not None
    assert x.spent - before == pytest.approx(5 * 0.005)
    assert found(posts, token, target, 0) is not None, "on the second page"


def test_a_link_that_x_does_not_shorten_is_found_in_the_text(posts: XPosts, token: str, target: str) -> None:
    link = "http://127.0.0.1:5080/carrieres/1-exemple/2-comptable?ref=p-5"
    body = json.dumps({"text": f"Comptable {link}"}).encode()
    made = posts.publish(token, target, body, link=link, deadline=time.monotonic() + 30)
    assert posts.find(token, target, link, datetime.now(UTC)) == made


@pytest.mark.parametrize(
    "fault",
    [
        {"drop_after": 1.0},
        {"hang_after": 1.0, "hang_seconds": 2},
        {"error_5xx_after": 1.0, "error_status": 500},
        {"error_5xx_after": 1.0, "error_status": 503},
        {"id_missing": 1.0},
    ],
)
def test_a_post_whose_answer_was_lost_is_unknown_and_can_be_found(
    make_posts: MakePosts, posts: XPosts, token: str, target: str, x: XEmulator, fault: dict[str, Any]
) -> None:
    x.faults(only="tweets.create", **fault)
    with pytest.raises(UnknownOutcome):
        publish(make_posts(limits=CallLimits(read=1.0, total=1.0)), token, target)
    x.faults()
    assert found(posts, token, target) == Published(x.posts()[0]["id"])
    assert len(x.posts()) == 1


@pytest.mark.parametrize("fault", ["drop_before", "error_5xx", "html_503"])
def test_a_post_that_was_not_made_may_have_been(
    posts: XPosts, token: str, target: str, x: XEmulator, fault: str
) -> None:
    x.faults(only="tweets.create", **{fault: 1.0})
    with pytest.raises(UnknownOutcome):
        publish(posts, token, target)
    x.faults()
    assert found(posts, token, target) is None


def test_a_duplicate_is_our_own_post_of_an_earlier_call(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    first = publish(posts, token, target)
    assert publish(posts, token, target) == first
    assert len(x.posts()) == 1


def test_a_duplicate_that_is_not_listed_is_unknown(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    x.faults(timeline_delay=HOUR)
    publish(posts, token, target)
    with pytest.raises(UnknownOutcome, match="does not list it"):
        publish(posts, token, target)
    x.faults(only="timeline", error_5xx=1.0)
    with pytest.raises(UnknownOutcome, match="does not show it"):
        publish(posts, token, target)
    x.faults()
    x.remove(publish(posts, token, target, 6).id)
    with pytest.raises(UnknownOutcome, match="deleted"):
        publish(posts, token, target, 6)


@pytest.mark.parametrize(
    ("switches", "kind", "code"),
    [
        ({"credits": 0}, ChannelOff, "channel.off"),
        ({"not_enrolled": True}, Misconfigured, "provider.configuration"),
        ({"usage_capped": True}, RateLimited, "provider.monthly_quota"),
        ({"window_calls": 0}, RateLimited, "provider.rate_limited"),
        ({"rate_limit": 1.0}, RateLimited, "provider.rate_limited"),
    ],
)
def test_what_was_refused_was_not_made(
    posts: XPosts, token: str, target: str, x: XEmulator, switches: dict[str, Any], kind: type[RunError], code: str
) -> None:
    x.faults(only="tweets.create", **switches)
    with pytest.raises(RunError) as caught:
        publish(posts, token, target)
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert x.posts() == []
    assert x.counters()["tweets.create"] == 1


def test_an_account_that_may_not_post_until_somebody_settles_it(
    posts: XPosts, token: str, target: str, x: XEmulator
) -> None:
    x.steer("PUT", f"accounts/{HR}", suspended=True)
    with pytest.raises(ChannelOff, match="suspended"):
        publish(posts, token, target)


def test_limits_say_how_long(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    for switches, least, most in (
        ({"rate_limit": 1.0, "reset_in": 120}, 110.0, 122.0),
        ({"rate_limit": 1.0, "reset_in": -50}, 1.0, 1.0),
        ({"rate_limit": 1.0, "reset_in": 10_000_000}, 86_400.0, 86_400.0),
        ({"rate_limit": 1.0, "retry_after": 17}, 17.0, 17.0),
        ({"rate_limit": 1.0}, 900.0, 900.0),
        ({"usage_capped": True}, 6 * HOUR, 6 * HOUR),
    ):
        x.faults(**switches)
        with pytest.raises(RateLimited) as caught:
            publish(posts, token, target)
        assert least <= caught.value.after <= most


def test_access_that_ended_or_is_too_small(
    posts: XPosts, accounts: XAccounts, agree: Agree, token: str, target: str, x: XEmulator
) -> None:
    reader = accounts.exchange(agree("tweet.read users.read")).tokens.access_token
    with pytest.raises(ScopeMissing, match="not permitted"):
        publish(posts, reader, target)
    x.expire(account=HR)
    for wrong in (token, "unknown", "é"):
        with pytest.raises(AccessRefused):
            publish(posts, wrong, target)
        with pytest.raises(AccessRefused):
            posts.targets(wrong)
    with pytest.raises(AccessRefused, match="which X account"):
        found(posts, token, "../me")


def test_texts_that_x_does_not_take_are_refused(posts: XPosts, token: str, target: str) -> None:
    for text in ("x" * 281, "$AAPL $TSLA"):
        body = json.dumps({"text": text}).encode()
        with pytest.raises(Refused):
            posts.publish(token, target, body, link=post().link, deadline=time.monotonic() + 30)


def test_nothing_leaves_after_the_deadline(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    with pytest.raises(NotSent):
        posts.publish(token, target, posts.body(post(), target), link=post().link, deadline=time.monotonic() - 1)
    assert "tweets.create" not in x.counters()


def test_nobody_listening_is_unreachable(make_posts: MakePosts, token: str, target: str) -> None:
    with pytest.raises(Unreachable):
        publish(make_posts(url="http://127.0.0.1:1"), token, target)


def test_a_post_is_withdrawn_once_and_for_all(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    made = publish(posts, token, target)
    for _ in range(2):
        withdraw(posts, token, target, made.id)
    withdraw(posts, token, target, "of-no-form")
    kept = publish(posts, token, target, 6)
    x.faults(only="tweets.delete", drop_after=1.0)
    with pytest.raises(Retryable):
        withdraw(posts, token, target, kept.id)
    x.faults()
    withdraw(posts, token, target, kept.id)
    assert x.posts(live=True) == []


def test_readers_are_counted(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    first, second = publish(posts, token, target, 5), publish(posts, token, target, 6)
    x.react(first.id, like_count=3, reply_count=2, retweet_count=1, quote_count=1, impression_count=90)
    gone = publish(posts, token, target, 7)
    x.remove(gone.id)
    assert posts.statistics(token, target, [first.id, second.id, gone.id, "x"]) == {
        first.id: Figures(impressions=90, likes=3, comments=2, shares=2),
        second.id: Figures(impressions=0, likes=0, comments=0, shares=0),
    }
    assert posts.statistics(token, target, []) == {}


def test_an_old_post_is_not_worth_the_money(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    made = publish(posts, token, target)
    month = 31 * 86_400_000 << 22
    before = x.counters().get("tweets.read", 0)
    assert posts.statistics(token, target, [str(int(made.id) - month)]) == {}
    assert x.counters().get("tweets.read", 0) == before
    assert abs(payloads.made_at(made.id) - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "error_5xx", "html_503"])
def test_questions_may_be_repeated(posts: XPosts, token: str, target: str, x: XEmulator, fault: str) -> None:
    made = publish(posts, token, target)
    x.faults(**{fault: 1.0})
    for ask in (
        lambda: found(posts, token, target),
        lambda: posts.statistics(token, target, [made.id]),
        lambda: posts.targets(token),
    ):
        with pytest.raises(Retryable):
            ask()


def test_whatever_is_lost_each_posting_is_there_once(posts: XPosts, token: str, target: str, x: XEmulator) -> None:
    """Looked for after each loss, and sent once more where it is not there."""
    shares = {"drop_before": 0.1, "drop_after": 0.2, "error_5xx": 0.1, "error_5xx_after": 0.2, "html_503": 0.1}
    x.faults(only="tweets.create", seed=7, window_calls=10_000, **shares)

    def settled(number: int) -> str:
        for _ in range(20):
            try:
                return publish(posts, token, target, number).id
            except UnknownOutcome:
                present = found(posts, token, target, number)
            if present is not None:
                return present.id
        raise AssertionError(number)

    ids = {number: settled(number) for number in range(60)}
    live = {each["id"]: each["text"] for each in x.posts(live=True)}
    assert live == {post_id: post(number).visible for number, post_id in ids.items()}
    assert len(live) == 60 < x.counters()["tweets.create"]


def test_no_transaction_is_open_while_x_is_asked(posts: XPosts, token: str, target: str, database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError, match="inside a database transaction"):
        publish(posts, token, target)
