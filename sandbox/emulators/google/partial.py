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
    if (mask := _members(iter(pieces), ends="")) is None:
        raise invalid_parameter("fields", fields)
    return mask


def _members(pieces: Iterator[str], ends: str) -> Mask | None:
    """What stands before `ends`: a closing bracket, or nothing more; None where brackets do not match."""
    found: dict[str, Any] = {}
    path: list[str] = []
    for piece in pieces:
        if piece == ")":
            return found if ends else None
        if piece == "(":
            if (inner := _members(pieces, ends=")")) is None:
                return None
            _at(found, path).update(inner)
        elif piece == ",":
            path = []
        elif piece != "/":
            path.append(piece)
            _at(found, path)
    return None if ends else found


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
