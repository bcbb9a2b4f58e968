"""Numbers of offers: given once, in the order in which offers are first seen, and to no offer that is not open."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import main_web_app
from tests.factories.ledger import OpenTransaction, wait_for_lock
from tests.integration.services.support import Platform
from worker.kit.database import Database, raw
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.search import note_missed, prepare_changed

NOW = datetime.now(UTC)


def prepare(platform: Platform) -> None:
    while platform.do(prepare_changed):
        continue


def number(platform: Platform) -> int:
    prepare(platform)
    return platform.do(number_offers)


def numbers(platform: Platform) -> dict[int, int]:
    rows = platform.rows("select job_id, visible_no from job_search where visible_no is not null order by visible_no")
    return {row["job_id"]: row["visible_no"] for row in rows}


def test_an_empty_market_has_no_number(platform: Platform) -> None:
    assert number(platform) == 0


def test_offers_are_numbered_in_the_order_in_which_they_were_posted(platform: Platform) -> None:
    younger = platform.offer(posted_at=NOW - timedelta(days=1))
    older = platform.offer(posted_at=NOW - timedelta(days=2))
    undated = platform.offer(posted_at=None, created_at=NOW - timedelta(days=3))
    assert number(platform) == 3
    assert list(numbers(platform)) == [undated, older, younger]
    assert number(platform) == 3


@pytest.mark.parametrize("status", ["draft", "closed", "archived"])
def test_what_is_not_published_gets_its_number_when_it_is(platform: Platform, status: str) -> None:
    offer = platform.offer(status=status)
    assert number(platform) == 0
    platform.change("update jobs set status = 'published' where id = %s", offer)
    assert number(platform) == 1
    assert numbers(platform) == {offer: 1}


def test_an_expired_offer_gets_its_number_when_it_is_prolonged(platform: Platform) -> None:
    offer = platform.offer(expires_at=NOW - timedelta(hours=1))
    open_still = platform.offer(expires_at=NOW + timedelta(hours=1))
    assert number(platform) == 1
    platform.change("update jobs set expires_at = now() + interval '1 day' where id = %s", offer)
    number(platform)
    assert list(numbers(platform)) == [open_still, offer]


def test_status_in_any_case(platform: Platform) -> None:
    platform.offer(status="PUBLISHED")
    assert number(platform) == 1


@pytest.mark.parametrize(
    "change",
    [
        "title = 'Autre titre', updated_at = now()",
        "posted_at = now()",
        "status = 'closed'",
        "expires_at = now() - interval '1 minute'",
        "views_count = 7",
    ],
)
def test_an_edit_or_a_reopening_gives_no_other_number(platform: Platform, change: str) -> None:
    offer, other = platform.offer(), platform.offer()
    number(platform)
    before = numbers(platform)
    platform.change(f"update jobs set {change} where id = %s", offer)
    assert number(platform) == 2
    platform.change("update jobs set status = 'published', expires_at = null where id = %s", offer)
    assert number(platform) == 2
    assert numbers(platform) == before == {offer: 1, other: 2}


def test_an_offer_that_commits_late_comes_after_what_was_numbered_before(
    database: Database, platform: Platform
) -> None:
    with OpenTransaction(database) as main_app:
        late = main_app.do(
            lambda connection: main_web_app.insert_job(raw(connection), "Tardive", posted_at=NOW - timedelta(days=9))
        )
        early = platform.offer(posted_at=NOW)
        assert number(platform) == 1
        main_app.commit()
    assert number(platform) == 2
    assert numbers(platform) == {early: 1, late: 2}


def test_two_numberings_wait_for_each_other(database: Database, platform: Platform) -> None:
    platform.offers(3)
    prepare(platform)
    with OpenTransaction(database) as first, OpenTransaction(database) as second:
        assert first.do(number_offers) == 3
        waiting = second.start(number_offers)
        wait_for_lock(database)
        first.commit()
        assert waiting.result(10) == 3
        second.commit()
    assert sorted(numbers(platform).values()) == [1, 2, 3]


def test_a_numbering_that_rolls_back_loses_no_offer(database: Database, platform: Platform) -> None:
    platform.offers(2)
    prepare(platform)
    with OpenTransaction(database) as holder:
        assert holder.do(number_offers) == 2
        holder.roll_back()
    assert numbers(platform) == {}
    number(platform)
    assert len(numbers(platform)) == 2


def test_a_deleted_offer_takes_its_number_along_and_nobody_gets_it_again(platform: Platform) -> None:
    first, second = platform.offer(), platform.offer()
    number(platform)
    platform.app(lambda connection: main_web_app.delete_job(connection, second))
    third = platform.offer()
    assert number(platform) == 3
    assert numbers(platform) == {first: 1, third: 3}


def test_the_main_web_apps_writes_are_noted_and_drained(platform: Platform) -> None:
    offer = platform.offer()
    platform.change("update jobs set title = 'Autre' where id = %s", offer)
    platform.change("update jobs set views_count = 3 where id = %s", offer)
    noted = platform.rows("select job_id from job_changes")
    assert [row["job_id"] for row in noted] == [offer, offer]
    number(platform)
    assert platform.rows("select * from job_changes") == []
    assert numbers(platform) == {offer: 1}


def test_an_offer_whose_note_was_lost_is_numbered_when_it_is_missed(platform: Platform) -> None:
    platform.offer()
    platform.change("delete from job_changes")
    assert number(platform) == 0
    assert platform.do(note_missed) == 1
    assert number(platform) == 1


def test_an_offer_gets_no_number_before_its_document(platform: Platform) -> None:
    offer = platform.offer()
    assert platform.do(number_offers) == 0
    platform.change("insert into job_search (job_id, published) values (%s, true)", offer)
    assert platform.do(number_offers) == 0
    assert number(platform) == 1


def test_an_offer_closed_since_it_was_prepared_gets_no_number(platform: Platform) -> None:
    offer = platform.offer()
    prepare(platform)
    platform.change("update jobs set status = 'closed' where id = %s", offer)
    assert platform.do(number_offers) == 0


def test_an_offer_that_is_being_prepared_anew_is_numbered_next_time(database: Database, platform: Platform) -> None:
    first, second = platform.offers(2)
    prepare(platform)
    platform.change("update jobs set title = 'Autre' where id = %s", first)
    with OpenTransaction(database) as preparing:
        assert preparing.do(prepare_changed) == 1
        assert platform.do(number_offers) == 1
        preparing.commit()
    assert number(platform) == 2
    assert numbers(platform) == {second: 1, first: 2}


def test_numbering_never_waits_for_the_main_web_app(database: Database, platform: Platform) -> None:
    """It may be deleting offers in another order than ours: each would wait for the other."""
    first, second = platform.offers(2)
    prepare(platform)
    with OpenTransaction(database) as main_app:
        main_app.do(lambda connection: main_web_app.delete_job(raw(connection), second))
        assert platform.do(number_offers) == 1
        main_app.roll_back()
    assert number(platform) == 2
    assert numbers(platform) == {first: 1, second: 2}
