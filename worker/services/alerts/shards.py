"""A shard of an alert run: match a range of alerts and store their digests, all in one transaction."""

import gc
import time
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.ledger.outcomes import Done, Recorded
from worker.services.alerts import digests, marks, merging, progress, selection
from worker.services.alerts.digests import Hit, Stored
from worker.services.alerts.market import market
from worker.services.alerts.selection import Alerts
from worker.services.matching.criteria import parse_cached
from worker.services.matching.definition import MOST_SHOWN
from worker.services.matching.index import OfferIndex

# Kept besides those shown, for offers that close before the mail is written.
SPARE = 20


class Stopwatch:
    """Seconds by step, each since the one before."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._began = time.perf_counter()

    def lap(self, name: str) -> None:
        ended = time.perf_counter()
        self.laps[name] = round(ended - self._began, 4)
        self._began = ended


def match_shard(
    connection: Connection, alert_run_id: int, first_id: int, last_id: int, *, merged: bool = False
) -> Recorded:
    """Match alerts first_id..last_id; a repetition finds their marks moved and adds nothing.

    merged: the digests' mails are written when the run ends, one per candidate.
    """
    rows = query(connection, "select * from alert_runs where id = %s", (alert_run_id,))
    if not rows or rows[0]["horizon"] is None:
        return Done({"state": "gone"})
    alert_run, horizon, watch = rows[0], rows[0]["horizon"], Stopwatch()
    alerts = selection.due(connection, alert_run["frequency"], first_id, last_id, horizon)
    watch.lap("reading")
    with undisturbed():
        hits = find(connection, alerts, horizon, owner=alert_run["run_id"], watch=watch)
        scanned, stored = serve(connection, alert_run, alerts, hits, merged=merged, watch=watch)
    counts = {"alerts": scanned, "matched": stored.digests, "digests": stored.digests}
    return Done({**counts, "skipped": dict(stored.skipped), "seconds": watch.laps})


def serve(
    connection: Connection,
    alert_run: Row,
    alerts: Alerts,
    hits: Sequence[Hit],
    *,
    merged: bool = False,
    watch: Stopwatch | None = None,
) -> tuple[int, Stored]:
    """Store what these alerts have found, move their marks and count; how many alerts that dealt with, and the digests.

    Whose mark others have moved meanwhile is left to them.
    """
    watch = watch or Stopwatch()
    stored = digests.store(connection, alert_run, hits, merged=merged)
    watch.lap("storing")
    nothing = ~np.isin(alerts.ids, [hit.alert_id for hit in hits], assume_unique=True)
    passed = marks.move(connection, alert_run, alerts.ids[nothing], alerts.marks[nothing])
    scanned = len(passed) + stored.digests + stored.skipped.total()
    if progress.count(connection, alert_run["id"], scanned, stored) and merged:
        # The run has ended and merges nothing any more.
        merging.merge_all(connection, alert_run)
    watch.lap("marking")
    return scanned, stored


def find(
    connection: Connection, alerts: Alerts, horizon: int, *, owner: Hashable, watch: Stopwatch | None = None
) -> list[Hit]:
    """What these alerts find among the open offers up to the horizon that they have not looked at. Writes nothing.

    owner: the run on whose behalf (`Market.index`).
    """
    if not alerts.criteria:
        return []
    watch = watch or Stopwatch()
    index = market.index(connection, owner, above=int(alerts.marks.min()), horizon=horizon)
    watch.lap("indexing")
    hits = match(alerts, index, horizon)
    watch.lap("matching")
    return hits


def match(alerts: Alerts, index: OfferIndex, horizon: int) -> list[Hit]:
    """The alerts that find something, in their order. Pure.

    Cost: 2,048 alerts at once, each a handful of operations on rows of bits, one bit per offer.
    """
    if not index.offers:
        return []
    wanted = [parse_cached(text) for text in alerts.criteria]
    matched = index.match(wanted, above=alerts.marks, horizon=horizon, limit=MOST_SHOWN + SPARE)
    offers = [prepared.offer for prepared in index.offers]
    numbers = [offer.id for offer in offers]
    places, starts = matched.places.tolist(), matched.starts.tolist()
    ids, marks_read, totals = alerts.ids.tolist(), alerts.marks.tolist(), matched.totals.tolist()
    hits = []
    for alert in np.flatnonzero(matched.totals).tolist():
        shown = places[starts[alert] : starts[alert + 1]]
        found = tuple([numbers[place] for place in shown])
        newest, spare = found[:MOST_SHOWN], found[MOST_SHOWN:]
        hits.append(Hit(ids[alert], marks_read[alert], totals[alert], newest, offers[shown[0]].title, spare))
    return hits


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without the search for cycles: matching makes none, and each search visits every criteria that is remembered."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
