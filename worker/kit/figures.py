"""Numbers of others, made fit to be reckoned with and written down: neither their type nor their size is trusted."""

import math
from typing import Any

LONGEST = 10 * 365 * 86400.0
"""Seconds: whatever is said to last longer was not meant."""


def seconds(value: Any) -> float | None:
    """A time of at most ten years, nought and less among them; None for anything else, such as NaN or a word."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found <= LONGEST else None


def pause(said: Any, *, least: float, most: float, usual: float) -> float:
    """Seconds to wait: as long as was said within these bounds, the usual time where that was no time."""
    found = seconds(said)
    return usual if found is None else min(max(found, least), most)
