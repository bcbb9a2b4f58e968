"""Figures of posts: asked for account by account, kept as a snapshot and as a history."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from models.enums import PostingChannel
from worker.catalogue.publishing import READ_STATISTICS, REFRESH_STATISTICS, After, ReadStatistics
from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.channels import Figures
from worker.kit.database import execute, query
from worker.kit.errors import Permanent
from worker.ledger.enqueue import NewRun, enqueue, enqueue_all
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Snooze, Write
from worker.ledger.reads import Admission
from worker.services.publishing.accounts import Connected
from worker.services.publishing.channels.everything import CHANNELS, is_shared

# Of one target in one run; what is older is asked about no more.
MOST = 500
YOUNG = "interval '180 days'"
LABELS = tuple(kind.label for kind, channel in CHANNELS.items() if channel.network)

GROUPS = f"""
select min(p.id) as first, p.channel::text as label, coalesce(p.credential_id, p.channel_account_id) as account_id,
       p.target, min(j.company_id) as company_id
  from job_postings p join jobs j on j.id = p.job_id
 where p.state = 'published' and p.external_id is not null and p.channel::text = any(%(labels)s::text[])
   and coalesce(p.credential_id, p.channel_account_id) is not null and p.posted_at > now() - {YOUNG}
 group by p.channel, coalesce(p.credential_id, p.channel_account_id), p.target
having min(p.id) > %(after)s
 order by min(p.id) limit %(limit)s
"""
# By the column that an index knows.
OF_TARGET = f"""
select p.id, p.external_id from job_postings p
 where p.state = 'published' and p.external_id is not null and p.channel::text = %(label)s
   and p.{{account_column}} = %(account)s and p.target = %(target)s
   and p.posted_at > now() - {YOUNG}
 order by p.posted_at desc, p.id desc limit {MOST}
"""
STORE = """
with told as (
    select id, figures, now() as at
      from unnest(%(ids)s::integer[]) with ordinality as i(id, place)
      join jsonb_array_elements(%(figures)s) with ordinality as f(figures, place) using (place)),
noted as (
    insert into posting_statistics (posting_id, fetched_at, impressions, unique_impressions, clicks, likes, comments,
                                    shares)
    select t.id, t.at, (t.figures ->> 'impressions')::bigint, (t.figures ->> 'unique_impressions')::bigint,
           (t.figures ->> 'clicks')::bigint, (t.figures ->> 'likes')::bigint, (t.figures ->> 'comments')::bigint,
           (t.figures ->> 'shares')::bigint
      from told t join job_postings p on p.id = t.id
    on conflict do nothing)
update job_postings p set statistics = t.figures, statistics_at = t.at,
       views_count = coalesce(least((t.figures ->> 'impressions')::bigint, 2147483647)::integer, p.views_count)
  from told t where p.id = t.id
"""
CLICKS = "select mark, sum(clicks)::bigint as clicks from posting_clicks where job_id = %s group by mark order by mark"
HISTORY = """
select fetched_at, impressions, unique_impressions, clicks, likes, comments, shares
  from posting_statistics where posting_id = %s order by fetched_at desc limit %s
"""


def enqueue_accounts(connection: Connection, payload: After) -> int:
    """A run for each of at most `limit` targets with posts; when there may be more, another run of this one."""
    values = {"labels": list(LABELS), "after": payload.after, "limit": payload.limit}
    found = query(connection, GROUPS, values)
    enqueue_all(connection, [_run(row) for row in found])
    if len(found) == payload.limit:
        enqueue(connection, REFRESH_STATISTICS, payload.model_copy(update={"after": found[-1]["first"]}))
    return len(found)


def _run(row: Mapping[str, Any]) -> NewRun:
    channel = PostingChannel.stored(row["label"])
    payload = ReadStatistics(channel=channel, account_id=row["account_id"], target=row["target"])
    return NewRun(READ_STATISTICS.name, payload.model_dump(mode="json"), company_id=row["company_id"])


def read(context: RunContext, payload: ReadStatistics, connected: Connected) -> Outcome:
    """Figures are read as often as one likes; a network that does not tell them to this account is not asked again
    before tomorrow.
    """
    values = {"label": payload.channel.label, "account": payload.account_id, "target": payload.target}
    column = "credential_id" if is_shared(payload.channel) else "channel_account_id"
    statement = OF_TARGET.format(account_column=column)
    found = context.transaction(lambda connection: query(connection, statement, values))
    if not found:
        return Done({"posts": 0})
    admission = Admission(context, connected.rules.provider, connected.limits)
    token = connected.fresh()
    if (wait := admission.enter()) is not None:
        return Snooze(wait)
    ids = [row["external_id"] for row in found]
    try:
        told = connected.network.statistics(token.value, payload.target, ids)
    except AccessRefused as error:
        raise connected.source.refused(token) from error
    except ScopeMissing as error:
        raise Permanent(str(error), code="statistics.not_allowed", status=409) from error
    admission.passed()
    figures = {row["id"]: told[row["external_id"]] for row in found if row["external_id"] in told}
    return Write(lambda connection: _store(connection, figures))


def _store(connection: Connection, figures: Mapping[int, Figures]) -> Done:
    values = {"ids": list(figures), "figures": Jsonb([asdict(each) for each in figures.values()])}
    if figures:
        execute(connection, STORE, values)
    return Done({"posts": len(figures)})


def clicks(connection: Connection, job_id: int) -> Mapping[str, int]:
    """Visits to an offer's public page by the mark of the link that led there."""
    return {row["mark"]: row["clicks"] for row in query(connection, CLICKS, (job_id,))}


def history(connection: Connection, posting_id: int, limit: int) -> Sequence[Mapping[str, Any]]:
    """The newest first."""
    return query(connection, HISTORY, (posting_id, limit))
