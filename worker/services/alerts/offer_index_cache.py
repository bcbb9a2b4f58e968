"""The offers of a run, indexed: built once per process and kept for the shards that follow within a minute."""

import time
from collections.abc import Hashable
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.services.alerts.search import open_offers
from worker.services.matching.index import OfferIndex

# An offer that closes during a run is named at most this long; a mail that names none but closed ones is not sent.
KEPT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Kept:
    """The open offers above a number as one run found them, until a moment of time.monotonic()."""

    owner: Hashable
    above: int
    upper_bound: int
    until: float
    index: OfferIndex


class OfferIndexCache:
    """The offers of one run at a time, as this process works on it."""

    def __init__(self) -> None:
        self._kept: Kept | None = None

    def index(self, connection: Connection, owner: Hashable, *, above: int, upper_bound: int) -> OfferIndex:
        """The open offers with above < number <= upper_bound, and maybe some below.

        owner: the run, whose shards share the index. One that is tried again has a new upper bound.
        """
        kept = self._kept
        alike = kept and (kept.owner, kept.upper_bound) == (owner, upper_bound) and kept.above <= above
        if kept and alike and time.monotonic() < kept.until:
            return kept.index
        # Two indexes at once would double a child's memory.
        self._kept = kept = None
        index = OfferIndex(open_offers(connection, above=above, upper_bound=upper_bound))
        self._kept = Kept(owner, above, upper_bound, time.monotonic() + KEPT_SECONDS, index)
        return index


offer_index_cache = OfferIndexCache()
