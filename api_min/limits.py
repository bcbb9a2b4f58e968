"""How often one caller may ask. Counted in Redis; in this process's memory while Redis is away."""

import math
import time
from typing import Any

from flask import Flask, g, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit

from worker.kit.settings import Settings

PER_KEY = "600 per second"
# A Redis that does not answer must not hold requests up.
REDIS_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 0.25, "socket_timeout": 0.25}


def _caller_name() -> str:
    holder = g.get("caller")
    return holder.name if holder else request.remote_addr or "unknown"


def _is_open() -> bool:
    return g.get("caller") is None


def _note_retry(limit: RequestLimit) -> None:
    """Tell the error handler when to come back; asked only for a breach, it costs a second look at the counter."""
    g.retry_after = max(1, math.ceil(limit.reset_at - time.time()))


def register(app: Flask, settings: Settings) -> Limiter:
    """Install the limits; after the guard, which tells who calls. Open routes have none."""
    url = settings.limits_url
    limiter = Limiter(
        _caller_name,
        app=app,
        application_limits=[ApplicationLimit(PER_KEY, exempt_when=_is_open)],
        storage_uri=url or "memory://",
        storage_options=REDIS_OPTIONS if url else {},
        in_memory_fallback_enabled=url is not None,
        on_breach=_note_retry,
        key_prefix="intowork",
        strategy="fixed-window",
    )
    app.extensions["intowork.limiter"] = limiter
    return limiter
