"""How long somebody held a position, from dates as people typed them."""

import re
from datetime import date

ISO = re.compile(r"\s*(\d{4})(?:[-/.](\d{1,2}))?(?:[-/.]\d{1,2})?(?!\d)")
MONTH_FIRST = re.compile(r"\s*(?:\d{1,2}[-/.])?(\d{1,2})[-/.](\d{4})(?!\d)")
YEARS = range(1900, 2200)


def months_between(start: str | None, end: str | None, today: date, *, is_current: bool = False) -> int | None:
    """Months, the first and the last included; None where a date cannot be read or the end comes first.

    Dates are `YYYY-MM` as the main web app stores them; `YYYY`, whole dates and `MM/YYYY` are read too. A position
    without an end, or that is current, lasts until `today`; one that has not begun yet lasted 0 months.
    """
    begun = _month(start, latest=False)
    over = today.year * 12 + today.month if is_current or not (end or "").strip() else _month(end, latest=True)
    if begun is None or over is None:
        return None
    now = today.year * 12 + today.month
    if begun > now:
        return 0
    over = min(over, now)
    return over - begun + 1 if over >= begun else None


def _month(written: str | None, *, latest: bool) -> int | None:
    """Months since the year 0. A year alone means its first month, or its last where `latest`."""
    text = written or ""
    if found := ISO.match(text):
        year, month = int(found[1]), int(found[2] or (12 if latest else 1))
    elif found := MONTH_FIRST.match(text):
        year, month = int(found[2]), int(found[1])
    else:
        return None
    return year * 12 + month if year in YEARS and 1 <= month <= 12 else None
