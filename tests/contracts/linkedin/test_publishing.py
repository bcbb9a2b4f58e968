"""Posts at LinkedIn: made once, found again, taken away."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contracts.linkedin.conftest import DIRECTION, HR, OTHER_PAGE, PAGE, Connect, MakeNetwork, Recruiter, offer
from tests.factories.emulators import LinkedInEmulator
from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.kit.database import Database
from worker.kit.errors import Misconfigured, NotSent, RateLimited, Refused, Retryable, RunError, UnknownOutcome

POST = offer()
MEMBERS_SCOPES = "openid profile w_member_social"


@pytest.mark.parametrize("kind", ["share", "ugcPost"])
def test_a_post_is_shown_as_it_was_composed(recruiter: Recruiter, linkedin: LinkedInEmulator, kind: str) -> None:
    linkedin.faults(urn_kind=kind)
    made = recruiter.publish(POST)
    assert made.id.startswith(f"urn:li:{kind}:")
    [shown] = linkedin.posts(live=True)
    assert (shown["urn"], shown["author"], shown["by"]) == (made.id, PAGE, HR)
    assert (shown["visible"], shown["cut"]) == (POST.visible, False)
    assert shown["hashtags"] == ["Emploi", "Comptabilité"]
    assert shown["card"] == {
        "source": POST.link,
        "title": POST.title,
        "description": POST.description,
        "thumbnail": None,
    }
    assert recruiter.find(POST) == made


def test_of_two_pages_the_chosen_one_posts(connect: Connect, linkedin: LinkedInEmulator) -> None:
    connect(DIRECTION, target=OTHER_PAGE).publish(POST)
    assert [post["author"] for post in linkedin.posts()] == [OTHER_PAGE]


def test_without_rights_at_the_page_nothing_appears_anywhere(connect: Connect, linkedin: LinkedInEmulator) -> None:
    linkedin.faults(products=MEMBERS_SCOPES.split())
    with pytest.raises(ScopeMissing, match="its role at the page, or a permission"):
        connect(scopes=MEMBERS_SCOPES).publish(POST)
    linkedin.faults()
    with pytest.raises(ScopeMissing, match="its role at the page, or a permission"):
        connect(target=OTHER_PAGE).publish(POST)
    assert linkedin.posts() == []


def test_a_members_own_profile_posts_but_cannot_be_looked_through(connect: Connect, linkedin: LinkedInEmulator) -> None:
    linkedin.faults(products=MEMBERS_SCOPES.split())
    [urn] = [
        f"urn:li:person:{each['id']}" for each in linkedin.get("linkedin/accounts")["accounts"] if each["email"] == HR
    ]
    member = connect(scopes=MEMBERS_SCOPES, target=urn)
    made = member.publish(POST)
    assert [post["author"] for post in linkedin.posts()] == [urn]
    with pytest.raises(ScopeMissing):
        member.find(POST)
    assert member.network.statistics(member.token, urn, [made.id]) == {}
    member.withdraw(made.id)
    assert linkedin.posts(live=True) == []


@pytest.mark.parametrize("fault", ["no_id", "drop_after", "error_5xx_after"])
def test_a_post_whose_answer_was_lost_is_found_by_its_link(
    recruiter: Recruiter, linkedin: LinkedInEmulator, fault: str
) -> None:
    linkedin.faults(only="posts.create", **{fault: 1.0})
    with pytest.raises(UnknownOutcome):
        recruiter.publish(POST)
    linkedin.faults()
    found = recruiter.find(POST)
    assert found is not None
    assert [post["urn"] for post in linkedin.posts()] == [found.id]
    assert recruiter.publish(POST) == found, "LinkedIn calls it a duplicate of the one that is ours"
    assert len(linkedin.posts()) == 1


@pytest.mark.parametrize("fault", ["drop_before", "error_5xx", "html_503"])
def test_where_nothing_was_posted_nothing_is_found(
    recruiter: Recruiter, linkedin: LinkedInEmulator, fault: str
) -> None:
    linkedin.faults(only="posts.create", **{fault: 1.0})
    with pytest.raises(UnknownOutcome):
        recruiter.publish(POST)
    assert linkedin.counters()["posts.create"] == 1
    linkedin.faults()
    assert recruiter.find(POST) is None
    assert recruiter.publish(POST) == recruiter.find(POST)


def test_a_call_that_may_not_leave_any_more_does_not(recruiter: Recruiter, linkedin: LinkedInEmulator) -> None:
    with pytest.raises(NotSent):
        recruiter.publish(POST, seconds=-1.0)
    assert "posts.create" not in linkedin.counters()


def test_a_repetition_of_anothers_post_is_refused(recruiter: Recruiter, linkedin: LinkedInEmulator) -> None:
    same = offer(text="Nous recrutons (H/F) !", hashtags=())
    other = linkedin.post_behind(PAGE, text=same.visible, link="https://exemple.cm/emplois")["urn"]
    with pytest.raises(Refused, match="repetition of another post") as caught:
        recruiter.publish(same)
    assert caught.value.code == "publishing.duplicate_of_other"
    assert caught.value.details == {"post": other}
    assert len(linkedin.posts()) == 1


@pytest.mark.parametrize("new_ghosts", [False, True])
def test_the_ghost_of_a_deleted_post_is_named(
    recruiter: Recruiter, linkedin: LinkedInEmulator, *, new_ghosts: bool
) -> None:
    linkedin.faults(new_ghosts=new_ghosts)
    recruiter.withdraw(recruiter.publish(POST).id)
    with pytest.raises(Refused, match="48 hours") as caught:
        recruiter.publish(POST)
    assert caught.value.code == "publishing.duplicate_of_deleted"
    assert linkedin.posts(live=True) == []


@pytest.mark.parametrize(
    "fault", ["error_5xx", "html_503", "drop_before", "access_denied", "token_refused", "rate_limit"]
)
def test_a_duplicate_that_cannot_be_read_may_be_ours(
    recruiter: Recruiter, linkedin: LinkedInEmulator, fault: str
) -> None:
    recruiter.publish(POST)
    linkedin.faults(only="posts.get", **{fault: 1.0})
    with pytest.raises(UnknownOutcome, match="has this post already"):
        recruiter.publish(POST)
    assert recruiter.find(POST) is not None


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        ({"token_refused": 1.0, "token_refusal": 65601}, AccessRefused),
        ({"token_refused": 1.0, "token_refusal": 65602}, AccessRefused),
        ({"access_denied": 1.0}, ScopeMissing),
        ({"dead_version": 1.0}, Misconfigured),
        ({"rate_limit": 1.0}, RateLimited),
        ({"error_5xx": 1.0, "error_status": 409}, UnknownOutcome),
    ],
)
def test_a_refusal_is_told_as_what_it_is(
    recruiter: Recruiter, linkedin: LinkedInEmulator, faults: dict[str, Any], kind: type[RunError]
) -> None:
    linkedin.faults(**faults)
    with pytest.raises(RunError) as caught:
        recruiter.publish(POST)
    assert type(caught.value) is kind
    assert linkedin.counters()["posts.create"] == 1
    assert linkedin.posts() == []
    for ask in (recruiter.targets, lambda: recruiter.find(POST)):
        with pytest.raises(RunError) as caught:
            ask()
        assert type(caught.value) is (Retryable if kind is UnknownOutcome else kind)


def test_a_days_limit_lasts_until_midnight_of_utc(recruiter: Recruiter, linkedin: LinkedInEmulator) -> None:
    linkedin.faults(daily_per_member=0)
    now = datetime.now(UTC)
    with pytest.raises(RateLimited) as caught:
        recruiter.publish(POST)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert -60 < caught.value.after - (midnight - now).total_seconds() < 960
    assert caught.value.code == "provider.daily_quota"


def test_a_version_that_ended_is_one_call_and_nobodys_account(connect: Connect, linkedin: LinkedInEmulator) -> None:
    with pytest.raises(Misconfigured, match="LINKEDIN_API_VERSION") as caught:
        connect(version="202509").publish(POST)
    assert not caught.value.waits
    assert "connect" not in str(caught.value).lower()
    assert linkedin.counters()["posts.create"] == 1
    assert connect(version="202601").publish(POST).id


def test_only_a_month_is_a_version(make_network: MakeNetwork) -> None:
    with pytest.raises(Misconfigured, match="LINKEDIN_API_VERSION"):
        make_network(version="2026-09")


def test_a_token_with_foreign_characters_never_leaves(make_network: MakeNetwork, linkedin: LinkedInEmulator) -> None:
    with pytest.raises(AccessRefused):
        make_network().targets("token\n")
    assert "organizationAcls" not in linkedin.counters()


def test_a_post_of_before_is_not_the_one_that_is_looked_for(recruiter: Recruiter, linkedin: LinkedInEmulator) -> None:
    linkedin.post_behind(PAGE, text=f"{POST.link}3 {POST.link}&x=1", link=f"{POST.link}3")
    linkedin.post_behind(PAGE, text="ours, and old", link=POST.link, seconds_ago=3600)
    assert recruiter.find(POST) is None
    late = linkedin.post_behind(PAGE, text="ours, by a clock that is late", link=POST.link, seconds_ago=200)["urn"]
    assert recruiter.find(POST) is not None
    assert recruiter.find(POST, recruiter.began - timedelta(hours=2)).id == late  # type: ignore[union-attr]


def test_a_busy_page_is_looked_through_to_the_beginning(recruiter: Recruiter, linkedin: LinkedInEmulator) -> None:
    ours = linkedin.post_behind(PAGE, text=f"Postulez : {POST.link}.", seconds_ago=60)["urn"]
    for number in range(101):
        linkedin.post_behind(PAGE, text=f"another {number}")
    found = recruiter.find(POST)
    assert found is not None
    assert found.id == ours
    assert linkedin.counters()["posts.find"] == 2


def test_what_failed_after_it_was_taken_is_not_there(recruiter: Recruiter, linkedin: LinkedInEmulator) -> None:
    linkedin.faults(publish_failed=1.0)
    recruiter.publish(POST)
    assert recruiter.find(POST) is None


def test_a_post_is_taken_away_once(recruiter: Recruiter, linkedin: LinkedInEmulator) -> None:
    made = recruiter.publish(POST)
    for _ in range(2):
        recruiter.withdraw(made.id)
    assert [post["live"] for post in linkedin.posts()] == [False]
    assert recruiter.find(POST) is None


@pytest.mark.parametrize("fault", ["drop_after", "error_5xx", "html_503"])
def test_a_deletion_whose_answer_was_lost_is_repeated(
    recruiter: Recruiter, linkedin: LinkedInEmulator, fault: str
) -> None:
    made = recruiter.publish(POST)
    linkedin.faults(only="posts.delete", **{fault: 1.0})
    with pytest.raises(Retryable):
        recruiter.withdraw(made.id)
    linkedin.faults()
    recruiter.withdraw(made.id)
    assert linkedin.posts(live=True) == []


def test_no_transaction_is_open_while_linkedin_is_asked(recruiter: Recruiter, database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError, match="inside a database transaction"):
        recruiter.publish(POST)


def test_through_a_bad_hour_there_is_one_post_each(recruiter: Recruiter, linkedin: LinkedInEmulator) -> None:
    """As the plan does: look, and only then post again."""
    linkedin.faults(drop_after=0.2, error_5xx=0.1, error_5xx_after=0.1, no_id=0.1, html_503=0.05, seed=7)
    posts = [offer(number) for number in range(1, 21)]
    ids = {post.link: _until_it_is_there(recruiter, post) for post in posts}
    linkedin.faults()
    live = linkedin.posts(live=True)
    assert {post["card"]["source"]: post["urn"] for post in live} == ids
    assert len(live) == len(posts)
    assert [post["visible"] for post in live] == [post.visible for post in posts]


def _until_it_is_there(recruiter: Recruiter, post: Any) -> str:
    for _ in range(100):
        try:
            found = recruiter.find(post) or recruiter.publish(post)
        except (UnknownOutcome, Retryable):
            time.sleep(0.001)
        else:
            return found.id
    raise AssertionError("a hundred attempts were not enough")
