"""What something costs, on a machine that has other work beside."""

from collections.abc import Callable

TRIES = 3


def least(measure: Callable[[], float], bound: float) -> float:
    """The least of at most three tries, or the first below `bound`: others' work makes a try dearer, never cheaper."""
    found = measure()
    for _ in range(TRIES - 1):
        if found < bound:
            break
        found = min(found, measure())
    return found
