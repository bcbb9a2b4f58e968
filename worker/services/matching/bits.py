"""Rows of bits: a set of positions below a size as uint64 words, position 0 in the lowest bit of the first word."""

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.uint64]
Rows = NDArray[np.uint64]
Positions = NDArray[np.int32] | NDArray[np.int64] | list[int] | slice

WORD = 64


def words_for(size: int) -> int:
    return max(1, -(-size // WORD))


def row_of(positions: Positions, size: int) -> Row:
    flags = np.zeros(words_for(size) * WORD, dtype=np.bool_)
    flags[positions] = True
    return np.packbits(flags, bitorder="little").view(np.uint64)


def ranges(start: int, ends: NDArray[np.int64], words: int) -> Rows:
    """One row per end, holding start <= position < end."""
    offsets = np.arange(words, dtype=np.int64) * WORD
    return _prefixes(ends, offsets) & ~_prefixes(np.array([start]), offsets)


def _prefixes(ends: NDArray[np.int64], offsets: NDArray[np.int64]) -> Rows:
    held = np.clip(ends[:, None] - offsets, 0, WORD).astype(np.uint64)
    # A shift by all 64 bits gives 0 in numpy, and 0 - 1 wraps to all ones.
    prefixes: Rows = (np.uint64(1) << held) - np.uint64(1)
    return prefixes


def lowest(
    rows: Rows, counts: NDArray[np.uint8], limit: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The first `limit` positions of each row as three flat arrays: row, rank in the row, position.

    `counts` holds the number of bits of every word. Only words that hold one of the positions are unpacked.
    """
    before = np.cumsum(counts, axis=1, dtype=np.int32) - counts
    # Flat positions: numpy finds them many times faster than pairs.
    chosen = np.flatnonzero((counts != 0) & (before < limit))
    held = counts.ravel()[chosen].astype(np.int64)
    row, word = np.divmod(chosen, counts.shape[1])
    bits = np.flatnonzero(np.unpackbits(rows.ravel()[chosen].view(np.uint8), bitorder="little"))
    rank = np.arange(len(bits)) + np.repeat(before.ravel()[chosen] - (np.cumsum(held) - held), held)
    kept = np.flatnonzero(rank < limit)
    which = bits[kept] // WORD
    return row[which], rank[kept], word[which] * WORD + bits[kept] % WORD
