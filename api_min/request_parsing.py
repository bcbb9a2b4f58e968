"""Reading a request: sizes, strict JSON, and what Postgres could not store."""

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn, TypeVar

from flask import Flask, Request, current_app, g, request
from flask.typing import ResponseReturnValue
from typing_extensions import override

from api_min.errors import ApiError, invalid
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.stored import deeper
from worker.ledger.bounds import LARGEST_NUMBER, NUMBER_DIGITS

BODY_LIMIT = 1024 * 1024
BATCH_LIMIT = 16 * 1024 * 1024
HEAD_LIMIT = 16 * 1024
HEAD = ("HTTP_", "PATH_INFO", "QUERY_STRING", "CONTENT_")
DEEPEST = 64
WAIT = re.compile(r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?\s*(?=$|[,;])', re.IGNORECASE)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")

TOO_DEEP = f"nested deeper than {DEEPEST} levels"
TOO_LARGE = f"holds a number of more than {NUMBER_DIGITS} digits"

Number = TypeVar("Number", int, float)
Route = TypeVar("Route", bound=Callable[..., Any])


def body_limit(size: int) -> Callable[[Route], Route]:
    """Let a route accept bodies of up to `size` bytes."""

    def mark(route: Route) -> Route:
        route.__dict__["body_limit"] = size
        return route

    return mark


def body_optional(route: Route) -> Route:
    """Let a route be called without a body, as if it were an empty object."""
    route.__dict__["body_optional"] = True
    return route


def row_id(text: str) -> int:
    """The number of a row as an address or a form has it; 0, which no row has, for anything else."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return number if number <= LARGEST_ROW_ID else 0


class PlatformRequest(Request):
    """A request whose JSON is parsed once and strictly; faults become 413, 415 and 422 problem details."""

    @functools.cached_property
    def raw_body(self) -> bytes:
        return self.get_data(cache=True, parse_form_data=False)

    @functools.cached_property
    def strict_json(self) -> Any:
        view = current_app.view_functions.get(self.endpoint or "")
        if getattr(view, "body_optional", False) and not self.raw_body:
            return {}
        if not self.is_json:
            raise ApiError(415, "The body must be JSON (Content-Type: application/json).")
        return parse(self.raw_body)

    def body_hash(self) -> str:
        """What tells two bodies apart under one idempotency key."""
        return hashlib.sha256(self.raw_body).hexdigest()

    @override
    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The body as an object; the framework asks silently, which would hide what is wrong."""
        return self.strict_json


def parse(raw: bytes) -> dict[str, Any]:
    """Strict JSON (RFC 8259): UTF-8, one object, no duplicate names, finite numbers, bounded depth.

    Raises ApiError 422 naming the place.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise invalid(["body"], f"not UTF-8 at byte {error.start}") from None
    value = _load(text)
    if not isinstance(value, dict):
        raise invalid(["body"], "must be a JSON object")
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and deeper(value, DEEPEST):
        raise invalid(["body"], TOO_DEEP)
    if b"\\u" in raw:
        for path, each in walk(value):
            _check_text(path, each)
    return value


def _load(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant, **_NUMBERS)
    except json.JSONDecodeError as error:
        raise invalid(["body"], f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise invalid(["body"], TOO_DEEP) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise invalid(["body", printable(name)], "appears twice in one object")
            seen.add(name)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise invalid(["body"], f"{name} is not JSON")


def _float(text: str) -> float:
    return _bounded(float(text))


def _int(text: str) -> int:
    if len(text) > NUMBER_DIGITS + 1:
        raise invalid(["body"], TOO_LARGE)
    return _bounded(int(text))


def _bounded(value: Number) -> Number:
    if not -LARGEST_NUMBER < value < LARGEST_NUMBER:
        raise invalid(["body"], TOO_LARGE)
    return value


_NUMBERS: Mapping[str, Any] = {"parse_float": _float, "parse_int": _int}


def walk(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every member with its path, containers before their contents."""
    open_values: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while open_values:
        path, each = open_values.pop()
        yield path, each
        if isinstance(each, dict):
            open_values.extend(((*path, name), member) for name, member in each.items())
        elif isinstance(each, list):
            open_values.extend(((*path, place), member) for place, member in enumerate(each))


def _check_text(path: tuple[str | int, ...], value: Any) -> None:
    """Refuse text that Postgres cannot store: NUL, and surrogates without their partner."""
    texts = [text for text in (value, path[-1] if path else None) if isinstance(text, str)]
    for text in texts:
        shown = ["body", *(printable(part) if isinstance(part, str) else part for part in path)]
        if "\0" in text:
            raise invalid(shown, "holds the NUL character, which cannot be stored")
        if LONE_SURROGATE.search(text):
            raise invalid(shown, "holds half of a surrogate pair, which is no character")


def printable(text: str) -> str:
    """Text that can be encoded and shown in an error."""
    return LONE_SURROGATE.sub("\ufffd", text.replace("\0", "\ufffd"))[:100]


def typed_request() -> PlatformRequest:
    """This request as the class that the factory installed."""
    found = request._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - werkzeug's public way to unwrap a proxy
    if not isinstance(found, PlatformRequest):
        raise TypeError("the application was not made by create_app")
    return found


def idempotency_key() -> str | None:
    """The Idempotency-Key header: 1 to 255 printable ASCII characters."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise invalid(["header", "Idempotency-Key"], "must be 1 to 255 printable ASCII characters")
    return key


def preferred_wait() -> int | None:
    """Seconds of `Prefer: wait=N`, at most 30; `respond-async` means 0; what cannot be read is ignored (RFC 7240)."""
    header = request.headers.get("Prefer")
    if header is None:
        return None
    if found := WAIT.search(header):
        return min(int(found[1]), 30)
    return 0 if "respond-async" in header.lower() else None


def applied_wait() -> int | None:
    """Seconds that a route which always waits may wait, as the request prefers and is told; None for as it likes."""
    seconds = preferred_wait()
    if seconds is not None:
        note_preference(f"wait={seconds}" if seconds else "respond-async")
    return seconds


def note_preference(applied: str) -> None:
    """Which preference was honoured; said in Preference-Applied."""
    g.preference = applied


def limit_head() -> ResponseReturnValue | None:
    """Before anything of a request is looked at: its address and its headers are small."""
    size = sum(
        len(value) for name, value in request.environ.items() if name.startswith(HEAD) and isinstance(value, str)
    )
    if size > HEAD_LIMIT:
        raise ApiError(431, f"Address and headers are {size} characters; the limit is {HEAD_LIMIT}.")
    return None


def limit_body() -> ResponseReturnValue | None:
    """Before each request: how much of the body may be read, and no NUL in the path."""
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "body_limit", BODY_LIMIT)
    if "\0" in request.path:
        raise ApiError(404, "There is nothing at this address.")
    return None


def register(app: Flask) -> None:
    app.request_class = PlatformRequest
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.before_request(limit_body)
