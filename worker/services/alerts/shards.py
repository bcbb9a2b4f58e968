"""A shard of an alert run: match a range of alerts and store their digests, all in one transaction."""

from collections import Counter
from collections.abc import Sequence

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.ledger.outcomes import Done, Recorded
from worker.services.alerts import digests
from worker.services.alerts.selection import DueAlert, Hit, due_alerts, new_offers
from worker.services.email import batches
from worker.services.matching.criteria import parse_criteria
from worker.services.matching.matcher import OfferIndex, match_many


def match_shard(connection: Connection, alert_run_id: int, first_id: int, last_id: int) -> Recorded:
    """Match alerts first_id..last_id; a repetition finds its digests stored and adds nothing.

    Cost: grows with alerts times the offers that share a word with their criteria.
    """
    rows = query(connection, "select *, now() as now from alert_runs where id = %s", (alert_run_id,))
    if not rows or rows[0]["horizon"] is None:
        return Done({"state": "gone"})
    alert_run = rows[0]
    alerts = due_alerts(connection, alert_run["frequency"], first_id, last_id)
    hits = _match(connection, alert_run, alerts)
    stored = digests.store(connection, alert_run, hits)
    _move_marks(connection, alerts, {hit.alert.id for hit in hits} - stored, alert_run["horizon"])
    batches.fill(connection, least=batches.LARGEST)
    skipped = Counter(alert.skip for alert in alerts if alert.skip)
    _count(connection, alert_run_id, len(alerts), len(hits), len(stored), skipped)
    return Done({"alerts": len(alerts), "matched": len(hits), "digests": len(stored), "skipped": dict(skipped)})


def _match(connection: Connection, alert_run: Row, alerts: Sequence[DueAlert]) -> list[Hit]:
    horizon = alert_run["horizon"]
    index = OfferIndex.of_open(new_offers(connection, alerts, horizon), now=alert_run["now"])
    if not index.offers:
        return []
    hits = []
    for alert in alerts:
        if alert.skip is None and alert.last_number < horizon:
            result = match_many(parse_criteria(alert.criteria), index, above=alert.last_number, horizon=horizon)
            if result.total:
                hits.append(Hit(alert, result))
    return hits


def _move_marks(connection: Connection, alerts: Sequence[DueAlert], unserved: set[int], horizon: int) -> None:
    """Offers up to the horizon are dealt with, but not for whom nobody knows yet whose alert it is, nor for an alert
    that found something and got no digest: it has another frequency's for this instant.
    """
    seen = [alert.id for alert in alerts if alert.id not in unserved and alert.skip != "untranslated"]
    execute(
        connection,
        "update job_alerts set last_number = %s where id = any(%s) and coalesce(last_number, 0) < %s",
        (horizon, seen, horizon),
    )


def _count(
    connection: Connection, alert_run_id: int, scanned: int, matched: int, stored: int, skipped: Counter[str]
) -> None:
    # Last, because every shard of the run queues for this row.
    before = query(connection, "select skipped from alert_runs where id = %s for update", (alert_run_id,))[0]["skipped"]
    execute(
        connection,
        """
        update alert_runs set alerts_scanned = alerts_scanned + %s, alerts_matched = alerts_matched + %s,
               digests_stored = digests_stored + %s, skipped = %s where id = %s
        """,
        (scanned, matched, stored, Jsonb(dict(skipped + Counter(before))), alert_run_id),
    )
