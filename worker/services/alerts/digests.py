"""Storing digests: the digest, its message, its notification and the alert's counters, together or not at all."""

from collections.abc import Sequence

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.services.alerts.selection import Hit
from worker.services.email import messages
from worker.services.email.messages import NewMessage

TEMPLATE = "job_alert"

INSERT = """
insert into alert_digests (alert_id, alert_run_id, period, job_ids, total, more_count, first_number, last_number)
select d.alert_id, %(run)s, %(period)s, string_to_array(d.job_ids, ',')::integer[], d.total, d.more, d.low, %(horizon)s
  from unnest(%(alerts)s::integer[], %(jobs)s::text[], %(totals)s::integer[], %(more)s::integer[], %(low)s::bigint[])
       as d(alert_id, job_ids, total, more, low)
on conflict (alert_id, period) do nothing
returning id, alert_id
"""


def store(connection: Connection, alert_run: Row, hits: Sequence[Hit]) -> set[int]:
    """Store a digest per hit; an alert that has one for this period gets no second. Returns whose digests are new."""
    if not hits:
        return set()
    rows = query(
        connection,
        INSERT,
        {
            "run": alert_run["id"],
            "period": alert_run["period"],
            "horizon": alert_run["horizon"],
            "alerts": [hit.alert.id for hit in hits],
            "jobs": [",".join(str(found.offer.id) for found in hit.result.top) for hit in hits],
            "totals": [hit.result.total for hit in hits],
            "more": [hit.result.more for hit in hits],
            "low": [hit.alert.last_number + 1 for hit in hits],
        },
    )
    digest_ids = {row["alert_id"]: row["id"] for row in rows}
    fresh = [hit for hit in hits if hit.alert.id in digest_ids]
    _write_messages(connection, alert_run, fresh, digest_ids)
    _notify(connection, fresh)
    _count(connection, fresh)
    return set(digest_ids)


def _write_messages(connection: Connection, alert_run: Row, hits: Sequence[Hit], digest_ids: dict[int, int]) -> None:
    written = messages.write(
        connection,
        [
            NewMessage(
                source=f"alert_digest:{digest_ids[hit.alert.id]}",
                template=TEMPLATE,
                recipient=hit.alert.email or "",
                locale=hit.alert.locale,
                user_id=hit.alert.user_id,
                context={
                    "alert_id": hit.alert.id,
                    "alert_name": hit.alert.name,
                    "frequency": alert_run["frequency"],
                    "job_ids": [found.offer.id for found in hit.result.top],
                    "more": hit.result.more,
                },
            )
            for hit in hits
        ],
    )
    execute(
        connection,
        """
        update alert_digests d set message_id = m.id
          from unnest(%s::bigint[], %s::bigint[]) as m(digest_id, id) where d.id = m.digest_id
        """,
        ([int(source.partition(":")[2]) for source in written], list(written.values())),
    )


def _notify(connection: Connection, hits: Sequence[Hit]) -> None:
    """One notification per digest. The main web app's own columns get the values that its models would give."""
    execute(
        connection,
        """
        insert into notifications (user_id, type, title, message, related_job_id, is_read, created_at)
        select n.user_id, 'NEW_JOB', n.title, n.message, n.job_id, false, now()
          from unnest(%s::integer[], %s::text[], %s::text[], %s::integer[]) as n(user_id, title, message, job_id)
        """,
        (
            [hit.alert.user_id for hit in hits],
            [_title(hit) for hit in hits],
            [_sentence(hit) for hit in hits],
            [hit.result.top[0].offer.id for hit in hits],
        ),
    )


def _title(hit: Hit) -> str:
    if hit.alert.locale == "en":
        return f"New jobs for “{hit.alert.name}”"
    return f"Nouvelles offres pour « {hit.alert.name} »"


def _sentence(hit: Hit) -> str:
    total = hit.result.total
    first = hit.result.top[0].offer.title
    if hit.alert.locale == "en":
        return f"{total} new job{'s' if total > 1 else ''}, the latest: {first}."
    plural = "s" if total > 1 else ""
    return f"{total} nouvelle{plural} offre{plural}, dont la plus récente : {first}."


def _count(connection: Connection, hits: Sequence[Hit]) -> None:
    execute(
        connection,
        """
        update job_alerts a set jobs_sent_count = coalesce(a.jobs_sent_count, 0) + s.shown, last_sent_at = now(),
               last_matching_job_id = s.job_id, updated_at = now()
          from unnest(%s::integer[], %s::integer[], %s::integer[]) as s(id, shown, job_id) where a.id = s.id
        """,
        (
            [hit.alert.id for hit in hits],
            [len(hit.result.top) for hit in hits],
            [hit.result.top[0].offer.id for hit in hits],
        ),
    )
