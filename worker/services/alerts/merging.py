"""One mail per candidate: the digests of an alert run whose messages wait until all of them are stored."""

from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.services.alerts.alert_run import AlertRun
from worker.services.alerts.digests import TEMPLATE
from worker.services.email.delivery import messages
from worker.services.email.delivery.messages import NewMessage

MOST_READERS = 5000

WAITING = """
with readers as (
    select distinct c.user_id from alert_digests d
      join job_alerts a on a.id = d.alert_id join candidates c on c.id = a.candidate_id
     where d.alert_run_id = %(run)s and d.message_id is null order by c.user_id limit %(most)s)
select d.id, d.alert_id, d.job_ids, d.spare_ids, d.more_count, a.name, u.id as user_id, u.email,
       coalesce(p.locale, 'fr') as locale
  from readers join users u on u.id = readers.user_id join candidates c on c.user_id = u.id
  join job_alerts a on a.candidate_id = c.id
  join alert_digests d on d.alert_id = a.id and d.alert_run_id = %(run)s and d.message_id is null
  left join recipient_preferences p on p.user_id = u.id
 order by u.id, d.alert_id for update of d
"""


def merge(connection: Connection, alert_run: AlertRun, *, most: int = MOST_READERS) -> int:
    """Write the messages that digests of this run still wait for, to at most so many candidates; how many.

    Whoever has more repeats it, each time in a transaction of its own.
    """
    rows = query(connection, WAITING, {"run": alert_run.id, "most": most})
    readers = [list(group) for _, group in groupby(rows, key=lambda row: row["user_id"])]
    ids = messages.write_in_batches(connection, [_message(group, alert_run.frequency) for group in readers])
    written = [(row["id"], number) for number, group in zip(ids, readers, strict=True) for row in group]
    execute(
        connection,
        """
        update alert_digests d set message_id = m.id
          from unnest(%s::bigint[], %s::bigint[]) as m(digest_id, id) where d.id = m.digest_id
        """,
        ([digest for digest, _ in written], [number for _, number in written]),
    )
    return len(ids)


def merge_all(connection: Connection, alert_run: AlertRun) -> None:
    """The same to every candidate, in one transaction: for a run that has ended, whose remainder is small."""
    while merge(connection, alert_run):
        continue


def _message(digests: list[Row], frequency: str) -> NewMessage:
    """A candidate's mail; of one digest it is the same as ever."""
    first = digests[0]
    sections = [_section(row) for row in digests]
    alone = len(sections) == 1
    context: dict[str, Any] = sections[0] if alone else {"sections": sections}
    return NewMessage(
        source=f"{'alert_digest' if alone else 'alert_digests'}:{first['id']}",
        template=TEMPLATE,
        recipient=first["email"],
        locale=first["locale"],
        user_id=first["user_id"],
        context={**context, "frequency": frequency},
    )


def _section(row: Row) -> dict[str, Any]:
    return {
        "alert_id": row["alert_id"],
        "alert_name": row["name"],
        "job_ids": row["job_ids"],
        "more": row["more_count"],
        **({"spare": row["spare_ids"]} if row["spare_ids"] else {}),
    }
