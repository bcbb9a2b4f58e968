"""Resend's three kinds of 429, with headers whose case varies as it does on the wire."""

import itertools
import threading
import time
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Response, json_response

_QUOTAS = (("daily_quota", "daily_quota_exceeded"), ("monthly_quota", "monthly_quota_exceeded"))
_MEMBERS = frozenset({"share", "per_second", "header", "seconds"})


def refusal(status: int, name: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    response = json_response({"statusCode": status, "name": name, "message": message}, status, headers)
    response.note = name
    return response


class Limits:
    """The `rate_limit` switch is a share of requests, or an object.

    share: part of the requests refused by chance. per_second: a true limit over all requests, with no more
    than that (at least one) in one go. header: `retry-after`, `ratelimit-reset` or `none`; seconds: its value.
    """

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._guard = threading.Lock()
        self._free_at = 0.0
        self._turns = itertools.count()

    def refuse_request(self) -> Response | None:
        rule = self._switches["rate_limit"]
        if not rule:
            return None
        members: Mapping[str, Any] = rule if isinstance(rule, Mapping) else {"share": rule}
        wait = self._over(float(members["per_second"])) if "per_second" in members else 0.0
        if wait <= 0 and not (members.get("share") and self._switches.draw(float(members["share"]))):
            return None
        return self._too_many(str(members.get("header", "retry-after")), float(members.get("seconds", wait or 1.0)))

    def refuse_mails(self, held: int, more: int) -> Response | None:
        """held: addresses taken so far; more: those of this request. Quotas last until they are lifted."""
        for switch, name in _QUOTAS:
            quota = self._switches[switch]
            if quota is not None and held + more > quota:
                return refusal(429, name, f"You have reached your {switch.replace('_', ' ')}.")
        return None

    def _over(self, per_second: float) -> float:
        """Seconds until a request is welcome, 0 when this one is: generic cell rate."""
        step = 1.0 / per_second
        now = time.monotonic()
        with self._guard:
            free_at = max(self._free_at, now - max(1.0 - step, 0.0))
            if free_at > now:
                return free_at - now
            self._free_at = free_at + step
        return 0.0

    def _too_many(self, header: str, seconds: float) -> Response:
        spelling = ("Retry-After", "retry-after", "RETRY-AFTER")[next(self._turns) % 3]
        value = f"{seconds:.3f}".rstrip("0").rstrip(".")
        headers = {"ratelimit-limit": "2", "RateLimit-Remaining": "0"}
        if header == "retry-after":
            headers[spelling] = value
        elif header == "ratelimit-reset":
            headers["Ratelimit-Reset"] = value
        return refusal(
            429, "rate_limit_exceeded", "Too many requests. You can only make 2 requests per second.", headers
        )


def check_rule(rule: Any) -> None:
    if isinstance(rule, Mapping) and set(rule) - _MEMBERS:
        raise BadRequest(f"rate_limit knows {', '.join(sorted(_MEMBERS))}, not {', '.join(sorted(rule))}")
