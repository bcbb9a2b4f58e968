"""Colours of a file's colour spaces; None where a colour is not one but many, or cannot be told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pypdf.generic import StreamObject

from worker.services.recommendations.cvs.reading.colour import WHITE, Colour, alike
from worker.services.recommendations.cvs.reading.pdf.objects import value

DEEPEST = 8

PLAIN: Mapping[str, int] = {
    "/DeviceGray": 1,
    "/CalGray": 1,
    "/G": 1,
    "/DeviceRGB": 3,
    "/CalRGB": 3,
    "/RGB": 3,
    "/DeviceCMYK": 4,
    "/CalCMYK": 4,
    "/CMYK": 4,
}


def device(values: Sequence[float]) -> Colour | None:
    """Of as many values as a device's space has."""
    if len(values) == 1:
        return (values[0], values[0], values[0])
    if len(values) == 3:
        return (values[0], values[1], values[2])
    if len(values) == 4:
        cyan, magenta, yellow, black = values
        return (1 - min(1, cyan + black), 1 - min(1, magenta + black), 1 - min(1, yellow + black))
    return None


def coloured(space: Any, values: Sequence[float], depth: int = 0) -> Colour | None:
    """space: a colour space as a page names or defines it (ISO 32000-1, 8.6)."""
    if isinstance(space, str):
        return device(values) if PLAIN.get(space) == len(values) else None
    if not isinstance(space, list) or not space or depth > DEEPEST:
        return None
    family, rest = space[0], [each.get_object() for each in space[1:]]
    if family == "/Indexed" and len(rest) >= 3:
        return _indexed(rest, values, depth)
    if family in ("/Separation", "/DeviceN") and len(rest) >= 3:
        return _tinted(rest, values, depth)
    if family == "/Lab" and len(values) == 3:
        return _lightness(values)
    return device(values) if family in PLAIN or family == "/ICCBased" else None


def parts_of(space: Any) -> int:
    """How many values a colour of this space has; 0 where that is not told here."""
    name = space[0] if isinstance(space, list) and space else space
    if name == "/ICCBased":
        return int(value(space[1].get_object(), "/N", 3))
    return 1 if name == "/Indexed" else PLAIN.get(name, 0) if isinstance(name, str) else 0


def shade(shading: Any) -> Colour | None:
    """Of a gradient from a colour to the same."""
    ends = list(_ends(value(shading, "/Function"), 0))
    colours = [coloured(value(shading, "/ColorSpace"), each) for each in ends]
    first = colours[0] if colours else None
    return first if first and all(each and alike(first, each) for each in colours) else None


def _ends(function: Any, depth: int) -> Iterator[list[float]]:
    """What a function of one value begins and ends with, piece by piece; nothing where that is not written down."""
    if value(function, "/FunctionType") == 2:
        yield [float(each) for each in value(function, "/C0", [0.0])]
        yield [float(each) for each in value(function, "/C1", [1.0])]
    elif value(function, "/FunctionType") == 3 and depth < DEEPEST:
        for each in value(function, "/Functions", []):
            yield from _ends(each.get_object(), depth + 1)


def _indexed(rest: Sequence[Any], values: Sequence[float], depth: int) -> Colour | None:
    base, _, table = rest[:3]
    parts = parts_of(base)
    known = table.get_data() if isinstance(table, StreamObject) else getattr(table, "original_bytes", b"")
    start = int(values[0]) * parts
    chosen = [each / 255 for each in known[start : start + parts]]
    return coloured(base, chosen, depth + 1) if parts and len(chosen) == parts else None


def _tinted(rest: Sequence[Any], values: Sequence[float], depth: int) -> Colour | None:
    """No ink at all is white; else as the function of the space says where it is a plain one."""
    if not any(values):
        return WHITE
    alternate, function = rest[1], rest[2]
    if value(function, "/FunctionType") != 2 or len(values) != 1:
        return None
    start = [float(each) for each in value(function, "/C0", [0.0])]
    end = [float(each) for each in value(function, "/C1", [1.0])]
    share = values[0] ** float(value(function, "/N", 1))
    mixed = [low + share * (high - low) for low, high in zip(start, end, strict=True)]
    return coloured(alternate, mixed, depth + 1)


def _lightness(values: Sequence[float]) -> Colour | None:
    """Near white and black only the lightness counts."""
    light, *hue = values
    return (light / 100, light / 100, light / 100) if all(abs(each) < 8 for each in hue) else None
