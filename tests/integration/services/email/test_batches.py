"""Filling batches: every pending message once, in boxes of a hundred."""

import pytest

from tests.factories.ledger import OpenTransaction
from tests.integration.services.support import Platform
from worker.catalogue import email
from worker.kit.database import Database
from worker.services.email.delivery.batches import fill


def boxes(platform: Platform) -> list[int]:
    """How many messages each batch holds; checks that the batches say the same and number them from 0."""
    rows = platform.rows(
        """
        select b.count, count(m.id) as held, min(m.ordinal) as first, max(m.ordinal) as last
          from email_batches b left join email_messages m on m.batch_id = b.id group by b.id order by b.id
        """
    )
    assert all((row["count"], row["first"], row["last"]) == (row["held"], 0, row["held"] - 1) for row in rows)
    return [row["held"] for row in rows]


@pytest.mark.parametrize(
    ("count", "expected"), [(0, []), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])]
)
def test_a_batch_holds_at_most_a_hundred(platform: Platform, count: int, expected: list[int]) -> None:
    platform.write(count)
    assert platform.fill() == len(expected)
    assert boxes(platform) == expected
    assert platform.fill() == 0


def test_messages_keep_their_order_and_every_batch_has_one_delivery(platform: Platform) -> None:
    ids = platform.write(150)
    platform.fill()
    placed = platform.rows("select id from email_messages order by batch_id, ordinal")
    assert [row["id"] for row in placed] == ids
    payloads = [row["payload"] for row in platform.deliveries()]
    assert payloads == [{"batch_id": row["id"]} for row in platform.rows("select id from email_batches order by id")]


def test_a_remainder_below_the_least_stays_for_others(platform: Platform) -> None:
    platform.write(230)
    assert platform.fill(least=100) == 2
    assert boxes(platform) == [100, 100]
    assert platform.fill(least=31) == 0
    assert platform.fill(least=30) == 1
    assert boxes(platform) == [100, 100, 30]


def test_only_messages_that_waited_are_taken(platform: Platform) -> None:
    old, *_ = platform.write(3)
    platform.change("update email_messages set created_at = now() - interval '31 seconds' where id = %s", old)
    assert platform.fill(older_than=30.0) == 1
    assert [row["id"] for row in platform.mails() if row["batch_id"] is not None] == [old]


def test_no_more_than_asked_for_are_taken(platform: Platform) -> None:
    platform.write(30)
    platform.fill(most=25)
    assert boxes(platform) == [25]


def test_messages_that_left_the_pending_state_are_not_taken(platform: Platform) -> None:
    platform.write(3)
    platform.change("update email_messages set state = 'suppressed' where id = (select min(id) from email_messages)")
    platform.fill()
    assert boxes(platform) == [2]


@pytest.mark.parametrize("first_commits", [True, False])
def test_two_fillers_share_the_messages(database: Database, platform: Platform, first_commits: bool) -> None:
    platform.write(150)
    with OpenTransaction(database) as first, OpenTransaction(database) as second:
        assert first.do(lambda connection: fill(connection, most=100)) == 1
        assert second.do(fill) == 1
        second.commit()
        if first_commits:
            first.commit()
        else:
            first.roll_back()
    assert boxes(platform) == ([100, 50] if first_commits else [50])
    assert platform.fill() == (0 if first_commits else 1)
    assert sorted(boxes(platform)) == [50, 100]
    assert all(row["batch_id"] for row in platform.mails())


def test_a_filler_that_rolls_back_leaves_neither_batch_nor_run(database: Database, platform: Platform) -> None:
    platform.write(3)
    with OpenTransaction(database) as holder:
        holder.do(fill)
        holder.roll_back()
    assert boxes(platform) == []
    assert platform.deliveries() == []


def test_upkeep_fills_what_has_been_pending_for_half_a_minute(platform: Platform) -> None:
    platform.write(2, jobs=[platform.offer()])
    run = platform.step(platform.enqueue(email.BATCH_PENDING, email.BatchPending()))
    assert run["result"] == {"batches": 0, "unknown": 0}
    platform.change("update email_messages set created_at = now() - interval '30 seconds'")
    run = platform.step(platform.enqueue(email.BATCH_PENDING, email.BatchPending()))
    assert (run["task"], run["state"], run["result"]) == (
        "upkeep.batch_messages",
        "succeeded",
        {"batches": 1, "unknown": 0},
    )
    platform.drain()
    assert platform.states() == ["sent", "sent"]


def test_a_source_gets_one_message_only(platform: Platform) -> None:
    assert len(platform.write(3)) == 3
    assert platform.write(4) == [platform.mails()[-1]["id"]]
