"""What a failure of requests or urllib3 says: whether anything left this machine."""

import socket
import ssl
from collections.abc import Iterator
from http.client import RemoteDisconnected
from typing import Literal

import requests
from urllib3.exceptions import ConnectTimeoutError, IncompleteRead, NewConnectionError, ReadTimeoutError

from worker.kit.errors import NotSent, UnknownOutcome, Unreachable

Verdict = Literal["not_sent", "unknown"]

_BEFORE_SENDING = (
    ConnectTimeoutError,
    NewConnectionError,
    requests.exceptions.ConnectTimeout,
    ssl.SSLCertVerificationError,
    ConnectionRefusedError,
    socket.gaierror,
    Unreachable,
    NotSent,
)
_AFTER_SENDING = (
    IncompleteRead,
    ReadTimeoutError,
    requests.exceptions.ReadTimeout,
    RemoteDisconnected,
    ConnectionResetError,
    BrokenPipeError,
    UnknownOutcome,
)


def classify(error: BaseException) -> Verdict:
    """Whether an exception of requests or urllib3, or one that carries it, proves that nothing was sent.

    The first telling exception decides, from the outside in; without any the outcome is unknown.
    """
    for link in _chain(error):
        if isinstance(link, _AFTER_SENDING):
            return "unknown"
        if isinstance(link, _BEFORE_SENDING):
            return "not_sent"
    return "unknown"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        link = waiting.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        inner = [*link.args, getattr(link, "reason", None), link.__cause__ or link.__context__]
        waiting.extend(item for item in inner if isinstance(item, BaseException))
