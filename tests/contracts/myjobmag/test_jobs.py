"""The real client against MyJobMag's emulator, over HTTP."""

import contextlib
import json
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.factories.emulators import MyJobMagEmulator
from tests.factories.peers import site
from worker.contracts.partners import BOARD_COUNTRIES, Advert, KeyRefused, Placement, board_country
from worker.kit.errors import NotSent, RateLimited, Refused, RunError, UnknownOutcome
from worker.providers.myjobmag.client import SITES, MyJobMag

TOKEN = "mjm_gh_a1b2c3d4e5f6"
KEY = "posting:7:publish/0/1790000000000000"
OFFER = Advert(
    title="Comptable",
    text="Vous tenez les comptes.\n\nVous aimez l’ordre.",
    apply_url="https://platform.example/carrieres/1-x/7-comptable?ref=p-7",
    deadline=date(2026, 12, 31),
    company_name="Gabon Numérique",
)


@pytest.fixture
def board(myjobmag: MyJobMagEmulator) -> Iterator[MyJobMag]:
    with contextlib.closing(MyJobMag(url=f"{myjobmag.url}/myjobmag")) as client:
        yield client


def create(board: MyJobMag, token: str = TOKEN, offer: Advert = OFFER) -> Placement:
    return board.create(token, board.body(offer, KEY), deadline=time.monotonic() + 30)


def test_an_offer_waits_for_the_boards_people_and_is_then_seen(board: MyJobMag, myjobmag: MyJobMagEmulator) -> None:
    assert create(board) == Placement(KEY, visible=False)
    assert board.find(TOKEN, KEY) == Placement(KEY, visible=False)
    [job] = myjobmag.jobs()
    assert (job["title"], job["description"], job["deadline"]) == (OFFER.title, OFFER.text, "2026-12-31")
    assert (job["apply_url"], job["company_name"]) == (OFFER.apply_url, OFFER.company_name)
    assert "company_about" not in job
    myjobmag.decide(KEY, "published")
    found = board.find(TOKEN, KEY)
    assert found == Placement(KEY, visible=True, url="https://www.myjobmag.example/job/1")
    myjobmag.decide(KEY, "rejected")
    found = board.find(TOKEN, KEY)
    assert found is not None
    assert (found.visible, found.closed) == (False, True)


def test_a_repetition_is_answered_with_the_job_that_is_there_and_costs_nothing(
    board: MyJobMag, myjobmag: MyJobMagEmulator
) -> None:
    myjobmag.faults(auto_publish=True, drop_after=1.0, times=1)
    with pytest.raises(UnknownOutcome):
        create(board)
    placed = create(board)
    assert placed == create(board) == Placement(KEY, visible=True, url="https://www.myjobmag.example/job/1")
    [job] = myjobmag.jobs()
    assert (job["requests"], job["amount_charged"]) == (3, "50")


def test_an_end_may_be_asked_for_twice_and_of_what_never_was(board: MyJobMag, myjobmag: MyJobMagEmulator) -> None:
    create(board)
    for number in (KEY, KEY, "never"):
        board.end(TOKEN, number, deadline=time.monotonic() + 30)
    assert [job["state"] for job in myjobmag.jobs()] == ["closed"]
    assert board.find(TOKEN, "never") is None


def test_a_key_that_was_replaced_is_the_companys_to_renew(board: MyJobMag, myjobmag: MyJobMagEmulator) -> None:
    myjobmag.revoke(TOKEN)
    with pytest.raises(KeyRefused):
        create(board)
    with pytest.raises(KeyRefused):
        board.find(TOKEN, KEY)
    with pytest.raises(KeyRefused, match="none of MyJobMag"):
        create(board, token="another-key")
    assert [entry["note"] for entry in myjobmag.journal()] == ["Invalid or missing API key"] * 2


def test_refusals_say_what_is_wrong(board: MyJobMag, myjobmag: MyJobMagEmulator) -> None:
    myjobmag.faults(credit=0)
    with pytest.raises(Refused, match="credit at MyJobMag is used up: Insufficient credit") as caught:
        create(board)
    assert caught.value.code == "partner.credit"
    with pytest.raises(Refused, match=r"refused the offer \(422\): Missing required fields: title"):
        create(board, offer=Advert("", OFFER.text, OFFER.apply_url, OFFER.deadline, ""))
    with pytest.raises(NotSent):
        board.create(TOKEN, b"{}", deadline=time.monotonic() - 1)


def test_what_passes_is_tried_again(board: MyJobMag, myjobmag: MyJobMagEmulator) -> None:
    faults: list[tuple[dict[str, Any], type[RunError]]] = [
        ({"rate_limit": 1.0}, RateLimited),
        ({"error_5xx": 1.0}, UnknownOutcome),
        ({"html_503": 1.0}, UnknownOutcome),
    ]
    for fault, kind in faults:
        myjobmag.faults(**fault)
        with pytest.raises(kind):
            create(board)
        with pytest.raises(kind):
            board.find(TOKEN, KEY)


def test_an_answer_that_cannot_be_read_proves_nothing() -> None:
    pages = iter(("", "[]", "<html>", "[" * 100_000, '{"state": "published"}', '{"external_id": "x", "state": 7}'))
    with site(lambda _: (200, next(pages), {})) as url, contextlib.closing(MyJobMag(url=url)) as board:
        for _ in range(6):
            with pytest.raises(UnknownOutcome):
                create(board)


def test_no_refusal_tells_the_key_or_anybodys_address() -> None:
    said = json.dumps({"error": f"Key {TOKEN} of rh@exemple.cm may not post here"})
    with (
        site(lambda _: (403, said, {})) as url,
        contextlib.closing(MyJobMag(url=url)) as board,
        pytest.raises(Refused, match="Key … of … may not post here"),
    ):
        create(board)


def test_a_link_that_is_none_is_not_shown() -> None:
    said = {"external_id": KEY, "state": "published", "public_link": "javascript:alert(1)"}
    with site(lambda _: (200, json.dumps(said), {})) as url, contextlib.closing(MyJobMag(url=url)) as board:
        assert create(board) == Placement(KEY, visible=False)


def test_a_key_names_its_country_and_each_has_its_site() -> None:
    assert set(SITES) == set(BOARD_COUNTRIES)
    assert board_country(TOKEN) == "gh"
    for token in ("mjm_fr_a1b2c3d4e5f6", "mjm_gh_", "mjm_gh_a b c d e f g", "gh", "", "mjm_gh_a1b2c3d4e5f6\n"):
        assert board_country(token) is None
