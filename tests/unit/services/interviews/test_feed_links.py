"""A feed's address is good for one recruiter in one company until the next one, and nobody else can make it."""

import pytest

from worker.kit.settings import Settings
from worker.services.interviews import candidate_links, feed_links
from worker.services.interviews.candidate_links import candidate_link
from worker.services.interviews.feed_links import Grant, feed_link

PLACE = "https://www.intowork.example/c/"
GRANT = Grant(user_id=7, company_id=3, number=2)


def signing(secret: str | None = "0123456789abcdef0123456789abcdef") -> Settings:
    return Settings(
        database_url="postgresql://nowhere/none", platform_url="https://www.intowork.example/", signing_secret=secret
    )


def token() -> str:
    link = feed_link(signing(), GRANT)
    assert link is not None
    assert link.startswith(PLACE)
    assert link.endswith(".ics")
    return link.removeprefix(PLACE).removesuffix(".ics")


def test_an_address_names_its_feed() -> None:
    assert feed_links.read(signing(), token()) == GRANT
    both = "a newer secret of thirty-two letters,0123456789abcdef0123456789abcdef"
    assert feed_links.read(signing(both), token()) == GRANT


@pytest.mark.parametrize("touched", ["", "7:3:2", token()[:-1], token() + "A", token().upper()])
def test_an_address_that_was_touched_is_none(touched: str) -> None:
    assert feed_links.read(signing(), touched) is None


def test_no_other_link_and_no_other_secret_opens_a_feed() -> None:
    other = candidate_link(signing(), interview_id=7, address="awa@exemple.cm")
    assert other is not None
    assert feed_links.read(signing(), other.rpartition("/")[2]) is None
    assert candidate_links.read(signing(), token()) is None
    assert feed_links.read(signing("another secret of thirty-two letters"), token()) is None


def test_without_a_secret_there_are_no_feeds() -> None:
    assert feed_link(signing(None), GRANT) is None
    assert feed_links.read(signing(None), token()) is None
