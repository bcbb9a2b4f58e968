"""Resend through its own package.

The package keeps its key, address and HTTP client in module globals, serialises anew on every call, follows
redirects and reports every network failure alike. So one transport is installed in it, once, which takes these
things from the call under way: the frozen bytes leave as they were stored, with this client's key and session.
"""

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast

import requests
import resend
from resend.exceptions import ResendError
from typing_extensions import override

from worker.contracts.email import BatchReceipt, OutgoingMail
from worker.kit.errors import Misconfigured, PlatformError, RunError, UnknownOutcome
from worker.kit.http import CallLimits, SendWindow, build_session, refuse_in_transaction
from worker.providers.resend import domains, payloads
from worker.providers.resend.errors import refusal

_KEY = re.compile(r"[\x21-\x7e]{1,256}")
_ID = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(slots=True)
class _Call:
    session: requests.Session
    url: str
    api_key: str
    body: bytes
    status: int = 0


_call: ContextVar[_Call] = ContextVar("resend_call")


class _Transport(resend.HTTPClient):
    @override
    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        json: dict[str, object] | list[object] | None = None,
        files: dict[str, Any] | None = None,
        data: dict[str, str] | None = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        call = _call.get()
        response = call.session.request(
            method,
            call.url + url.removeprefix(resend.api_url),
            data=call.body,
            headers={**headers, "Authorization": f"Bearer {call.api_key}", "Content-Type": "application/json"},
        )
        call.status = response.status_code
        return response.content, response.status_code, response.headers


class ResendClient:
    """An `EmailProvider`. `url` is the API's address without a slash at its end."""

    def __init__(self, *, api_key: str, url: str, limits: CallLimits | None = None) -> None:
        if not _KEY.fullmatch(api_key):
            raise Misconfigured(
                "RESEND_API_KEY holds characters that no key has; copy it again from Resend's dashboard.",
                provider="resend",
            )
        self._api_key = api_key
        self._url = url.rstrip("/")
        self._session = build_session(limits)
        resend.default_http_client = _Transport()

    def close(self) -> None:
        self._session.close()

    def check(self, sender: str) -> str:
        """Resend, "List Domains" and "Errors": a key that may only send is refused by name, so it is a good one."""
        refuse_in_transaction()
        call = _Call(self._session, self._url, self._api_key, b"")
        token = _call.set(call)
        try:
            return domains.standing(resend.Domains.list(), sender)
        except ResendError as error:
            if error.error_type == "restricted_api_key":
                return domains.SENDING_ONLY
            raise _cause(error, call) from error
        except RunError:
            raise
        except Exception as error:
            raise UnknownOutcome("Resend gave an answer that its package cannot read.") from error
        finally:
            _call.reset(token)

    def freeze(self, mails: Sequence[OutgoingMail]) -> bytes:
        return payloads.freeze(mails)

    def send_batch(self, mails_payload: bytes, *, key: str, deadline: float) -> BatchReceipt:
        if not _KEY.fullmatch(key):
            raise ValueError("an idempotency key is 1 to 256 printable ASCII characters without blanks")
        refuse_in_transaction()
        count = payloads.count(mails_payload)
        call = _Call(self._session, self._url, self._api_key, mails_payload)
        token = _call.set(call)
        try:
            with SendWindow(deadline).applied():
                answer = _send(count, key, call)
        finally:
            _call.reset(token)
        return BatchReceipt(_ids(answer, count))


def _send(count: int, key: str, call: _Call) -> Any:
    """The answer as that of a batch."""
    try:
        answer = _asked(count, key, call)
    except ResendError as error:
        raise _cause(error, call) from error
    except Exception as error:
        if 400 <= call.status < 500:
            raise refusal(call.status, None, None, {}) from error
        raise UnknownOutcome("Resend gave an answer that its package cannot read.") from error
    if not 200 <= call.status < 300:
        raise UnknownOutcome(f"Resend answered with status {call.status}; whether the mail was taken is unknown.")
    return answer


def _asked(count: int, key: str, call: _Call) -> Any:
    """The package gets as many empty mails as there are: the transport sends the frozen bytes in their place."""
    mail = cast("resend.Emails.SendParams", {})
    if payloads.is_single(call.body):
        return {"data": [resend.Emails.send(mail, {"idempotency_key": key})]}
    return resend.Batch.send([mail] * count, {"idempotency_key": key, "batch_validation": "strict"})


def _cause(error: ResendError, call: _Call) -> Exception:
    """The package wraps whatever the transport raises; the true error hangs one link behind."""
    inner = error.__cause__ or error.__context__
    if error.error_type == "HttpClientError" and isinstance(inner, PlatformError):
        return inner
    if call.status < 400:
        return UnknownOutcome(f"Resend gave no usable answer (status {call.status}); the mail may have been taken.")
    return refusal(call.status, error.error_type, error.message, error.headers)


def _ids(answer: Any, count: int) -> tuple[str, ...]:
    entries = cast("Mapping[str, Any]", answer).get("data") if isinstance(answer, dict) else None
    entries = entries if isinstance(entries, list) else []
    ids = [entry.get("id") for entry in entries if isinstance(entry, dict)]
    known = tuple(identifier for identifier in ids if isinstance(identifier, str) and _ID.fullmatch(identifier))
    if len(set(known)) != count or len(entries) != count:
        raise UnknownOutcome(f"Resend acknowledged {len(set(known))} mails of {count}; which ones is not known.")
    return known
