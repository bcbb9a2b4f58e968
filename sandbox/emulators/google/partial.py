"""Partial responses: the `fields` parameter that every method of Google's APIs takes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.emulators.google.refusals import invalid_parameter

_PIECE = re.compile(r"[A-Za-z0-9_*-]+|[,/()]")
Mask = Mapping[str, Any]


def masked(answer: Mapping[str, Any], fields: str | None) -> Mapping[str, Any]:
    """Only the members that are named (`kind,items(id,start/dateTime)`); all where nothing is asked for."""
    return answer if fields is None else _kept(answer, _mask(fields))


def _mask(fields: str) -> Mask:
    pieces = _PIECE.findall(fields)
    if "".join(pieces) != fields.replace(" ", "") or not fields:
        raise invalid_parameter("fields", fields)
    rest = iter(pieces)
    mask = _members(rest, fields)
    if next(rest, None) is not None:
        raise invalid_parameter("fields", fields)
    return mask


def _members(pieces: Iterator[str], fields: str) -> Mask:
    """Up to the closing bracket, or the end."""
    found: dict[str, Any] = {}
    path: list[str] = []
    for piece in pieces:
        if piece in {",", ")"}:
            path = []
            if piece == ")":
                return found
        elif piece == "(":
            _at(found, path).update(_members(pieces, fields))
        elif piece != "/":
            path.append(piece)
            _at(found, path)
    return found


def _at(mask: dict[str, Any], path: list[str]) -> dict[str, Any]:
    for name in path:
        mask = mask.setdefault(name, {})
    return mask


def _kept(value: Any, mask: Mask) -> Any:
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [_kept(each, mask) for each in value]
    if isinstance(value, Mapping):
        return {name: _kept(each, mask[name]) for name, each in value.items() if name in mask}
    return value
