"""Batches: up to 100 pending messages under one number, filled and enqueued in one transaction."""

from collections.abc import Iterable

from sqlalchemy import Connection

from worker.catalogue.email import DELIVER_BATCH, DELIVER_MESSAGE, DeliverBatch
from worker.kit.database import execute, query
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.uncertain import open_effects

LARGEST = 100
WAIT = 30.0
# What the keys of deliveries begin with among the effects.
EFFECT = "email.batch:"

FILL = """
with pending as (
    select id from email_messages
     where state = 'pending' and batch_id is null and created_at <= now() - make_interval(secs => %(age)s)
     order by id limit %(most)s for update skip locked),
placed as (
    select id, (row_number() over (order by id) - 1) / %(size)s as box,
           (row_number() over (order by id) - 1) %% %(size)s as ordinal
      from pending),
boxes as (select box, count(*) as count from placed group by box having count(*) >= %(least)s),
made as (insert into email_batches (count) select count from boxes order by box returning id, count),
numbered as (select id, row_number() over (order by id) - 1 as box from made),
matched as (
    select numbered.id, boxes.box from numbered
      join (select box, row_number() over (order by box) - 1 as place from boxes) boxes on boxes.place = numbered.box)
update email_messages m set batch_id = matched.id, ordinal = placed.ordinal, updated_at = now()
  from placed join matched on matched.box = placed.box
 where m.id = placed.id
returning m.batch_id
"""


MARK_UNKNOWN = """
with stuck as (
    update email_batches b set state = 'unknown'
      from unnest(%(ids)s::bigint[], %(generations)s::int[]) as doubtful(id, generation)
     where b.id = doubtful.id and b.generation = doubtful.generation and b.finished_at is null and b.state = 'sending'
    returning b.id)
update email_messages m set state = 'unknown', updated_at = now()
  from stuck where m.batch_id = stuck.id and m.state = 'sending'
"""


def fill(connection: Connection, *, older_than: float = 0.0, least: int = 1, most: int = 10_000) -> int:
    """Put pending messages into batches and enqueue a delivery for each; returns how many batches.

    older_than: only messages pending for that many seconds. least: smaller remainders stay for the next shard
    or for upkeep. Messages that another transaction fills right now are passed over.
    """
    rows = query(connection, FILL, {"age": older_than, "least": least, "most": most, "size": LARGEST})
    return len(_deliver(connection, sorted({row["batch_id"] for row in rows})))


def make(connection: Connection, count: int) -> list[int]:
    """Enqueue the delivery of so many full batches, whose messages the caller writes in the same transaction."""
    sql = "insert into email_batches (count) select %s from generate_series(1, %s) returning id"
    return _deliver(connection, [row["id"] for row in query(connection, sql, (LARGEST, count))])


def deliver_now(connection: Connection, messages: Iterable[int]) -> None:
    """Each of these pending messages at once, by itself: what somebody waits for does not wait for others."""
    for message in messages:
        [batch] = query(connection, "insert into email_batches (count) values (1) returning id", ())
        execute(
            connection, "update email_messages set batch_id = %s, ordinal = 0 where id = %s", (batch["id"], message)
        )
        run = DeliverBatch(batch_id=batch["id"]).model_dump()
        enqueue_all(connection, [NewRun(DELIVER_MESSAGE.name, run, unique_key=effect_key(batch["id"]))])


def _deliver(connection: Connection, batches: list[int]) -> list[int]:
    enqueue_all(
        connection,
        [
            NewRun(DELIVER_BATCH.name, DeliverBatch(batch_id=batch).model_dump(), unique_key=f"email.batch:{batch}")
            for batch in batches
        ],
    )
    return batches


def effect_key(batch_id: int) -> str:
    """Under which the delivery of a batch stands among the effects."""
    return f"{EFFECT}{batch_id}"


def mark_unknown(connection: Connection) -> int:
    """Messages of a batch whose delivery waits for a person say so; returns how many."""
    doubtful = open_effects(connection, EFFECT)
    ids = [int(key.removeprefix(EFFECT)) for key, _ in doubtful]
    return execute(connection, MARK_UNKNOWN, {"ids": ids, "generations": [generation for _, generation in doubtful]})
