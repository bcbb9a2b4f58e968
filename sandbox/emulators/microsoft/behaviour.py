"""What can be switched at Microsoft's emulator (`PUT /_emulator/microsoft/faults`), and the faults any call may meet.

Faults are shares of calls (0 to 1); `only` names the operations that they befall, `times` how many befall at all,
`seed` makes the draws repeatable. The other switches are ways of the provider and hold for every call.
"""

import time
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Protocol

from sandbox.emulators.operations import FAULTS as COMMON
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Handler, Request, Response, html_response

OPERATIONS = (
    "discovery",
    "authorize",
    "adminconsent",
    "token.code",
    "token.refresh",
    "me.get",
    "calendar.get",
    "calendar.view",
    "calendar.schedule",
    "calendar.find_times",
    "events.create",
    "events.get",
    "events.find",
    "events.update",
    "events.delete",
    "events.cancel",
)

FAULTS: Mapping[str, Any] = {
    **COMMON,
    "retry_after": 1,  # seconds, as Microsoft says nearly always; None: no header
    "rate_limit_html": 0.0,  # 429 whose body is a page
    "html_200": 0.0,  # it is done, but a proxy's page is the answer
    "slow_after_seconds": 0.0,  # it is done, the answer comes late; `slow_p` is the share of both
    # An AADSTS number, or {"aadsts": 65001, "error"?, "suberror"?, "claims"?, "status"?}: given instead of tokens.
    "token_error": None,
    "graph_error": None,  # {"status": 409, "code"?, "message"?, "headers"?}: given instead of doing anything
}

IDENTITY: Mapping[str, Any] = {
    "consent": None,  # "administrator": every organisation forbids its people to consent
    "consent_error": 90094,  # how that is told: 90094, 900941, or 65001 (error=consent_required)
    "expires_in": None,  # seconds an access token lives; None: 60 to 90 minutes, at random
    "no_expires_in": False,
    "no_refresh_token": False,
    "same_token": False,  # a refresh answers 200 with the old token and what is left of its life
    "old_refresh_seconds": None,  # how long a replaced refresh token is accepted; None: for ever, 0: not at all
    "scopes": None,  # a list: what is granted, whatever was asked
    "scope_urls": False,  # scopes are answered as https://graph.microsoft.com/…
}

GRAPH: Mapping[str, Any] = {
    "claims_challenge": 0.0,  # 401 with claims in WWW-Authenticate, though the token is good
    "concurrent_calls": None,  # 4: the fifth call at one time to a mailbox gets 429 ApplicationThrottled
    "join_url": "short",  # or "long"
    "join_url_after_gets": 0,  # how many times an event must be read before its link is there
    "body_patch": "removes",  # a body without the join block removes the meeting; "new_link": it gets another link
    "duplicate_status": 400,  # of ErrorDuplicateTransactionId; or 409
    "duplicate_names_event": True,  # the error holds @event.existingEventId
    "replay_refused": False,  # the same body under the same transactionId is a duplicate too
    "transaction_survives_deletion": False,  # a deleted event still occupies its transactionId
    "found_after": 0,  # how many look-ups by property miss an event before it is indexed
    "iana_zones": True,  # False: only Windows' names and UTC are known
    "find_times_needs_shared": True,  # findMeetingTimes wants Calendars.Read.Shared or ReadWrite.Shared
}

SWITCHES: Mapping[str, Any] = {**FAULTS, **IDENTITY, **GRAPH}


class Voice(Protocol):
    """How one of the two services, identity and Graph, says no."""

    def failure(self, status: int) -> Response:
        """Of a 429 or 5xx."""

    def wanted(self, switches: Switches) -> Response | None:
        """The answer that a test asked for."""


class Faults:
    """The faults of every provider, and those that are Microsoft's own."""

    def __init__(self, switches: Switches, operations: Operations) -> None:
        self._switches = switches
        self._operations = operations

    def meet(self, operation: str, request: Request, voice: Voice, work: Handler) -> Response:
        def met(request: Request) -> Response:
            return self._met(request, voice, work) if self._operations.meets(operation) else work(request)

        return self._operations.run(operation, request, met, voice.failure)

    def _met(self, request: Request, voice: Voice, work: Handler) -> Response:
        if self._switches.hits("rate_limit_html"):
            seconds = self._switches["retry_after"]
            wait = {} if seconds is None else {"Retry-After": str(seconds)}
            return html_response("<!doctype html><title>Too Many Requests</title>", 429, wait)
        response = voice.wanted(self._switches) or work(request)
        if response.status >= 400:
            return response
        late = float(self._switches["slow_after_seconds"])
        if late and self._switches.hits("slow_p"):
            time.sleep(late)
        if self._switches.hits("html_200"):
            return html_response("<!doctype html><title>Checking your browser</title>")
        return response


def check(values: Mapping[str, Any]) -> None:
    """Patterns that name no operation would switch nothing."""
    only = values.get("only")
    named = [only] if isinstance(only, str) else only or []
    unknown = [name for name in named if not any(fnmatchcase(operation, name) for operation in OPERATIONS)]
    if unknown:
        raise BadRequest(f"unknown operations {', '.join(unknown)}; known: {', '.join(OPERATIONS)}")
