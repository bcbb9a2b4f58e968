"""Requests that mean harm, made from the OpenAPI document: every route of today and of later has its own."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from api_min.request_parsing import BODY_LIMIT

# What still fits into the largest body of most routes.
FULL = BODY_LIMIT - 4096
FORM = "application/x-www-form-urlencoded"
LONG = 6000
LONGEST = 60_000
FORMATTED = {"uuid": "00000000-0000-4000-8000-000000000000", "date-time": "2026-12-01T10:00:00Z"}
TEXTS = {
    "letters": "x",
    "blanks": " ",
    "accents": "é",
    "marks": "a\u0301",
    "words": "développeur de la ",
    "braces": "{candidate_name} {",
    "commas": "a,",
    "escapes": "\\",
    "nested markup": "<div>",
    "styled markup": '<p style="color:red">a',
    "blocks": "{jobs_list}",
}
ADDRESSES = ("9" * LONG, "x" * LONG, "%00", "a@" * 2000, "é" * 1000, "-1", "{x}")


@dataclass(frozen=True)
class Request:
    """`what` says what is wrong with it."""

    method: str
    path: str
    what: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"


Operation = tuple[str, str, Mapping[str, Any]]


class Document:
    """The OpenAPI document, and what it says of values."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]
        self.operations: list[Operation] = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema itself: references followed, the first of alternatives that is not null taken."""
        if "$ref" in schema:
            return self.resolved(self._schemas[schema["$ref"].rpartition("/")[2]])
        for many in ("anyOf", "oneOf", "allOf"):
            for each in schema.get(many, ()):
                if each.get("type") != "null":
                    return self.resolved(each)
        return schema

    def largest(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """A value that is as large as the schema allows, within reason."""
        found = self.resolved(schema)
        if values := found.get("enum") or ([found["const"]] if "const" in found else None):
            return values[0]
        kind = found.get("type")
        if kind == "object":
            members = found.get("properties", {})
            return {name: self.largest(each, depth + 1) for name, each in members.items()} if depth < 5 else {}
        if kind == "array":
            item = self.largest(found.get("items", {}), depth + 1)
            count = min(found.get("maxItems", 20), 500)
            return [f"{number} {item}"[: len(item)] if isinstance(item, str) else item for number in range(count)]
        if kind == "string":
            return _text(found)
        return {"integer": found.get("maximum", 1), "number": found.get("maximum", 1), "boolean": True}.get(kind or "")

    def body(self, operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return self.resolved(schema) if schema else None


def _text(schema: Mapping[str, Any]) -> str:
    if "pattern" in schema or schema.get("format"):
        return FORMATTED.get(schema.get("format", ""), "XAF")
    length = min(int(schema.get("maxLength", LONGEST)), LONGEST)
    return ("développeur chargé de mission 12 " * (length // 30 + 1))[:length]


def requests(document: Document, operation: Operation, ids: Mapping[str, str]) -> Iterator[Request]:
    """ids: what stands for a variable of a path when another part is hostile."""
    method, path, described = operation
    good = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], "1"), path)
    if "{" in path:
        for number, text in enumerate(ADDRESSES):
            yield Request(method, re.sub(r"{\w+}", text, path), f"address {number}")
    yield from _queries(method, good, described)
    if method != "GET":
        yield Request(method, good, "a form", body=b"a=1&" * (FULL // 4), content_type=FORM)
    if (schema := document.body(described)) is not None:
        for what, body in _bodies(document, schema):
            yield Request(method, good, what, body=body)


def _queries(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[Request]:
    names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
    for name in names:
        for value in ("9" * LONG, "x" * LONG, "é" * 2000, "1e308", "\0"):
            yield Request(method, path, f"query {name}", query={name: value})
    yield Request(method, path, "many query parameters", query={f"n{number}": "1" for number in range(1500)})


def _bodies(document: Document, schema: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    largest = document.largest(schema)
    yield "the largest that is allowed", _json(largest)
    yield from _broken()
    for place, inner in _places(document, schema):
        for what, value in _hostile(document, inner):
            yield f"{'.'.join(place)}: {what}", _json(_with(largest, place, value))[:BODY_LIMIT]


@cache
def _broken() -> tuple[tuple[str, bytes], ...]:
    """Bodies that are right for no route."""
    return (
        ("no JSON", b"x" * FULL),
        ("deep lists", b'{"a":' + b"[" * (FULL // 2)),
        ("deep objects", b'{"a":' * (FULL // 6)),
        ("many unknown members", _json({f"n{number}": 0 for number in range(FULL // 14)})),
        ("many names twice", b"{" + b",".join([b'"a":0'] * (FULL // 6)) + b"}"),
        (
            "one name twice",
            b"{" + b",".join(b'"n%d":0' % number for number in range(FULL // 14)) + b',"n%d":0}' % (FULL // 14 - 1),
        ),
        ("long name", _json({"x" * FULL: 0})),
        ("many digits", b'{"a":' + b"9" * FULL + b"}"),
        ("escaped text", b'{"a":"' + b"\\u00e9" * (FULL // 6) + b'"}'),
    )


def _places(
    document: Document, schema: Mapping[str, Any], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for name, each in document.resolved(schema).get("properties", {}).items():
        inner = document.resolved(each)
        yield (*above, name), inner
        if inner.get("properties") and len(above) < 2:
            yield from _places(document, inner, (*above, name))


def _hostile(document: Document, schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = schema.get("type")
    if kind == "string" and "enum" not in schema:
        for name, text in TEXTS.items():
            yield name, text * (FULL // (2 * len(json.dumps(text))))
    if kind == "array":
        item = document.largest(schema.get("items", {}))
        yield "many items", [item] * (FULL // (len(_json(item)) + 2))
        yield "many wrong items", [{}] * (FULL // 5)
        yield "many different items", [f"x {number}" for number in range(FULL // 14)]
        yield "text of many items", "a," * (FULL // 3)
        for count in (10, 20, 40, 100):
            yield f"{count} long phrases", [f"développeur de la chose numéro {number} " * 2 for number in range(count)]
    if kind == "object":
        yield "many members", {_letters(number): "x" for number in range(FULL // 16)}
        yield "many wrong members", {f"{number}": {} for number in range(FULL // 16)}
    yield "a list", [0] * (FULL // 3)
    yield "a number", 10**18


def _letters(number: int) -> str:
    """A name of small letters."""
    return "n" + "".join(chr(97 + int(digit)) for digit in str(number))


def _with(body: Any, place: tuple[str, ...], value: Any) -> Any:
    [name, *rest] = place
    inner = body.get(name) if isinstance(body, dict) else None
    return {**(body or {}), name: _with(inner or {}, tuple(rest), value) if rest else value}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
