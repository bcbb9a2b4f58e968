"""Who may call the Calendar API, how often, and what it refuses on demand."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.google.accounts import Account, Accounts
from sandbox.emulators.google.grants import PREFIX, AccessToken, Grants
from sandbox.emulators.google.refusals import Refused, calendar_error, known
from sandbox.emulators.oauth import bearer_of
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request

ACCESS_SWITCHES: Mapping[str, Any] = {
    "refuse": None,  # a reason of refusals.REASONS, such as quotaExceeded: nothing is done
    "refuse_p": 1.0,  # share of requests that get it
    "per_minute": None,  # calls per account and sliding minute; more are 403 userRateLimitExceeded
}
_MINUTE = 60.0
_WRITING = frozenset({"calendar", "calendar.events", "calendar.events.owned", "calendar.app.created"})
_READING = _WRITING | {
    "calendar.readonly",
    "calendar.events.readonly",
    "calendar.events.freebusy",
    "calendar.events.owned.readonly",
    "calendar.events.public.readonly",
}
# Any one of the scopes opens the operation.
SCOPES: Mapping[str, frozenset[str]] = {
    "events.insert": _WRITING,
    "events.patch": _WRITING,
    "events.update": _WRITING,
    "events.delete": _WRITING,
    "events.get": _READING,
    "events.list": _READING,
    "freebusy.query": frozenset({"calendar", "calendar.readonly", "calendar.freebusy", "calendar.events.freebusy"}),
    "calendars.get": frozenset(
        {
            "calendar",
            "calendar.readonly",
            "calendar.app.created",
            "calendar.calendars",
            "calendar.calendars.readonly",
        }
    ),
    "calendarList.get": frozenset(
        {
            "calendar",
            "calendar.readonly",
            "calendar.app.created",
            "calendar.calendarlist",
            "calendar.calendarlist.readonly",
        }
    ),
    "calendarList.list": frozenset(
        {"calendar", "calendar.readonly", "calendar.calendarlist", "calendar.calendarlist.readonly"}
    ),
}


class Access:
    def __init__(self, accounts: Accounts, grants: Grants, switches: Switches, operations: Operations) -> None:
        self._accounts = accounts
        self._grants = grants
        self._switches = switches
        self._operations = operations
        self._guard = threading.Lock()
        self._recent: dict[str, deque[float]] = {}
        self._busiest: dict[str, int] = {}

    def check(self, operation: str, request: Request) -> Account:
        """Whose token it is; raises Refused."""
        account = self._holder(operation, request)
        self._count(account.email)
        reason = self._switches["refuse"]
        if reason is not None and self._operations.hits(operation, "refuse_p"):
            raise Refused(known(reason))
        return account

    def busiest_minutes(self) -> dict[str, int]:
        """By account: the most calls that came within 60 seconds."""
        with self._guard:
            return dict(self._busiest)

    def _holder(self, operation: str, request: Request) -> Account:
        value = bearer_of(request)
        if not value:
            message = "Request is missing required authentication credential."
            raise Refused(calendar_error(401, "required", message, canonical="UNAUTHENTICATED"))
        token = self._grants.access(value)
        account = self._accounts.get(token.account) if token else None
        if token is None or account is None:
            raise Refused(known("authError", ("header", "Authorization")))
        if not _opens(token, operation):
            raise Refused(known("insufficientPermissions"))
        return account

    def _count(self, account: str) -> None:
        limit = self._switches["per_minute"]
        now = time.monotonic()
        with self._guard:
            recent = self._recent.setdefault(account, deque())
            while recent and recent[0] <= now - _MINUTE:
                recent.popleft()
            if limit is not None and len(recent) >= int(limit):
                raise Refused(known("userRateLimitExceeded"))
            recent.append(now)
            self._busiest[account] = max(self._busiest.get(account, 0), len(recent))


def _opens(token: AccessToken, operation: str) -> bool:
    return any(name.removeprefix(PREFIX) in SCOPES[operation] for name in token.scopes)
