"""One call of Microsoft Graph, which is sent once and whose answer is an object or an error of ours."""

import re
from collections.abc import Mapping
from typing import Any

import requests

from worker.contracts.accounts import AccessRefused
from worker.kit.errors import Retryable, UnknownOutcome
from worker.kit.http import CallLimits, SendWindow, build_session, refuse_in_transaction
from worker.kit.ids import new_id
from worker.kit.logging import get_logger
from worker.providers.microsoft.answers import members_of
from worker.providers.microsoft.errors import code_of, failure, refusal

log = get_logger(__name__)

_TOKEN = re.compile(r"[\x21-\x7e]+")
_PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"'
"""Else an event's id changes when its owner files it elsewhere, and times come in the mailbox's zone."""


class Graph:
    """url: with the version, without a slash at its end."""

    def __init__(self, url: str, limits: CallLimits | None = None) -> None:
        self._url = url.rstrip("/")
        self._session = build_session(limits)

    def close(self) -> None:
        self._session.close()

    def get(self, path: str, token: str, query: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """What may be asked again without anybody noticing: no outcome is unknown."""
        return self._ask("GET", path, token, params=query)

    def ask(self, path: str, token: str, body: bytes) -> Mapping[str, Any]:
        """The same with a body: Graph has questions that are posted."""
        return self._ask("POST", path, token, data=body)

    def write(
        self, method: str, path: str, token: str, body: bytes | None, *, deadline: float, match: str = ""
    ) -> Mapping[str, Any]:
        """Nothing leaves after `deadline` (time.monotonic). match: the etag that the event must still have."""
        headers = {"If-Match": match} if match else {}
        with SendWindow(deadline).applied():
            return self._send(method, path, token, writes=True, headers=headers, data=body)

    def _ask(self, method: str, path: str, token: str, **content: Any) -> Mapping[str, Any]:
        try:
            return self._send(method, path, token, writes=False, headers={}, **content)
        except UnknownOutcome as error:
            raise Retryable(str(error), code="provider.timeout") from error

    def _send(
        self, method: str, path: str, token: str, *, writes: bool, headers: Mapping[str, str], **content: Any
    ) -> Mapping[str, Any]:
        refuse_in_transaction()
        if not _TOKEN.fullmatch(token):
            raise AccessRefused("This account's access token holds characters that no token has.")
        call = str(new_id())
        common = {"Authorization": f"Bearer {token}", "Prefer": _PREFER, "client-request-id": call}
        if content.get("data") is not None:
            common["Content-Type"] = "application/json"
        response = self._session.request(method, self._url + path, headers={**common, **headers}, **content)
        return _answer(response, call, writes=writes)


def _answer(response: requests.Response, call: str, *, writes: bool) -> Mapping[str, Any]:
    status, members = response.status_code, members_of(response)
    if status < 300 and (members is not None or not response.content):
        return members or {}
    if status < 300:
        raise failure(f"{status}, but no object", writes=writes)
    error = (members or {}).get("error")
    error = error if isinstance(error, dict) else None
    log.info(
        "graph.refused",
        status=status,
        code=code_of(error),
        client_request_id=call,
        request_id=response.headers.get("request-id", "")[:80],
    )
    raise refusal(status, error, response.headers, writes=writes)
