"""Requests, answers and routes of the emulators."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

Members = Mapping[str, Any]


class BadRequest(Exception):
    """A test or a person used the emulator's own API wrongly; the message says how."""


@dataclass(slots=True)
class Request:
    """Header names are in lower case; `parameters` are the parts of the path named by the route.

    `query` holds the last value of each name, `pairs` all of them in their order. `target` is what stood in the request
    line, where it matters how something was written.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    parameters: Mapping[str, str] = field(default_factory=dict)
    pairs: Sequence[tuple[str, str]] = ()
    target: str = ""
    _digest: str | None = None

    @classmethod
    def received(cls, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> "Request":
        """As it came over HTTP."""
        address = urlsplit(target)
        pairs = parse_qsl(address.query, keep_blank_values=True)
        names = {name.lower(): value for name, value in headers.items()}
        return cls(method, unquote(address.path), dict(pairs), names, body, pairs=pairs, target=target)

    @property
    def digest(self) -> str:
        """The body's SHA-256 in hexadecimal digits."""
        if self._digest is None:
            self._digest = hashlib.sha256(self.body).hexdigest()
        return self._digest

    def values(self, name: str) -> list[str]:
        """Every value of a parameter that may be repeated."""
        return [value for known, value in self.pairs or self.query.items() if known == name]

    def number(self, name: str, default: int) -> int:
        text = self.query.get(name, str(default))
        if not text.isdecimal():
            raise BadRequest(f"{name} must be a whole number, not {text!r}")
        return int(text)


@dataclass(slots=True)
class Response:
    """`dropped` closes the connection instead of answering; `note` tells the journal what was special."""

    status: int = HTTPStatus.OK
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    note: str = ""
    dropped: bool = False


Handler = Callable[[Request], Response]


def json_response(value: Any, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """Half a character is written as it came: as an escape."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    return Response(status, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def html_response(text: str, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, text.encode(), {"Content-Type": "text/html; charset=utf-8", **(headers or {})})


def json_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object, for the emulator's own API."""
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(value, dict):
        raise BadRequest("the body must be a JSON object")
    return value


class Provider(Protocol):
    """One emulated company: answers below `/{name}`, steered below `/_emulator/{name}`."""

    @property
    def name(self) -> str: ...

    def answer(self, request: Request) -> Response: ...

    def steer(self, request: Request) -> Response: ...

    def end(self) -> None:
        """Nothing more is sent to anybody."""


class Router:
    """Finds a handler by method and path; `{name}` stands for one path segment."""

    def __init__(self) -> None:
        self._fixed: dict[str, dict[str, Handler]] = {}
        self._patterns: list[tuple[re.Pattern[str], dict[str, Handler]]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        if "{" not in path:
            self._fixed.setdefault(path, {})[method] = handler
            return
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        for known, handlers in self._patterns:
            if known == pattern:
                handlers[method] = handler
                return
        self._patterns.append((pattern, {method: handler}))

    def find(self, request: Request) -> tuple[Handler | None, bool]:
        """The handler, and whether the path exists at all. Fills the request's parameters."""
        handlers = self._fixed.get(request.path)
        if handlers is None:
            for pattern, candidates in self._patterns:
                match = pattern.fullmatch(request.path)
                if match:
                    handlers, request.parameters = candidates, match.groupdict()
                    break
        return (handlers or {}).get(request.method), handlers is not None

    def answer(self, request: Request) -> Response:
        """For the emulator's own paths: plain JSON errors."""
        handler, known = self.find(request)
        if handler is not None:
            return handler(request)
        status = HTTPStatus.METHOD_NOT_ALLOWED if known else HTTPStatus.NOT_FOUND
        return json_response({"error": f"{request.method} {request.path}: {status.phrase}"}, status)
