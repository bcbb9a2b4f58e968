"""A batch's messages as rows: counted, sent, failed, split, and put back for the next generation."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from worker.catalogue.email import DELIVER_BATCH, DeliverBatch
from worker.kit.database import execute, query
from worker.kit.words import storable
from worker.ledger.enqueue import NewRun, enqueue_all

COUNTS = """
select state, template, template_id, false as counts, count(*) as count from email_messages
 where batch_id = %s group by state, template, template_id
"""

# Answers how many messages the batch has by state and template, those included that were not sent.
SENT = """
with locked as (
    select id, ordinal from email_messages
     where batch_id = %(batch)s and (state in ('sending', 'unknown') or provider_id is not null)
     order by id for update),
mails as (
    select id, row_number() over (order by ordinal) as place, count(*) over () as count from locked),
given as (select * from unnest(%(ids)s::text[]) with ordinality as g(provider_id, place)),
sent as (
    update email_messages m
       set state = case when m.state in ('sending', 'unknown') then 'sent' else m.state end,
           provider_id = coalesce(m.provider_id, given.provider_id), sent_at = coalesce(m.sent_at, now()),
           updated_at = now()
      from mails left join given on given.place = mails.place and mails.count = cardinality(%(ids)s::text[])
     where m.id = mails.id
    returning m.id, m.state, m.template, m.template_id, m.context),
every as (
    select state, template, template_id, not coalesce(context ? 'sample', false) as counts from sent
    union all
    select state, template, template_id, sent_at is not null and not coalesce(context ? 'sample', false)
      from email_messages m where batch_id = %(batch)s and not exists (select from sent where sent.id = m.id))
select state, template, template_id, counts, count(*) as count from every group by state, template, template_id, counts
"""


def fail(connection: Connection, ids: Sequence[int], reason: str, *, unwanted: bool = False) -> None:
    """Messages that are not sent, and why: a sentence. unwanted: nothing went wrong, their readers do not want them."""
    execute(
        connection,
        "update email_messages set state = %s, error = %s, updated_at = now() where id = any(%s)",
        ("suppressed" if unwanted else "failed", storable(reason), list(ids)),
    )


def split(connection: Connection, ids: Sequence[int], parent_id: UUID | None) -> None:
    """These of a batch's messages go on as a batch of their own."""
    batch = query(connection, "insert into email_batches (count) values (%s) returning id", (len(ids),))[0]["id"]
    execute(
        connection,
        "update email_messages set batch_id = %s, state = 'pending', updated_at = now() where id = any(%s)",
        (batch, list(ids)),
    )
    enqueue_all(
        connection,
        [
            NewRun(
                DELIVER_BATCH.name,
                DeliverBatch(batch_id=batch).model_dump(),
                unique_key=f"email.batch:{batch}",
                parent_id=parent_id,
            )
        ],
    )


def begin_anew(connection: Connection, batch_id: int) -> None:
    """The next generation, with what is still to be sent of this one."""
    execute(
        connection,
        """
        update email_batches b set generation = generation + 1, state = 'pending', payload = null,
               count = (select count(*) from email_messages m
                         where m.batch_id = b.id and m.state in ('sending', 'unknown'))
         where id = %s
        """,
        (batch_id,),
    )
    execute(
        connection,
        """
        update email_messages set state = 'pending', updated_at = now()
         where batch_id = %s and state in ('sending', 'unknown')
        """,
        (batch_id,),
    )
