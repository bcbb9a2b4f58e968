"""HTTP to the outside world: one kind of session whose failures say whether anything left this machine.

Only providers import this. A call has a total time, follows no redirect, keeps no cookie, and is refused while
this thread holds a transaction. What goes wrong is raised as `Unreachable` (no byte was sent), `UnknownOutcome`
(the request left, no complete answer came) or `NotSent` (the window for sending had closed).
"""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util import Timeout

from worker.kit.database import in_transaction
from worker.kit.errors import NotSent, RunError, UnknownOutcome, Unreachable
from worker.kit.http_failures import classify
from worker.kit.time_limits import present

Addresses = Callable[[str, int], Sequence[str]]
"""Where a host may be connected to, in the order of trying; whatever it raises is raised by the call."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Seconds for connecting, for each wait on an answer, and for the call as a whole; bytes of an answer's body.

    cut: an answer's body that is longer or slower ends there; else the whole answer is lost.
    """

    connect: float = 5.0
    read: float = 20.0
    total: float = 20.0
    body: int = 16 * 1024 * 1024
    cut: bool = False


@dataclass(frozen=True, slots=True)
class SendWindow:
    """The time in which a send may start. `closes_at` is a value of `time.monotonic()`."""

    closes_at: float

    def check(self) -> None:
        """Raise `NotSent` when the window has closed."""
        late = time.monotonic() - self.closes_at
        if late > 0:
            raise NotSent(f"The request was not sent: its time for sending ended {late:.1f} s ago.")

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Every call of this context checks the window once connected, right before its first byte."""
        token = _window.set(self)
        try:
            yield
        finally:
            _window.reset(token)


@dataclass(slots=True)
class _Call:
    ends_at: float
    window: SendWindow | None
    watched: bool = False
    started: bool = False
    limits: CallLimits = field(default_factory=CallLimits)
    addresses: Addresses | None = None

    def begin_writing(self) -> None:
        if self.window is not None:
            self.window.check()
        self.started = True

    def seconds_left(self) -> float:
        return max(self.ends_at - time.monotonic(), 0.001)


_window: ContextVar[SendWindow | None] = ContextVar("send_window", default=None)
_current: ContextVar[_Call | None] = ContextVar("http_call", default=None)


def refuse_in_transaction() -> None:
    """A call may take seconds: holding locks and a pooled connection meanwhile would stop everybody else."""
    if in_transaction():
        raise RuntimeError("a network call was attempted inside a database transaction; commit first")


def build_session(
    limits: CallLimits | None = None, *, pool_size: int = 4, addresses: Addresses | None = None
) -> requests.Session:
    """A pooled session with the rules above; limits of single requests are ignored.

    addresses: for hosts that strangers name. A connection goes nowhere else than to what it answered for this very
    connection, and through no proxy; the certificate has to be the host's all the same.
    """
    session = _Session()
    session.trust_env = addresses is None
    adapter = _Adapter(limits or CallLimits(), pool_size, addresses)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _Watched(HTTPConnection):
    """Notes when the first byte of a request may leave, and asks the window before."""

    @override
    def connect(self) -> None:
        call = _current.get()
        if call is not None:
            call.watched = True
        super().connect()

    @override
    def _new_conn(self) -> socket.socket:
        """The name that certificates are checked against stays; an address in its place is not looked up again."""
        call = _current.get()
        if call is None or call.addresses is None:
            return super()._new_conn()
        name = self._dns_host
        try:
            return self._first_reached(call.addresses(name, self.port or self.default_port))
        finally:
            self._dns_host = name

    def _first_reached(self, addresses: Sequence[str]) -> socket.socket:
        for address in addresses[:-1]:
            self._dns_host = address
            with suppress(HTTPError):
                return super()._new_conn()
        self._dns_host = addresses[-1]
        return super()._new_conn()

    @override
    def request(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Any = None,
        **options: Any,
    ) -> None:
        call = _current.get()
        if call is not None:
            call.watched = True
            if self.sock is None:
                self.connect()
            call.begin_writing()
            self.timeout = call.seconds_left()
        super().request(method, url, body, headers, **options)


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


def _watching(manager: Any) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}


class _Adapter(HTTPAdapter):
    def __init__(self, limits: CallLimits, pool_size: int, addresses: Addresses | None) -> None:
        self._limits = limits
        self._addresses = addresses
        super().__init__(pool_connections=pool_size, pool_maxsize=pool_size)

    @override
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        _watching(self.poolmanager)

    @override
    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            _watching(manager)
        return manager

    @override
    def send(self, request: requests.PreparedRequest, stream: bool = False, **options: Any) -> requests.Response:  # type: ignore[override]
        refuse_in_transaction()
        limits = self._limits
        call = _Call(_ends_at(limits), _window.get(), limits=limits, addresses=self._addresses)
        total = min(call.seconds_left(), limits.total)
        options["timeout"] = Timeout(total=total, connect=min(limits.connect, total), read=min(limits.read, total))
        token = _current.set(call)
        try:
            response = super().send(request, stream=True, **options)
            if not stream:
                _read_body(response, call)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _failure(call, request, error) from error
        else:
            return response
        finally:
            _current.reset(token)


def _ends_at(limits: CallLimits) -> float:
    usual, limit = time.monotonic() + limits.total, present()
    return usual if limit is None else min(usual, limit.ends_at)


def _read_body(response: requests.Response, call: _Call) -> None:
    """Read at most the allowed bytes within the call's time, whatever the pace of the sender."""
    raw: urllib3.HTTPResponse = response.raw
    body = bytearray()
    while chunk := raw.read1(65536, decode_content=True):
        body += chunk
        if time.monotonic() > call.ends_at or len(body) > call.limits.body:
            raw.close()
            if call.limits.cut:
                del body[call.limits.body :]
                break
            raise ReadTimeoutError(raw._pool, None, "the answer took too long or is too large")  # type: ignore[arg-type]  # noqa: SLF001 - urllib3 wants the pool
    raw.release_conn()
    response._content = bytes(body)  # noqa: SLF001 - requests has no public place for a body read elsewhere
    response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001 - as above


def _failure(call: _Call, request: requests.PreparedRequest, error: Exception) -> RunError:
    verdict = ("unknown" if call.started else "not_sent") if call.watched else classify(error)
    host = urlsplit(request.url or "").netloc
    what = type(error).__name__
    if verdict == "not_sent":
        return Unreachable(f"{host} could not be reached ({what}); nothing was sent.")
    return UnknownOutcome(f"{host} gave no complete answer ({what}); whether the request was carried out is unknown.")


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.auth = _as_given
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    @override
    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        options["allow_redirects"] = False
        return super().send(request, **options)


def _as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps a stray .netrc from replacing our Authorization header."""
    return request
