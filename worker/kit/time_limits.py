"""How long calls may last for somebody who waits, whatever their sessions allow."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """When all calls have to be over. `ends_at` is a value of `time.monotonic()`."""

    ends_at: float

    @contextmanager
    def applied(self) -> Iterator[None]:
        """No call of this context lasts longer."""
        token = _limit.set(self)
        try:
            yield
        finally:
            _limit.reset(token)


_limit: ContextVar[TimeLimit | None] = ContextVar("time_limit", default=None)


def present() -> TimeLimit | None:
    """That of this context."""
    return _limit.get()
