"""Posts on pages: made once, found again, counted, withdrawn; each failure with the error it must become."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.contracts.facebook.conftest import HR, OTHER_PAGE, PAGE, Agree, MakePages, post
from tests.factories.emulators import FacebookEmulator
from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.channels import Figures, Picture, Published
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
from worker.providers.facebook.client import FacebookPages
from worker.providers.facebook.oauth import FacebookAccounts

HOUR = 3600.0


def publish(pages: FacebookPages, token: str, number: int = 5, page: str = PAGE, **changes: str) -> Published:
    wanted = post(number, **changes)
    deadline = time.monotonic() + 30
    return pages.publish(token, page, pages.body(wanted, page), link=wanted.link, deadline=deadline)


def withdraw(pages: FacebookPages, token: str, post_id: str) -> None:
    pages.withdraw(token, PAGE, post_id, deadline=time.monotonic() + 30)


def found(pages: FacebookPages, token: str, number: int = 5, *, seconds: float = 60.0) -> Published | None:
    return pages.find(token, PAGE, post(number).link, datetime.now(UTC) - timedelta(seconds=seconds))


def test_a_post_is_made_as_it_was_composed(pages: FacebookPages, token: str, facebook: FacebookEmulator) -> None:
    made = publish(pages, token)
    assert made == Published(facebook.posts()[0]["id"])
    assert facebook.posts()[0]["message"] == post().visible
    assert facebook.posts()[0]["link"] == post().link
    assert facebook.counters()["feed.create"] == 1


def test_a_post_of_an_app_in_development_may_be_seen_by_nobody(
    make_pages: MakePages, token: str, facebook: FacebookEmulator
) -> None:
    facebook.faults(development_mode=True)
    pages = make_pages(live=False)
    made = publish(pages, token)
    assert made.visible is False
    assert found(pages, token) == made
    assert facebook.posts()[0]["audience"] == "administrators"


def test_a_post_is_found_by_its_link_and_by_no_other(
    pages: FacebookPages, token: str, facebook: FacebookEmulator
) -> None:
    first, longer = publish(pages, token, 5), publish(pages, token, 56)
    assert found(pages, token, 5) == first
    assert found(pages, token, 56) == longer
    assert found(pages, token, 57) is None
    facebook.remove(first.id)
    assert found(pages, token, 5) is None


def test_a_post_is_found_by_its_attachment_too(pages: FacebookPages, token: str) -> None:
    wanted = post()
    body = pages.body(wanted, PAGE).replace(b"message=", b"unread=")
    made = pages.publish(token, PAGE, body, link=wanted.link, deadline=time.monotonic() + 30)
    assert found(pages, token) == made


def test_nothing_older_is_found_and_nothing_that_is_not_listed_yet(
    pages: FacebookPages, token: str, facebook: FacebookEmulator
) -> None:
    publish(pages, token)
    assert found(pages, token, seconds=-HOUR) is None
    facebook.faults(feed_delay=HOUR)
    publish(pages, token, 6)
    assert found(pages, token, 6) is None


def test_more_posts_than_one_answer_holds(pages: FacebookPages, token: str) -> None:
    first = publish(pages, token, 1)
    for number in range(100):
        publish(pages, token, 1000 + number)
    assert found(pages, token, 1, seconds=HOUR) == first


@pytest.mark.parametrize(
    "fault",
    [
        {"drop_after": 1.0},
        {"hang_after": 1.0, "hang_seconds": 2},
        {"error_5xx_after": 1.0, "error_status": 500},
        {"error_5xx_after": 1.0, "error_status": 400},
        {"id_missing": 1.0},
    ],
)
def test_a_post_whose_answer_was_lost_is_unknown_and_can_be_found(
    make_pages: MakePages, pages: FacebookPages, token: str, facebook: FacebookEmulator, fault: dict[str, Any]
) -> None:
    facebook.faults(only="feed.create", **fault)
    with pytest.raises(UnknownOutcome):
        publish(make_pages(limits=CallLimits(read=1.0, total=1.0)), token)
    facebook.faults()
    assert found(pages, token) == Published(facebook.posts()[0]["id"])
    assert len(facebook.posts()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"drop_before": 1.0},
        {"error_5xx": 1.0},
        {"html_503": 1.0},
        {"api_error": "unknown"},
        {"api_error": "service"},
    ],
)
def test_a_post_that_was_not_made_may_have_been(
    pages: FacebookPages, token: str, facebook: FacebookEmulator, fault: dict[str, Any]
) -> None:
    facebook.faults(only="feed.create", **fault)
    with pytest.raises(UnknownOutcome):
        publish(pages, token)
    facebook.faults()
    assert found(pages, token) is None


def test_a_duplicate_is_our_own_post_of_an_earlier_call(
    pages: FacebookPages, token: str, facebook: FacebookEmulator
) -> None:
    first = publish(pages, token)
    assert publish(pages, token) == first
    assert len(facebook.posts()) == 1


def test_a_duplicate_that_is_not_listed_is_unknown(
    pages: FacebookPages, token: str, facebook: FacebookEmulator
) -> None:
    facebook.faults(feed_delay=HOUR)
    publish(pages, token)
    with pytest.raises(UnknownOutcome, match="does not list it"):
        publish(pages, token)
    facebook.faults(only="feed", error_5xx=1.0)
    with pytest.raises(UnknownOutcome, match="does not show it"):
        publish(pages, token)


def test_a_duplicate_of_another_posting_of_the_same_offer_says_what_is_in_the_way(
    pages: FacebookPages, token: str, facebook: FacebookEmulator
) -> None:
    publish(pages, token, 5)
    facebook.faults(only="feed.create", api_error="duplicate")
    with pytest.raises(Refused, match="repetition") as caught:
        publish(pages, token, 6)
    assert caught.value.code == "publishing.duplicate_of_other"


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ("app_limit", RateLimited, "provider.rate_limited"),
        ("user_limit", RateLimited, "provider.rate_limited"),
        ("page_limit", RateLimited, "provider.rate_limited"),
        ("calls_limit", RateLimited, "provider.rate_limited"),
        ("pages_limit", RateLimited, "provider.rate_limited"),
        ("action_limit", RateLimited, "provider.rate_limited"),
        ("blocked", RateLimited, "publishing.blocked"),
        ("abusive", RateLimited, "publishing.blocked"),
        ("permission", ScopeMissing, "account.scope_missing"),
        ("denied", ScopeMissing, "account.scope_missing"),
        ("app_removed", AccessRefused, "account.access_refused"),
        ("checkpoint", AccessRefused, "account.access_refused"),
        ("password", AccessRefused, "account.access_refused"),
        ("expired", AccessRefused, "account.access_refused"),
        ("invalid", AccessRefused, "account.access_refused"),
        ("role", AccessRefused, "account.access_refused"),
        ("session_ended", AccessRefused, "account.access_refused"),
        ("link", Refused, "publishing.link_unreadable"),
        ("proof", Misconfigured, "provider.configuration"),
        ("app_unknown", Misconfigured, "provider.configuration"),
        ("app_secret", Misconfigured, "provider.configuration"),
    ],
)
def test_what_was_refused_was_not_made(
    pages: FacebookPages, token: str, facebook: FacebookEmulator, error: str, kind: type[RunError], code: str
) -> None:
    facebook.faults(only="feed.create", api_error=error)
    with pytest.raises(RunError) as caught:
        publish(pages, token)
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert facebook.posts() == []
    assert facebook.counters()["feed.create"] == 1


def test_limits_say_how_long(pages: FacebookPages, token: str, facebook: FacebookEmulator) -> None:
    for switches, after in (
        ({"api_error": "page_limit", "regain_minutes": 7}, 420.0),
        ({"api_error": "page_limit"}, 900.0),
        ({"api_error": "blocked"}, 4 * HOUR),
        ({"api_error": "abusive"}, 24 * HOUR),
        ({"rate_limit": 1.0, "regain_minutes": 100_000}, 24 * HOUR),
    ):
        facebook.faults(only="feed.create", **switches)
        with pytest.raises(RateLimited) as caught:
            publish(pages, token)
        assert caught.value.after == after


def test_sessions_and_roles_that_end(
    pages: FacebookPages, accounts: FacebookAccounts, agree: Agree, token: str, facebook: FacebookEmulator
) -> None:
    facebook.steer("PUT", f"accounts/{HR}", pages=[{"page": PAGE, "tasks": ["ANALYZE"]}])
    with pytest.raises(ScopeMissing):
        publish(pages, token)
    facebook.steer("PUT", f"accounts/{HR}", pages=[])
    with pytest.raises(AccessRefused, match="190/492"):
        publish(pages, token)
    with pytest.raises(AccessRefused):
        pages.targets(token)
    facebook.steer("PUT", f"accounts/{HR}", pages=[{"page": PAGE}])
    facebook.end(HR, "password")
    with pytest.raises(AccessRefused, match="190/460"):
        publish(pages, token)
    again = accounts.exchange(agree()).tokens.access_token
    facebook.revoke(HR)
    with pytest.raises(AccessRefused, match="190/458"):
        found(pages, again)
    for other in ("no-token", "bm9ib2R5", ""):
        with pytest.raises(AccessRefused):
            publish(pages, other)


def test_a_page_that_was_not_chosen_cannot_be_published_on(pages: FacebookPages, token: str) -> None:
    with pytest.raises(ScopeMissing, match="without this page"):
        publish(pages, token, page=OTHER_PAGE)


def test_without_the_right_to_read_nothing_can_be_found(
    pages: FacebookPages, accounts: FacebookAccounts, agree: Agree
) -> None:
    blind = accounts.exchange(agree(ticked=["pages_show_list", "pages_manage_posts"])).tokens.access_token
    with pytest.raises(ScopeMissing):
        found(pages, blind)


def test_what_is_longer_than_facebook_takes_is_refused_before_it_is_sent(pages: FacebookPages) -> None:
    pages.body(post(text="x" * 63_000), PAGE)
    with pytest.raises(Refused, match="63206") as caught:
        pages.body(post(text="x" * 63_206), PAGE)
    assert caught.value.code == "publishing.too_long"
    assert pages.body(post(), PAGE) == pages.body(post(), OTHER_PAGE)
    assert pages.upload_picture("token", PAGE, Picture(b"", "image/png")) == ""


def test_nothing_leaves_after_the_deadline(pages: FacebookPages, token: str, facebook: FacebookEmulator) -> None:
    with pytest.raises(NotSent):
        pages.publish(token, PAGE, pages.body(post(), PAGE), link=post().link, deadline=time.monotonic() - 1)
    assert "feed.create" not in facebook.counters()


def test_nobody_listening_is_unreachable(make_pages: MakePages, token: str) -> None:
    with pytest.raises(Unreachable):
        publish(make_pages(url="http://127.0.0.1:1/graph"), token)


def test_a_post_is_withdrawn_once_and_for_all(pages: FacebookPages, token: str, facebook: FacebookEmulator) -> None:
    made = publish(pages, token)
    withdraw(pages, token, made.id)
    withdraw(pages, token, made.id)
    withdraw(pages, token, "of-no-form")
    assert facebook.posts(live=True) == []
    kept = publish(pages, token, 6)
    facebook.faults(only="object.delete", drop_after=1.0)
    with pytest.raises(Retryable):
        withdraw(pages, token, kept.id)
    facebook.faults()
    withdraw(pages, token, kept.id)
    assert facebook.posts(live=True) == []


def test_a_post_is_not_called_gone_by_a_token_that_is(
    pages: FacebookPages, token: str, facebook: FacebookEmulator
) -> None:
    made = publish(pages, token)
    withdraw(pages, token, made.id)
    facebook.faults(only="me", api_error="role")
    with pytest.raises(AccessRefused):
        withdraw(pages, token, made.id)


def test_readers_are_counted(pages: FacebookPages, token: str, facebook: FacebookEmulator) -> None:
    first, second = publish(pages, token, 5), publish(pages, token, 6)
    facebook.react(first.id, likes=3, comments=2, shares=1)
    counted = {
        first.id: Figures(likes=3, comments=2, shares=1),
        second.id: Figures(likes=0, comments=0, shares=0),
    }
    assert pages.statistics(token, PAGE, [first.id, second.id, "x"]) == counted
    assert "object" not in facebook.counters(), "all at once"
    gone = publish(pages, token, 7)
    facebook.remove(gone.id)
    assert pages.statistics(token, PAGE, [first.id, second.id, gone.id]) == counted
    assert pages.statistics(token, PAGE, []) == {}


def test_more_posts_are_counted_than_one_answer_holds(
    pages: FacebookPages, token: str, facebook: FacebookEmulator
) -> None:
    ids = [publish(pages, token, number).id for number in range(51)]
    assert set(pages.statistics(token, PAGE, ids)) == set(ids)
    assert facebook.counters()["objects"] == 2


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "error_5xx", "html_503"])
def test_questions_may_be_repeated(pages: FacebookPages, token: str, facebook: FacebookEmulator, fault: str) -> None:
    made = publish(pages, token)
    facebook.faults(**{fault: 1.0})
    for ask in (
        lambda: found(pages, token),
        lambda: pages.statistics(token, PAGE, [made.id]),
        lambda: pages.targets(token),
    ):
        with pytest.raises(Retryable):
            ask()


def test_whatever_is_lost_each_posting_is_there_once(
    pages: FacebookPages, token: str, facebook: FacebookEmulator
) -> None:
    """Looked for after each loss, and sent once more where it is not there."""
    shares = {"drop_before": 0.1, "drop_after": 0.2, "error_5xx": 0.1, "error_5xx_after": 0.2, "html_503": 0.1}
    facebook.faults(only="feed.create", seed=7, **shares)

    def settled(number: int) -> str:
        for _ in range(20):
            try:
                return publish(pages, token, number).id
            except UnknownOutcome:
                present = found(pages, token, number)
            if present is not None:
                return present.id
        raise AssertionError(number)

    ids = {number: settled(number) for number in range(60)}
    live = {each["id"]: each["link"] for each in facebook.posts(live=True)}
    assert live == {post_id: post(number).link for number, post_id in ids.items()}
    assert len(live) == 60 < facebook.counters()["feed.create"]


def test_a_version_that_is_dead_and_limits_that_are_near_are_told(
    make_pages: MakePages, pages: FacebookPages, token: str, facebook: FacebookEmulator
) -> None:
    with capture_logs() as logged:
        publish(pages, token, 5)
        assert logged == []
        publish(make_pages(version="v19.0"), token, 6)
        facebook.faults(usage=95)
        publish(pages, token, 7)
    told = [(each["event"], each.get("served"), each.get("percent")) for each in logged]
    assert told == [("facebook.version_replaced", "v21.0", None), ("facebook.near_limit", None, 95.0)]


def test_no_transaction_is_open_while_facebook_is_asked(pages: FacebookPages, token: str, database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError, match="inside a database transaction"):
        publish(pages, token)
