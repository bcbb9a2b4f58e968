"""One call of the Graph API, which is sent once. Source: Facebook, "Graph API", "Secure Graph API calls".

Tokens are in a header, never in an address; addresses hold their HMAC with the app's secret, which opens nothing.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from worker.contracts.accounts import AccessRefused
from worker.kit.errors import Retryable, UnknownOutcome
from worker.kit.figures import seconds
from worker.kit.http import CallLimits, SendWindow, build_session, refuse_in_transaction
from worker.kit.logging import get_logger
from worker.providers.facebook.errors import error_of, failure, named, refusal, usages
from worker.providers.facebook.page_tokens import is_token

log = get_logger(__name__)

Members = Mapping[str, Any]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NEAR_LIMIT = 90.0
MOST_PAGES = 10


class GraphApi:
    """url: without a version and without a slash at its end. version: such as v26.0."""

    def __init__(self, url: str, version: str, app_secret: str, limits: CallLimits | None) -> None:
        self._url = f"{url.rstrip('/')}/{version}"
        self._version = version
        self._secret = app_secret.encode()
        self._session = build_session(limits)

    def close(self) -> None:
        self._session.close()

    def read(self, path: str, token: str, query: Mapping[str, str] | None = None) -> Members:
        """What may be asked again without anybody noticing: no outcome is unknown."""
        return _members(self._repeatable("GET", path, token, query), writes=False)

    def entries(self, path: str, token: str, query: Mapping[str, str]) -> Iterator[Members]:
        """Of a list, page by page. Facebook's address of the next page holds the token, so cursors are followed."""
        after: Mapping[str, str] = {}
        for _ in range(MOST_PAGES):
            told = self.read(path, token, {**query, **after})
            data, paging = told.get("data"), told.get("paging")
            if not isinstance(data, list):
                raise failure("no list", writes=False)
            yield from (each for each in data if isinstance(each, dict))
            cursors = paging.get("cursors") if isinstance(paging, dict) and paging.get("next") else None
            cursor = cursors.get("after") if isinstance(cursors, dict) else None
            if not isinstance(cursor, str) or not cursor:
                return
            after = {"after": cursor}

    def create(self, path: str, token: str, body: bytes, *, deadline: float) -> Members:
        """Nothing leaves after `deadline` (time.monotonic)."""
        with SendWindow(deadline).applied():
            answer = self._send("POST", path, token, None, headers=FORM, data=body)
        return _members(answer, writes=True)

    def delete(self, path: str, token: str, *, deadline: float | None = None) -> Members:
        if deadline is None:
            return _members(self._repeatable("DELETE", path, token, None), writes=False)
        with SendWindow(deadline).applied():
            return _members(self._repeatable("DELETE", path, token, None), writes=False)

    def post_form(self, path: str, form: bytes) -> requests.Response:
        """Of the token endpoint, whose secrets are in the form; it may be asked again."""
        try:
            return self._session.post(self._url + path, data=form, headers=FORM)
        except UnknownOutcome as error:
            raise Retryable(str(error), code="provider.no_answer") from error

    def _repeatable(self, method: str, path: str, token: str, query: Mapping[str, str] | None) -> requests.Response:
        try:
            return self._send(method, path, token, query)
        except UnknownOutcome as error:
            raise Retryable(str(error), code="provider.timeout") from error

    def _send(
        self,
        method: str,
        path: str,
        token: str,
        query: Mapping[str, str] | None,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> requests.Response:
        refuse_in_transaction()
        if not is_token(token):
            raise AccessRefused("This account's access token holds characters that no token has.")
        proof = hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()
        answer = self._session.request(
            method,
            self._url + path,
            params={**(query or {}), "appsecret_proof": proof},
            headers={"Authorization": f"Bearer {token}", **(headers or {})},
            data=data,
        )
        self._watch(answer)
        return answer

    def _watch(self, answer: requests.Response) -> None:
        """A version that is dead is replaced silently, and limits are told before they are reached."""
        served = answer.headers.get("facebook-api-version", self._version)[:20]
        if served != self._version:
            log.warning("facebook.version_replaced", wanted=self._version, served=served)
        used = [seconds(each.get(name)) for each in usages(answer.headers) for name in ("call_count", "total_time")]
        most = max((each for each in used if each is not None), default=0.0)
        if most >= NEAR_LIMIT:
            log.warning("facebook.near_limit", percent=most)


def _members(response: requests.Response, *, writes: bool) -> Members:
    """Raises what a refusal means. An answer of 200 may be one, too."""
    error = error_of(response.content)
    if response.status_code >= 300 or error is not None:
        code = named(response.status_code, error) if error else str(response.status_code)
        log.info("facebook.refused", code=code, trace=str((error or {}).get("fbtrace_id", ""))[:80])
        raise refusal(response.status_code, error, response.headers, writes=writes)
    try:
        members = response.json()
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise failure(f"{response.status_code}, but no object", writes=writes)
    return members
