"""Criteria as row numbers: the rows of one index and what each criteria take from them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.services.matching.bits import Row, Rows, row_of
from worker.services.matching.criteria import Criteria
from worker.services.matching.filters import Filters, Part, beside_keywords, parts_of
from worker.services.matching.offers import PreparedOffer
from worker.services.matching.postings import Postings

NOTHING = 0
EVERYTHING = 1
MOST_KEYWORD_ROWS = 20
MOST_COMPILED = 2**17


class RowStore:
    """Rows kept side by side, numbered from 0; row 0 is empty and row 1 full."""

    def __init__(self, size: int) -> None:
        fixed = (row_of([], size), row_of(slice(size), size))
        self.rows: Rows = np.vstack(fixed)
        self._used = len(fixed)

    @property
    def bytes_used(self) -> int:
        return self._used * int(self.rows[0].nbytes)

    def add(self, row: Row | None) -> int:
        """The number of a row; empty ones are not stored."""
        if row is None or not row.any():
            return NOTHING
        if self._used == len(self.rows):
            grown = np.empty((2 * self._used, self.rows.shape[1]), dtype=np.uint64)
            grown[: self._used] = self.rows
            self.rows = grown
        self.rows[self._used] = row
        self._used += 1
        return self._used - 1


class Compiler:
    """Numbers criteria, the same object alike; a number and the rows behind it hold until the next call of `numbers`.

    Everything is forgotten, and made again when asked for, once the rows take more than `most_bytes`.
    """

    def __init__(self, offers: Sequence[PreparedOffer], most_bytes: int) -> None:
        self._size = len(offers)
        self._most_bytes = most_bytes
        self._postings = Postings(offers)
        self._filters = Filters(offers)
        self._forget()

    @property
    def rows(self) -> Rows:
        return self._store.rows

    def numbers(self, wanted: Sequence[Criteria]) -> NDArray[np.int64]:
        if self._store.bytes_used > self._most_bytes or len(self._compiled) > MOST_COMPILED:
            self._forget()
        known = map(self._numbers.get, map(id, wanted))
        return np.array(
            [self._compile(one) if number is None else number for one, number in zip(wanted, known, strict=True)],
            dtype=np.int64,
        )

    def keyword_rows(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """How many rows to join for each number, and which: as many columns as counted hold row numbers."""
        taken = self._table[numbers]
        return taken[:, 0].astype(np.int64), taken[:, 2:]

    def filter_rows(self, numbers: NDArray[np.int64]) -> NDArray[np.int32]:
        filters: NDArray[np.int32] = self._table[numbers, 1]
        return filters

    def _forget(self) -> None:
        self._store = RowStore(self._size)
        # By identity: hashing criteria costs more than matching them. `_compiled` keeps the identities alive.
        self._numbers: dict[int, int] = {}
        self._compiled: list[Criteria] = []
        self._table = np.zeros((256, 2 + MOST_KEYWORD_ROWS), dtype=np.int32)
        self._by_keyword: dict[str, int] = {}
        self._by_part: dict[Part, int] = {}
        self._by_filter: dict[tuple[Any, ...], int] = {}

    def _compile(self, criteria: Criteria) -> int:
        number = self._numbers[id(criteria)] = len(self._compiled)
        self._compiled.append(criteria)
        if number == len(self._table):
            self._table = np.concatenate((self._table, np.zeros_like(self._table)))
        keywords = self._joined(criteria.keywords) if criteria.keywords else (EVERYTHING,)
        line = (len(keywords), self._filter(criteria), *keywords)
        self._table[number, : len(line)] = line
        return number

    def _joined(self, keywords: Sequence[str]) -> Sequence[int]:
        """The rows to join, few enough for a line of the table: the ones beyond are joined here."""
        known = self._by_keyword
        numbers = [number for one in keywords if (number := known.get(one) or self._keyword(one))]
        if len(numbers) <= MOST_KEYWORD_ROWS:
            return numbers
        kept, rest = numbers[: MOST_KEYWORD_ROWS - 1], numbers[MOST_KEYWORD_ROWS - 1 :]
        return [*kept, self._store.add(np.bitwise_or.reduce(self.rows[rest], axis=0))]

    def _keyword(self, keyword: str) -> int:
        number = self._by_keyword.get(keyword)
        if number is None:
            number = self._by_keyword[keyword] = self._store.add(self._postings.holding(keyword))
        return number

    def _filter(self, criteria: Criteria) -> int:
        asked = beside_keywords(criteria)
        number = self._by_filter.get(asked)
        if number is None:
            number = self._by_filter[asked] = self._met_together(parts_of(criteria), criteria)
        return number

    def _met_together(self, parts: Sequence[Part], criteria: Criteria) -> int:
        if len(parts) <= 1:
            return self._part(parts[0], criteria) if parts else EVERYTHING
        rows = [self._part(part, criteria) for part in parts]
        return self._store.add(np.bitwise_and.reduce(self.rows[rows], axis=0))

    def _part(self, part: Part, criteria: Criteria) -> int:
        number = self._by_part.get(part)
        if number is None:
            number = self._by_part[part] = self._store.add(self._filters.row(part[0], criteria))
        return number
