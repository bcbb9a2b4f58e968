"""What can be switched at Microsoft's emulator (`PUT /_emulator/microsoft/faults`), and the faults any call may meet.

Faults are shares of calls (0 to 1); `only` names the operations that they befall, `times` how many befall at all,
`seed` makes the draws repeatable. The other switches are ways of the provider and hold for every call.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Response, html_response

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
    "only": None,  # one of OPERATIONS, or a list of them
    "drop_before": 0.0,  # the connection breaks, nothing is recorded
    "drop_after": 0.0,  # recorded, then the connection breaks
    "error_5xx": 0.0,  # nothing is recorded; the status is `error_status`
    "error_5xx_after": 0.0,  # recorded, then `error_status`
    "error_status": 503,
    "rate_limit": 0.0,  # 429 with `retry_after` seconds in its header (None: no header)
    "rate_limit_html": 0.0,  # 429 whose body is a page
    "retry_after": 1,
    "html_200": 0.0,  # recorded, but a proxy's page is the answer
    "slow_seconds": 0.0,  # before anything is recorded
    "slow_after_seconds": 0.0,  # recorded, the answer comes late
    "slow_p": 1.0,  # share of calls that are slow
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

    def throttled(self, headers: Mapping[str, str]) -> Response: ...

    def unavailable(self, status: int) -> Response: ...

    def wanted(self, switches: Switches) -> Response | None:
        """The answer that a test asked for."""


class Faults:
    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    def meet(self, operation: str, voice: Voice, work: Callable[[], Response]) -> Response:
        if not self._befall(operation):
            return work()
        self._pause("slow_seconds")
        fault = self._before(voice)
        if fault is not None:
            return fault
        response = work()
        self._pause("slow_after_seconds")
        return self._after(response, voice) if response.status < 400 else response

    def _befall(self, operation: str) -> bool:
        only = self._switches["only"]
        return only is None or operation in ([only] if isinstance(only, str) else only)

    def _pause(self, name: str) -> None:
        seconds = float(self._switches[name])
        if seconds and self._switches.draw(float(self._switches["slow_p"])):
            time.sleep(seconds)

    def _before(self, voice: Voice) -> Response | None:
        hits = self._switches.hits
        if hits("drop_before"):
            return Response(dropped=True, note="drop_before")
        if hits("rate_limit"):
            return voice.throttled(self._wait())
        if hits("rate_limit_html"):
            return html_response("<!doctype html><title>Too Many Requests</title>", 429, self._wait())
        if hits("error_5xx"):
            return voice.unavailable(int(self._switches["error_status"]))
        return voice.wanted(self._switches)

    def _after(self, response: Response, voice: Voice) -> Response:
        hits = self._switches.hits
        if hits("drop_after"):
            return Response(dropped=True, note="drop_after")
        if hits("error_5xx_after"):
            return voice.unavailable(int(self._switches["error_status"]))
        if hits("html_200"):
            return html_response("<!doctype html><title>Checking your browser</title>")
        return response

    def _wait(self) -> dict[str, str]:
        seconds = self._switches["retry_after"]
        return {} if seconds is None else {"Retry-After": str(seconds)}


def check(values: Mapping[str, Any]) -> None:
    """Names of operations that do not exist would switch nothing."""
    only = values.get("only")
    named = [only] if isinstance(only, str) else only or []
    unknown = sorted(set(named) - set(OPERATIONS))
    if unknown:
        raise BadRequest(f"unknown operations {', '.join(unknown)}; known: {', '.join(OPERATIONS)}")
