"""How MSAL reaches Microsoft: over our own session, and where MICROSOFT_AUTHORITY says.

MSAL takes no authority but one with https, so it is always told Microsoft's own and the host is exchanged here. What
it would make unreadable is raised here, before it sees it: it throws a 429's Retry-After away, writes an answer that is
no JSON into the log, and knows three kinds of exceptions for the rest.
"""

import time
from collections.abc import Mapping
from typing import Any

import requests

from worker.kit.errors import RateLimited, Retryable, UnknownOutcome
from worker.kit.http import CallLimits, build_session
from worker.providers.microsoft.answers import DAY, UNSAID, members_of, wait_of
from worker.providers.microsoft.identity_errors import refusal

HOST = "https://login.microsoftonline.com"
LIMITS = CallLimits(connect=5.0, read=10.0, total=10.0)


class TokenEndpoint:
    """An `http_client` of MSAL's. authority: address without a slash at its end.

    The discovery document, which each of MSAL's applications asks for, is kept for a day: a refresh is one call.
    """

    def __init__(self, authority: str, limits: CallLimits | None = None) -> None:
        self._authority = authority.rstrip("/")
        self._session = build_session(limits or LIMITS)
        self._discovered: dict[str, tuple[float, requests.Response]] = {}

    def close(self) -> None:
        self._session.close()

    def get(
        self, url: str, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None, **_: Any
    ) -> requests.Response:
        """Raises Misconfigured where there is no discovery document: MSAL asks for nothing else."""
        kept_until, response = self._discovered.get(url, (0.0, None))
        if response is None or time.monotonic() > kept_until:
            response = self._send("GET", url, params=params, headers=headers)
            _check_document(response)
            self._discovered[url] = (time.monotonic() + DAY, response)
        return response

    def post(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> requests.Response:
        return self._send("POST", url, params=params, data=data, headers=headers)

    def _send(self, method: str, url: str, **content: Any) -> requests.Response:
        """Either may be sent again without anybody noticing, so that no outcome is unknown."""
        place = self._authority + url.removeprefix(HOST) if url.startswith(f"{HOST}/") else url
        try:
            response = self._session.request(method, place, **content)
        except UnknownOutcome as error:
            raise Retryable(str(error), code="provider.timeout") from error
        return _usable(response)


def _check_document(response: requests.Response) -> None:
    members = members_of(response) or {}
    if response.status_code != requests.codes.ok:
        raise refusal({"error": "invalid_tenant", **members}, spent="revoked")
    if not {"authorization_endpoint", "token_endpoint"} <= set(members):
        raise Retryable("Microsoft did not say where it gives tokens.", code="provider.unusable_answer")


def _usable(response: requests.Response) -> requests.Response:
    status, after = response.status_code, wait_of(response.headers)
    if status == requests.codes.too_many_requests:
        raise RateLimited("Microsoft's limit for tokens is reached.", after=after or UNSAID)
    if status >= 500:
        raise Retryable(f"Microsoft cannot give tokens at the moment ({status}).", after=after, code="provider.busy")
    if 300 <= status < 400 or members_of(response) is None:
        raise Retryable(f"Microsoft gave no usable answer about tokens ({status}).", code="provider.unusable_answer")
    return response
