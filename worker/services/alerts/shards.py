"""A shard of an alert run: match a range of alerts and store their digests, all in one transaction."""

import gc
import time
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from sqlalchemy import Connection

from worker.ledger.outcomes import Done, Recorded
from worker.services.alerts import alert_run as alert_runs
from worker.services.alerts import digests, merging, progress, selection, watermark
from worker.services.alerts.alert_run import AlertRun
from worker.services.alerts.digests import Hit, Stored
from worker.services.alerts.offer_index_cache import offer_index_cache
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
    """Match alerts first_id..last_id; a repetition finds their watermarks moved and adds nothing.

    merged: the digests' mails are written when the run ends, one per candidate.
    """
    alert_run = alert_runs.get(connection, alert_run_id)
    if alert_run is None or alert_run.upper_bound is None:
        return Done({"state": "gone"})
    upper_bound, watch = alert_run.upper_bound, Stopwatch()
    alerts = selection.due(connection, alert_run.frequency, first_id, last_id, upper_bound)
    watch.lap("reading")
    with gc_paused():
        hits = find(connection, alerts, upper_bound, owner=alert_run.run_id, watch=watch)
        scanned, stored = serve(connection, alert_run, alerts, hits, merged=merged, watch=watch)
    counts = {"alerts": scanned, "matched": stored.digests, "digests": stored.digests}
    return Done({**counts, "skipped": dict(stored.skipped), "seconds": watch.laps})


def serve(
    connection: Connection,
    alert_run: AlertRun,
    alerts: Alerts,
    hits: Sequence[Hit],
    *,
    merged: bool = False,
    watch: Stopwatch | None = None,
) -> tuple[int, Stored]:
    """Store what these alerts have found, move their watermarks and count; how many alerts were dealt with, and what
    was stored.

    Whose watermark others have moved meanwhile is left to them.
    """
    watch = watch or Stopwatch()
    stored = digests.store(connection, alert_run, hits, merged=merged)
    watch.lap("storing")
    nothing = ~np.isin(alerts.ids, [hit.alert_id for hit in hits], assume_unique=True)
    passed = watermark.move(connection, alert_run, alerts.ids[nothing], alerts.watermarks[nothing])
    scanned = len(passed) + stored.digests + stored.skipped.total()
    if progress.count(connection, alert_run.id, scanned, stored) and merged:
        # The run has ended and merges nothing any more.
        merging.merge_all(connection, alert_run)
    watch.lap("marking")
    return scanned, stored


def find(
    connection: Connection, alerts: Alerts, upper_bound: int, *, owner: Hashable, watch: Stopwatch | None = None
) -> list[Hit]:
    """What these alerts find among the open offers up to the upper bound that they have not looked at. Writes nothing.

    owner: the run on whose behalf (`OfferIndexCache.index`).
    """
    if not alerts.criteria:
        return []
    watch = watch or Stopwatch()
    index = offer_index_cache.index(connection, owner, above=int(alerts.watermarks.min()), upper_bound=upper_bound)
    watch.lap("indexing")
    hits = match(alerts, index, upper_bound)
    watch.lap("matching")
    return hits


def match(alerts: Alerts, index: OfferIndex, upper_bound: int) -> list[Hit]:
    """The alerts that find something, in their order. Pure.

    Cost: 2,048 alerts at once, each a handful of operations on rows of bits, one bit per offer.
    """
    if not index.offers:
        return []
    wanted = [parse_cached(text) for text in alerts.criteria]
    matched = index.match(wanted, above=alerts.watermarks, upper_bound=upper_bound, limit=MOST_SHOWN + SPARE)
    offers = [prepared.offer for prepared in index.offers]
    numbers = [offer.id for offer in offers]
    places, starts = matched.places.tolist(), matched.starts.tolist()
    ids, watermarks, totals = alerts.ids.tolist(), alerts.watermarks.tolist(), matched.totals.tolist()
    hits = []
    for alert in np.flatnonzero(matched.totals).tolist():
        shown = places[starts[alert] : starts[alert + 1]]
        found = tuple([numbers[place] for place in shown])
        newest, spare = found[:MOST_SHOWN], found[MOST_SHOWN:]
        hits.append(Hit(ids[alert], watermarks[alert], totals[alert], newest, offers[shown[0]].title, spare))
    return hits


@contextmanager
def gc_paused() -> Iterator[None]:
    """Without the search for cycles: matching makes none, and each search visits every criteria that is remembered."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
