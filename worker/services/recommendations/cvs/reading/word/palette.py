"""Colours of a Word document: by value, or by the name of one of its theme's."""

import re
from collections.abc import Mapping
from typing import Any

from worker.services.recommendations.cvs.reading.colour import BLACK, WHITE, Colour
from worker.services.recommendations.cvs.reading.word.names import DRAWING, WORD_2010, w

HEX = re.compile(r"#?([0-9a-fA-F]{6})")
# The names that text, drawings and the theme itself have for the same colour.
NAMES: Mapping[str, tuple[str, ...]] = {
    "lt1": ("lt1", "bg1", "light1", "background1"),
    "dk1": ("dk1", "tx1", "dark1", "text1"),
    "lt2": ("lt2", "bg2", "light2", "background2"),
    "dk2": ("dk2", "tx2", "dark2", "text2"),
    "hlink": ("hlink", "hyperlink"),
    "folHlink": ("folHlink", "followedHyperlink"),
    **{f"accent{number}": (f"accent{number}",) for number in range(1, 7)},
}
CHANGED = ("Tint", "Shade")


def colour_of(text: str | None) -> Colour | None:
    """None for `auto` and what is no colour."""
    found = HEX.match(text or "")
    if found is None:
        return None
    red, green, blue = bytes.fromhex(found[1])
    return (red / 255, green / 255, blue / 255)


class Palette:
    """theme: the document's; None where it has none."""

    def __init__(self, theme: Any) -> None:
        self._named: dict[str, Colour] = dict.fromkeys(NAMES["lt1"], WHITE) | dict.fromkeys(NAMES["dk1"], BLACK)
        for scheme in theme.iter(DRAWING + "clrScheme") if theme is not None else ():
            for kind, names in NAMES.items():
                colour = _defined(scheme.find(DRAWING + kind))
                if colour is not None:
                    self._named.update(dict.fromkeys(names, colour))

    def of(self, element: Any, value: str, theme: str) -> Colour | None:
        """By an attribute with a value, or one with a name, which goes first. A shade of a named one is told by its
        value.
        """
        named = self._named.get(element.get(w(theme), ""))
        if named is not None and not any(element.get(w(theme.removesuffix("Color") + each)) for each in CHANGED):
            return named
        return colour_of(element.get(w(value)))

    def drawn(self, fill: Any, space: str) -> Colour | None:
        """Of a `solidFill` of a drawing (DRAWING) or of text (WORD_2010). None where it cannot be told."""
        attribute = WORD_2010 + "val" if space == WORD_2010 else "val"
        plain, named = fill.find(space + "srgbClr"), fill.find(space + "schemeClr")
        if plain is not None:
            return colour_of(plain.get(attribute))
        return self._named.get(named.get(attribute, "")) if named is not None and len(named) == 0 else None


def _defined(part: Any) -> Colour | None:
    if part is None or len(part) == 0:
        return None
    return colour_of(part[0].get("lastClr") or part[0].get("val"))
