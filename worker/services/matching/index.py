"""Many alerts against many offers, on rows of bits: one row per keyword and condition, one bit per offer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.services.matching import bits
from worker.services.matching.compiled import EVERYTHING, NOTHING, Compiler
from worker.services.matching.criteria import Criteria
from worker.services.matching.definition import MOST_SHOWN
from worker.services.matching.offers import PreparedOffer, newest_first

MOST_ROW_BYTES = 2**26

# A block's two working buffers stay inside the cache of a core.
_BLOCK_BYTES = 2_600_000
_LARGEST_BLOCK = 2_048
_SMALLEST_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Matched:
    """Per alert how many offers match, and the newest of them as positions in `OfferIndex.offers`.

    `places` holds the positions of all alerts one after the other; those of alert i begin at `starts[i]` and end
    at `starts[i + 1]`.
    """

    totals: NDArray[np.int64]
    places: NDArray[np.int32]
    starts: NDArray[np.int64]


class OfferIndex:
    """Offers newest first, and what is remembered about them between calls; not for several threads at once."""

    def __init__(self, offers: Iterable[PreparedOffer], *, most_row_bytes: int = MOST_ROW_BYTES) -> None:
        self.offers = tuple(sorted(offers, key=newest_first))
        self._compiler = Compiler(self.offers, most_row_bytes)
        numbers = [one.offer.number for one in self.offers if one.offer.number is not None]
        self._ascending_numbers = np.array(numbers[::-1], dtype=np.int64)

    def match(
        self,
        wanted: Sequence[Criteria],
        *,
        above: NDArray[np.int64] | None = None,
        upper_bound: int | None = None,
        limit: int = MOST_SHOWN,
    ) -> Matched:
        """What each of many alerts finds: all matches counted, the newest `limit` of them named.

        `above` (one per alert) and `upper_bound` bound the offers' numbers: above < number <= upper_bound; an offer
        without number lies outside any bound.
        """
        start = 0 if upper_bound is None else self._numbered_above(np.array([upper_bound]))[0]
        ends = self._ends(len(wanted), above, upper_bound)
        work = _Work(len(wanted), limit, self._block_size(), self._compiler.rows.shape[1])
        for first in range(0, len(wanted), work.block):
            numbers = self._compiler.numbers(wanted[first : first + work.block])
            self._match_block(work, first, numbers, int(start), ends[first : first + work.block])
        return work.matched()

    def _block_size(self) -> int:
        row_bytes = int(self._compiler.rows[0].nbytes)
        return min(_LARGEST_BLOCK, max(_SMALLEST_BLOCK, _BLOCK_BYTES // row_bytes))

    def _ends(self, alerts: int, above: NDArray[np.int64] | None, upper_bound: int | None) -> NDArray[np.int64]:
        """Per alert the position behind the last offer its bounds let in."""
        if above is not None:
            return self._numbered_above(above)
        last = len(self.offers) if upper_bound is None else len(self._ascending_numbers)
        return np.full(alerts, last, dtype=np.int64)

    def _numbered_above(self, watermarks: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many offers have a higher number than each watermark: they are the first ones of the index."""
        return len(self._ascending_numbers) - np.searchsorted(self._ascending_numbers, watermarks, side="right")

    def _match_block(
        self, work: "_Work", first: int, numbers: NDArray[np.int64], start: int, ends: NDArray[np.int64]
    ) -> None:
        counts, keyword_rows = self._compiler.keyword_rows(numbers)
        filters = self._compiler.filter_rows(numbers)
        alive = np.flatnonzero((counts > 0) & (filters != NOTHING) & (ends > start))
        # Most keywords first: the alerts that have another keyword are always a prefix.
        order = alive[np.argsort(-counts[alive], kind="stable")]
        found = work.join(self._compiler.rows, keyword_rows[order], counts[order])
        work.meet(self._compiler.rows, found, filters[order])
        if start or (ends[order] < len(self.offers)).any():
            distinct, which = np.unique(ends[order], return_inverse=True)
            found &= bits.ranges(start, distinct, found.shape[1])[which]
        work.keep(first + order, found)


class _Work:
    """The buffers of one call and what its blocks found."""

    def __init__(self, alerts: int, limit: int, block: int, words: int) -> None:
        self.block = block
        self._limit = limit
        self._found = np.empty((block, words), dtype=np.uint64)
        self._other = np.empty((block, words), dtype=np.uint64)
        self._totals = np.zeros(alerts, dtype=np.int64)
        self._shown: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []

    def join(self, rows: bits.Rows, chosen: NDArray[np.int32], counts: NDArray[np.int64]) -> bits.Rows:
        """Per alert the OR of as many of its chosen rows as counted; counts descend and are at least 1."""
        found = self._found[: len(counts)]
        np.take(rows, chosen[:, 0], axis=0, out=found, mode="clip")
        for column in range(1, int(counts[0]) if len(counts) else 0):
            having = int(np.count_nonzero(counts > column))
            other = np.take(rows, chosen[:having, column], axis=0, out=self._other[:having], mode="clip")
            np.bitwise_or(found[:having], other, out=found[:having])
        return found

    def meet(self, rows: bits.Rows, found: bits.Rows, filters: NDArray[np.int32]) -> None:
        if (filters != EVERYTHING).any():
            found &= np.take(rows, filters, axis=0, out=self._other[: len(filters)], mode="clip")

    def keep(self, alerts: NDArray[np.int64], found: bits.Rows) -> None:
        counts = np.bitwise_count(found)
        totals = counts.sum(axis=1, dtype=np.int64)
        self._totals[alerts] = totals
        hits = np.flatnonzero(totals)
        row, rank, position = bits.lowest(found[hits], counts[hits], self._limit)
        self._shown.append((alerts[hits][row], rank, position))

    def matched(self) -> Matched:
        starts = np.zeros(len(self._totals) + 1, dtype=np.int64)
        np.cumsum(np.minimum(self._totals, self._limit), out=starts[1:])
        places = np.empty(starts[-1], dtype=np.int32)
        for alerts, rank, position in self._shown:
            places[starts[alerts] + rank] = position
        return Matched(self._totals, places, starts)
