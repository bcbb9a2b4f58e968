"""A candidate's link is good for one interview and one address, and nobody else can make it."""

import pytest

from worker.kit.settings import Settings
from worker.services.email.recipients import unsubscribing
from worker.services.interviews import candidate_links
from worker.services.interviews.candidate_links import candidate_link

PLACE = "https://www.intowork.example/i/"
ADDRESS = "awa@exemple.cm"


def signing(secret: str | None = "0123456789abcdef0123456789abcdef") -> Settings:
    return Settings(
        database_url="postgresql://nowhere/none", platform_url="https://www.intowork.example/", signing_secret=secret
    )


def token_of(settings: Settings, interview_id: int = 7, address: str = ADDRESS) -> str:
    link = candidate_link(settings, interview_id=interview_id, address=address)
    assert link is not None
    assert link.startswith(PLACE)
    return link.removeprefix(PLACE)


def test_a_link_names_its_interview_and_is_for_its_address_however_it_is_written() -> None:
    grant = candidate_links.read(signing(), token_of(signing()))
    assert grant is not None
    assert grant.interview_id == 7
    assert grant.is_for(" Awa@Exemple.cm")
    assert not grant.is_for("ana@exemple.cm")


def test_a_link_says_neither_the_address_nor_another_secret() -> None:
    assert "awa" not in token_of(signing()).lower()
    assert candidate_links.read(signing("another secret of thirty-two letters"), token_of(signing())) is None


def test_a_link_outlives_a_change_of_the_secret() -> None:
    both = "a newer secret of thirty-two letters,0123456789abcdef0123456789abcdef"
    assert candidate_links.read(signing(both), token_of(signing())) is not None


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1], lambda token: token + "A", str.upper, lambda _: "", "7".format]
)
def test_a_link_that_was_touched_is_none(change: object) -> None:
    assert callable(change)
    assert candidate_links.read(signing(), change(token_of(signing()))) is None


def test_a_link_of_another_kind_opens_no_interview() -> None:
    link = unsubscribing.link(signing(), user_id=7)
    assert candidate_links.read(signing(), link.rpartition("/")[2]) is None


def test_without_a_secret_there_is_no_link() -> None:
    assert candidate_link(signing(None), interview_id=7, address=ADDRESS) is None
    assert candidate_links.read(signing(None), token_of(signing())) is None
