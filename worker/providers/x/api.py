"""One call of X's API, which is sent once."""

import re
import time
from collections.abc import Mapping
from typing import Any

import requests

from worker.contracts.accounts import AccessRefused
from worker.kit.errors import Retryable, UnknownOutcome
from worker.kit.http import CallLimits, SendWindow, build_session, refuse_in_transaction
from worker.kit.logging import get_logger
from worker.providers.x.errors import failure, named, problem_of, refusal

log = get_logger(__name__)

Members = Mapping[str, Any]
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")


class XApi:
    """url: without a slash at its end."""

    def __init__(self, url: str, limits: CallLimits | None) -> None:
        self._url = url.rstrip("/")
        self._session = build_session(limits)

    @property
    def session(self) -> requests.Session:
        return self._session

    def close(self) -> None:
        self._session.close()

    def read(self, path: str, token: str, query: Mapping[str, str] | None = None) -> Members:
        """What may be asked again without anybody noticing, though X bills every post that it answers."""
        return _members(self._repeatable("GET", path, token, query), writes=False)

    def create(self, path: str, token: str, body: bytes, *, deadline: float) -> Members:
        """Nothing leaves after `deadline` (time.monotonic)."""
        with SendWindow(deadline).applied():
            answer = self._send("POST", path, token, headers={"Content-Type": "application/json"}, data=body)
        return _members(answer, writes=True)

    def delete(self, path: str, token: str, *, deadline: float) -> None:
        with SendWindow(deadline).applied():
            _members(self._repeatable("DELETE", path, token, None), writes=False)

    def _repeatable(self, method: str, path: str, token: str, query: Mapping[str, str] | None) -> requests.Response:
        try:
            return self._send(method, path, token, params=query)
        except UnknownOutcome as error:
            raise Retryable(str(error), code="provider.timeout") from error

    def _send(
        self, method: str, path: str, token: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> requests.Response:
        refuse_in_transaction()
        if not _TOKEN.fullmatch(token):
            raise AccessRefused("This account's access token holds characters that no token has.")
        own = {"Authorization": f"Bearer {token}", **(headers or {})}
        return self._session.request(method, self._url + path, headers=own, **content)


def _members(response: requests.Response, *, writes: bool) -> Members:
    """Raises what a status of 300 or more means."""
    status = response.status_code
    if status >= 300:
        problem = problem_of(response.content)
        trace = response.headers.get("x-transaction-id", "")[:80]
        log.info("x.refused", problem=named(status, problem), trace=trace)
        raise refusal(status, problem, response.headers, writes=writes, now=time.time())
    try:
        members = response.json()
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise failure(f"{status}, but no object", writes=writes)
    return members
