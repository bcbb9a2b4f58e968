"""Rest.li 2.0.0 as far as clients notice it: headers, encoded keys, lists and pages.

Source: LinkedIn, "Rest.li Protocol 2.0.0", "Protocol versions", "Pagination".
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import unquote

from sandbox.emulators.linkedin.errors import Refused, envelope
from sandbox.emulators.web import Request

PROTOCOL = "2.0.0"
LARGEST_PAGE = 100

Item = TypeVar("Item")


def check_protocol(request: Request) -> None:
    spoken = request.headers.get("x-restli-protocol-version", "1.0.0")
    if spoken != PROTOCOL:
        raise illegal(f"Rest.li protocol version {spoken} used by the client is not supported!")


def check_method(request: Request, method: str, *, needed: bool = False) -> None:
    """Whether X-RestLi-Method says what is done. needed: it may not be left out."""
    named = request.headers.get("x-restli-method", None if needed else method)
    if named is None or named.upper() != method:
        raise illegal(f"X-RestLi-Method must be {method}, not {named}")


def json_body(request: Request) -> dict[str, Any]:
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise Refused(envelope(415, "Content-Type must be application/json", code="UNSUPPORTED_MEDIA_TYPE"))
    try:
        value = json.loads(request.body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise illegal("Request body must be a JSON object")
    return value


def key_of(request: Request) -> str:
    """The key in the last part of the path, whose colons and parentheses have to be encoded."""
    raw = request.target.partition("?")[0].rpartition("/")[2]
    if _bare(raw):
        raise illegal("Syntax exception in path variables")
    return unquote(raw)


def urn_parameter(request: Request, name: str) -> str:
    raw = _raw(request, name)
    if not raw:
        raise Refused(envelope(400, f"Parameter '{name}' is required", code="MISSING_FIELD"))
    return _decoded(raw)


def list_parameter(request: Request, name: str) -> list[str]:
    """Of `List(a,b)`, whose parentheses and commas are sent as they are, all else encoded. Empty without."""
    raw = _raw(request, name)
    if raw is None:
        return []
    if not (raw.startswith("List(") and raw.endswith(")")):
        raise illegal("Invalid query parameters passed to request")
    return [_decoded(item) for item in raw.removeprefix("List(").removesuffix(")").split(",") if item]


def number_parameter(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdecimal():
        raise illegal(f"{name} must be a number")
    return int(text)


def page(items: Sequence[Item], request: Request, shown: Callable[[Item], Any], *, total: bool) -> dict[str, Any]:
    """total: whether the page tells how many there are."""
    start, count = number_parameter(request, "start", 0), number_parameter(request, "count", 10)
    if not 1 <= count <= LARGEST_PAGE:
        raise illegal(f"count must be between 1 and {LARGEST_PAGE}")
    paging: dict[str, Any] = {"start": start, "count": count, "links": _links(request, start, count, len(items))}
    if total:
        paging["total"] = len(items)
    return {"elements": [shown(item) for item in items[start : start + count]], "paging": paging}


def illegal(message: str) -> Refused:
    return Refused(envelope(400, message, code="ILLEGAL_ARGUMENT"))


def _raw(request: Request, name: str) -> str | None:
    """A parameter as it was written."""
    pairs = (pair.partition("=") for pair in request.target.partition("?")[2].split("&"))
    return next((value for known, _, value in pairs if known == name), None)


def _decoded(raw: str) -> str:
    if _bare(raw):
        raise illegal("Invalid query parameters passed to request")
    return unquote(raw)


def _bare(raw: str) -> bool:
    return any(sign in raw for sign in ":(),'")


def _links(request: Request, start: int, count: int, total: int) -> list[dict[str, str]]:
    places = {"prev": start - count if start >= count else None, "next": start + count}
    there = {rel: place for rel, place in places.items() if place is not None and place < total}
    path, _, query = request.target.partition("?")
    others = [pair for pair in query.split("&") if pair.partition("=")[0] not in ("start", "count")]
    return [
        {
            "rel": rel,
            "type": "application/json",
            "href": f"{path}?{'&'.join([*others, f'start={place}&count={count}'])}",
        }
        for rel, place in there.items()
    ]
