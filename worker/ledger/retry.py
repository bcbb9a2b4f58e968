"""When to try again."""

import random

FIRST = 2.0
LONGEST = 3600.0


def delay(attempt: int, *, fraction: float | None = None) -> float:
    """Seconds until the next try after `attempt` tries: exponential with full jitter, an hour at most.

    `fraction` (0 to 1) replaces the dice.
    """
    ceiling = min(LONGEST, FIRST * 2.0 ** min(max(attempt, 1) - 1, 20))
    return ceiling * (random.random() if fraction is None else fraction)  # noqa: S311 - spreading load, no secret
