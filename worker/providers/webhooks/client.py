"""Companies' own receivers, by Standard Webhooks (https://www.standardwebhooks.com, specification of 2023).

The addresses are strangers': a connection goes to the outside world only, follows no redirect, and reads little.
"""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import requests

from worker.contracts.partners import Receipt, ReceiverFailed, ReceiverGone, told_id, told_url
from worker.kit.errors import RateLimited, Refused, RunError
from worker.kit.figures import pause
from worker.kit.http import CallLimits, SendWindow, build_session
from worker.kit.public_addresses import BadUrl, NotPublic, Outside, Resolve, listed_ports, resolved
from worker.kit.signing import signed_headers

LIMITS = CallLimits(connect=5.0, read=10.0, total=10.0, body=64 * 1024, cut=True)
AGENT = "IntoWork-Webhooks/1"
# Seconds.
SHORTEST_PAUSE, USUAL_PAUSE, LONGEST_PAUSE = 1.0, 60.0, 3600.0
LATER = frozenset({408, 425})


class WebhookClient:
    """A `WebhookSender`. ports: those that receivers may listen on, separated by commas. local: receivers may be on
    this machine and speak http. certificates: a file with those that are trusted; None for the usual ones.
    """

    def __init__(
        self,
        *,
        ports: str,
        local: bool = False,
        limits: CallLimits = LIMITS,
        resolve: Resolve = resolved,
        certificates: str | None = None,
    ) -> None:
        outside = Outside(listed_ports(ports), local, resolve)
        self._outside = outside
        self._session = build_session(limits, addresses=outside.addresses)
        if certificates:
            self._session.verify = certificates

    def close(self) -> None:
        self._session.close()

    def deliver(self, url: str, body: bytes, *, key: str, secrets: Sequence[str], deadline: float) -> Receipt:
        """A fresh timestamp each time."""
        try:
            self._outside.check(url)
        except BadUrl as error:
            raise NotPublic(f"Nothing was sent. {error}") from None
        headers = {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            **signed_headers(secrets, key, int(time.time()), body),
        }
        with SendWindow(deadline).applied():
            response = self._session.post(url, data=body, headers=headers)
        if not 200 <= response.status_code < 300:
            raise _refusal(response, urlsplit(url).hostname or "")
        return _receipt(response)


def _receipt(response: requests.Response) -> Receipt:
    """Receipt is proved by the status alone; what else was said is told only where it can be read."""
    try:
        said: Any = response.json()
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return Receipt(response.status_code)
    return Receipt(response.status_code, told_id(said.get("id")), told_url(said.get("url")))


def _refusal(response: requests.Response, host: str) -> RunError:
    status = response.status_code
    if status == 410:
        return ReceiverGone(f"{host} wants no more deliveries (410).", details={"status": status})
    if status == 429:
        after = pause(response.headers.get("Retry-After"), least=SHORTEST_PAUSE, most=LONGEST_PAUSE, usual=USUAL_PAUSE)
        return RateLimited(f"{host} takes no more deliveries for now (429).", after=after)
    if status >= 500 or status in LATER:
        return ReceiverFailed(f"{host} answered with status {status}; the delivery is tried again.", answered=status)
    if 300 <= status < 400:
        return Refused(
            f"{host} answered with a redirect ({status}), which is not followed; register the address it leads to.",
            code="webhook.redirect",
            details={"status": status},
        )
    return Refused(f"{host} refused the delivery ({status}).", code="webhook.refused", details={"status": status})
