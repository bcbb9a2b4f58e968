"""Access that will end: its owners are told in time, what is long unused is renewed, what has ended is noted."""

from sqlalchemy import Connection

from worker.catalogue.integrations import REFRESH_TOKEN, RefreshToken
from worker.contracts.providers import AUTHORISED, AccountTable
from worker.kit.database import execute, query
from worker.ledger.enqueue import enqueue
from worker.services.integrations import losing, reasons, recruiters
from worker.services.integrations.credentials import Credential, columns, credential

NOTICES = (14, 7, 1)
"""Days before the end of an access that nobody can renew by machine."""

LIVE = "coalesce(is_active, true) and (state is null or state = 'connected')"
ENDING = """
select {columns}, least(ends_at, now() + interval '100 years') as ends_at,
       ceil(extract(epoch from ends_at - now()) / 86400)::integer as days
  from (select c.*, case when refresh_token is null then token_expires_at else refresh_expires_at end as ends_at
          from {table} c where {kind}::text = any(%(labels)s)) as c
 where {live} and id > %(after)s and isfinite(ends_at) and ends_at < now() + interval '14 days'
 order by id limit %(limit)s
"""
UNUSED = """
select c.id from {table} c join unnest(%(kinds)s::text[], %(days)s::integer[]) as rule (kind, days)
                             on rule.kind = c.{kind}::text
 where {live} and c.id > %(after)s and c.refresh_token is not null
   and coalesce(c.refreshed_at, c.connected_at, c.created_at) < now() - make_interval(days => rule.days)
 order by c.id limit %(limit)s
"""


def check_expiring(connection: Connection, table: AccountTable, after: int, limit: int) -> tuple[int, int | None]:
    """Tell the owners of at most `limit` accesses, those above the id `after`; how many, and the last id when there may
    be more.
    """
    labels = [table.stored(kind) for kind, provider in AUTHORISED.items() if provider.table is table]
    ending = ENDING.format(columns=columns(table), table=table.name, kind=table.kind, live=LIVE)
    rows = query(connection, ending, {"after": after, "limit": limit, "labels": labels})
    told = sum(_tell(connection, credential(row, table), row["days"]) for row in rows)
    return told, rows[-1]["id"] if len(rows) == limit else None


def _tell(connection: Connection, known: Credential, days: int) -> bool:
    if days <= 0:
        losing.lose(connection, known, reasons.ended(AUTHORISED[known.provider]))
        return True
    notice = min(each for each in NOTICES if days <= each)
    if known.expiry_notice is not None and known.expiry_notice <= notice:
        return False
    execute(connection, f"update {known.table.name} set expiry_notice = %s where id = %s", (notice, known.id))
    recruiters.tell(connection, "connection_expires", known, days=days)
    return True


def refresh_unused(connection: Connection, table: AccountTable, after: int, limit: int) -> tuple[int, int | None]:
    """Enqueue a refresh for at most `limit` accesses that would end for want of use; counted as `check_expiring`
    does.
    """
    rules = {kind: each.unused_days for kind, each in AUTHORISED.items() if each.table is table and each.unused_days}
    unused = UNUSED.format(table=table.name, kind=table.kind, live=LIVE)
    kinds = [table.stored(kind) for kind in rules]
    rows = query(connection, unused, {"after": after, "limit": limit, "kinds": kinds, "days": list(rules.values())})
    for row in rows:
        enqueue(connection, REFRESH_TOKEN, RefreshToken(**table.reference(row["id"])))
    return len(rows), rows[-1]["id"] if len(rows) == limit else None
