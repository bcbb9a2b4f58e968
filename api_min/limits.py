"""How often one caller may ask. Counted in Redis; in this process's memory while Redis is away."""

import math
import threading
import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_limiter import ApplicationLimit, Limiter, RequestLimit
from limits import RateLimitItem, RateLimitItemPerSecond, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from typing_extensions import override

from api_min.errors import ApiError
from worker.kit.logging import get_logger
from worker.kit.settings import Settings

log = get_logger(__name__)

PER_SECOND = 600
LARGEST_SHARE = 16
AWAY_SECONDS = 5.0
PREFIX = "intowork"
WRITES = "60 per minute"
LINKS = "60 per minute"
AI_REQUESTS = "30 per hour"
# A Redis that does not answer must not hold requests up.
REDIS_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 0.25, "socket_timeout": 0.25}


@dataclass(slots=True)
class Share:
    """What this process may still give one key without asking Redis, until the monotonic instant `until`."""

    left: int = 0
    size: int = 0
    until: float = 0.0
    refused: bool = False


class Tally:
    """Counts in Redis, or for 5 s at a time in this process's memory when Redis does not answer."""

    def __init__(self, storage: Storage | None) -> None:
        self._memory = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(storage) if storage else self._memory
        self._away_until = 0.0

    def hit(self, limit: RateLimitItem, *who: str, cost: int = 1) -> bool:
        """Count `cost` for whoever `who` names; False when the limit is passed."""
        if time.monotonic() >= self._away_until:
            try:
                return self._shared.hit(limit, PREFIX, *who, cost=cost)
            except StorageError as error:
                log.warning("limits.redis_away", error=type(error.storage_error).__name__)
                self._away_until = time.monotonic() + AWAY_SECONDS
        return self._memory.hit(limit, PREFIX, *who, cost=cost)


class KeyBudget:
    """Requests per second and service key, over all processes.

    A Redis call per request would cost a quarter of a durable enqueue, so a process takes shares that double
    with the traffic, up to 16: the limit is exact to that many requests per process.
    """

    def __init__(self, tally: Tally, *, per_second: int = PER_SECOND) -> None:
        self._tally = tally
        self._limit = RateLimitItemPerSecond(per_second)
        self._shares: dict[str, Share] = {}
        self._guard = threading.Lock()

    def take(self, name: str) -> bool:
        """Whether this caller may ask once more within the current second."""
        now = time.monotonic()
        with self._guard:
            share = self._shares.setdefault(name, Share())
            if now >= share.until:
                share.left, share.size, share.until, share.refused = 0, 0, now + 1.0, False
            if share.left == 0 and not share.refused:
                self._refill(name, share)
            share.left -= not share.refused
            return not share.refused

    def _refill(self, name: str, share: Share) -> None:
        share.size = min(max(share.size * 2, 1), LARGEST_SHARE)
        share.refused = not self._tally.hit(self._limit, name, cost=share.size)
        share.left = 0 if share.refused else share.size


def check_limit(limit: str, *who: str, cost: int = 1) -> None:
    """Count against a limit of a route's own, such as `60 per minute` for ("previews", "user:7").

    Raises ApiError 429. The whole window is told as the time to wait: its start is not worth another question.
    """
    tally: Tally = current_app.extensions["intowork.tally"]
    item = parse(limit)
    if not tally.hit(item, *who, cost=cost):
        raise ApiError(
            429, f"Too many requests: the limit is {limit}.", headers={"Retry-After": str(item.get_expiry())}
        )


def check_write_limit(who: str) -> None:
    """Whatever a user changes, whichever noun it is. Raises ApiError 429."""
    check_limit(WRITES, "writes", who)


def check_link_limit(user_id: int | None, address: str | None) -> None:
    """Whoever opens a signed link of a mail: counted by the person it names, guesses by their network address.

    Raises ApiError 429.
    """
    check_limit(LINKS, "links", f"guess:{address}" if user_id is None else f"user:{user_id}")


def check_ai_limit(who: str) -> None:
    """Whatever a user asks of a language model, however it answers. Raises ApiError 429."""
    check_limit(AI_REQUESTS, "claude", who)


def may_ask_ai(who: str, count: int) -> bool:
    """Whether so many more questions to a language model, which a user causes without asking for them, are within the
    same limit, of which they have a count of their own.
    """
    tally: Tally = current_app.extensions["intowork.tally"]
    return count == 0 or tally.hit(parse(AI_REQUESTS), "recommendations", who, cost=count)


def check_key_budget() -> ResponseReturnValue | None:
    """Before each request of a service key; open routes have no limit."""
    holder = g.get("caller")
    if holder is None or holder.kind != "key":
        return None
    budget: KeyBudget = current_app.extensions["intowork.key_budget"]
    if not budget.take(holder.name):
        raise ApiError(429, "Too many requests for this service key.", headers={"Retry-After": "1"})
    return None


def _caller_name() -> str:
    holder = g.get("caller")
    return holder.name if holder else request.remote_addr or "unknown"


class UserLimiter(Limiter):
    """Limits of signed-in users. Keys have their budget, and pay nothing for these."""

    @override
    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        holder = g.get("caller")
        if holder is not None and holder.kind == "user":
            super()._check_request_limit(callable_name, in_middleware)


def _note_retry(limit: RequestLimit) -> None:
    """Tell the error handler when to come back; asked only for a breach, it costs a second look at the counter."""
    g.retry_after = max(1, math.ceil(limit.reset_at - time.time()))


def register(app: Flask, settings: Settings) -> None:
    """Install the limits, after the guard, which tells who calls."""
    url = settings.limits_url.plain if settings.limits_url else None
    storage = storage_from_string(url, wrap_exceptions=True, **REDIS_OPTIONS) if url else None
    tally = Tally(storage if isinstance(storage, Storage) else None)
    app.extensions["intowork.tally"] = tally
    app.extensions["intowork.key_budget"] = KeyBudget(tally)
    app.before_request(check_key_budget)
    app.extensions["intowork.limiter"] = UserLimiter(
        _caller_name,
        app=app,
        application_limits=[ApplicationLimit(f"{PER_SECOND} per second")],
        storage_uri=url or "memory://",
        storage_options=REDIS_OPTIONS if url else {},
        in_memory_fallback_enabled=url is not None,
        on_breach=_note_retry,
        key_prefix=PREFIX,
        strategy="fixed-window",
    )
