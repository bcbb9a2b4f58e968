"""One call of LinkedIn's REST API, which is sent once. Source: LinkedIn, "Versioning", "Rest.li protocol 2.0.0".

Addresses come as they are to be sent: requests would escape the parentheses of `List(…)`.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from worker.contracts.accounts import AccessRefused
from worker.kit.errors import Misconfigured, Retryable, UnknownOutcome
from worker.kit.http import CallLimits, SendWindow, build_session, refuse_in_transaction
from worker.kit.logging import get_logger
from worker.providers.linkedin.errors import codes_of, failure, refusal

log = get_logger(__name__)

Members = Mapping[str, Any]
_TOKEN = re.compile(r"[\x21-\x7e]+")
_VERSION = re.compile(r"[0-9]{6}")
_TRACES = ("x-li-uuid", "x-li-request-id", "x-li-fabric")


def urn(text: str) -> str:
    """As it stands in paths and queries."""
    return quote(text, safe="")


class RestApi:
    """url: without a slash at its end. version: YYYYMM; LinkedIn has no default."""

    def __init__(self, url: str, version: str, limits: CallLimits | None) -> None:
        if not _VERSION.fullmatch(version):
            raise Misconfigured(
                "LINKEDIN_API_VERSION is no month (YYYYMM). Set it and restart the workers.",
                provider="linkedin",
                waits=False,
            )
        self._url = url
        self._host = urlsplit(url).netloc
        self._session = build_session(limits)
        self._headers = {"LinkedIn-Version": version, "X-Restli-Protocol-Version": "2.0.0"}

    def close(self) -> None:
        self._session.close()

    def read(self, path: str, token: str, *, finder: bool = False) -> Members:
        """What may be asked again without anybody noticing: no outcome is unknown."""
        headers = {"X-RestLi-Method": "FINDER"} if finder else {}
        return _members(self._repeatable("GET", self._url + path, token, headers), creates=False)

    def ask(self, path: str, token: str, body: Mapping[str, Any]) -> Members:
        """An action that may be repeated, too."""
        headers = {"Content-Type": "application/json"}
        data = json.dumps(body).encode()
        return _members(self._repeatable("POST", self._url + path, token, headers, data), creates=False)

    def upload(self, address: str, token: str, content: bytes, media_type: str) -> None:
        """To an address that LinkedIn gave; one of somebody else's does not get the token."""
        if not self._is_linkedins(address):
            raise Retryable("LinkedIn named no address of its own to upload to.", code="provider.unusable_answer")
        _accepted(self._repeatable("PUT", address, token, {"Content-Type": media_type}, content), creates=False)

    def create(self, path: str, token: str, body: bytes, *, deadline: float) -> Mapping[str, str]:
        """The answer's headers. Nothing leaves after `deadline` (time.monotonic)."""
        with SendWindow(deadline).applied():
            answer = self._send("POST", self._url + path, token, {"Content-Type": "application/json"}, body)
        _accepted(answer, creates=True)
        return answer.headers

    def delete(self, path: str, token: str, *, deadline: float) -> None:
        """Raises Gone where there is nothing to delete."""
        with SendWindow(deadline).applied():
            answer = self._repeatable("DELETE", self._url + path, token, {"X-RestLi-Method": "DELETE"})
        _accepted(answer, creates=False)

    def _repeatable(
        self, method: str, url: str, token: str, headers: Mapping[str, str], data: bytes | None = None
    ) -> requests.Response:
        try:
            return self._send(method, url, token, headers, data)
        except UnknownOutcome as error:
            raise Retryable(str(error), code="provider.timeout") from error

    def _send(
        self, method: str, url: str, token: str, headers: Mapping[str, str], data: bytes | None
    ) -> requests.Response:
        refuse_in_transaction()
        if not _TOKEN.fullmatch(token):
            raise AccessRefused("This account's access token holds characters that no token has.")
        common = {**self._headers, "Authorization": f"Bearer {token}"}
        return self._session.request(method, url, headers={**common, **headers}, data=data)

    def _is_linkedins(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        host = parts.hostname or ""
        theirs = host == "linkedin.com" or host.endswith(".linkedin.com")
        return (parts.scheme == "https" and theirs) or parts.netloc == self._host


def _members(response: requests.Response, *, creates: bool) -> Members:
    _accepted(response, creates=creates)
    members = _object(response)
    if members is None:
        raise failure(f"{response.status_code}, but no object", creates=creates)
    return members


def _accepted(response: requests.Response, *, creates: bool) -> None:
    """Raises what a status of 300 or more means."""
    status = response.status_code
    if status < 300:
        return
    members = _object(response)
    traces = {name.replace("-", "_"): response.headers.get(name, "")[:80] for name in _TRACES}
    log.info("linkedin.refused", status=status, codes=sorted(codes_of(members or {})), **traces)
    raise refusal(status, members, response.headers, creates=creates, now=datetime.now(UTC))


def _object(response: requests.Response) -> Members | None:
    try:
        members = response.json()
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) else None
