"""What letters stand on: fills of runs, paragraphs, cells and shapes."""

import re
from typing import Any

from worker.services.recommendations.cvs.reading.colour import BLACK, WHITE, Colour
from worker.services.recommendations.cvs.reading.word.names import DRAWING, OFF, SHAPE, VML, w

HEX = re.compile(r"#?([0-9a-fA-F]{6})")
HIGHLIGHTS = {"white": WHITE, "black": BLACK}


class Unknown:
    """A ground of many colours, or of one that cannot be told: what stands on it is seen."""


UNKNOWN = Unknown()
Ground = Colour | Unknown | None
"""None: what lies beneath."""


def colour_of(text: str | None) -> Colour | None:
    """None for `auto` and what is no colour."""
    found = HEX.match(text or "")
    if found is None:
        return None
    red, green, blue = bytes.fromhex(found[1])
    return (red / 255, green / 255, blue / 255)


def shaded(properties: Any) -> Ground:
    """By `w:shd` in the properties of a run, paragraph, cell or style; a run's `w:highlight` before it."""
    if properties is None:
        return None
    highlight = properties.find(w("highlight"))
    chosen = highlight.get(w("val")) if highlight is not None else "none"
    if chosen != "none":
        return HIGHLIGHTS.get(chosen, UNKNOWN)
    shading = properties.find(w("shd"))
    if shading is None:
        return None
    return colour_of(shading.get(w("color") if shading.get(w("val")) == "solid" else w("fill")))


def filled(shape: Any) -> Ground:
    """The fill of the shape around a text box, of either kind."""
    if shape.tag == SHAPE + "wsp":
        properties = shape.find(SHAPE + "spPr")
        return _drawn(properties) if properties is not None else UNKNOWN
    if shape.get("filled", "t")[:1] in "f0":
        return None
    return colour_of(shape.get("fillcolor")) or (WHITE if shape.get("fillcolor") in (None, "white") else UNKNOWN)


def _drawn(properties: Any) -> Ground:
    if properties.find(DRAWING + "noFill") is not None:
        return None
    colour = properties.find(f"{DRAWING}solidFill/{DRAWING}srgbClr")
    if colour is not None:
        return colour_of(colour.get("val")) or UNKNOWN
    scheme = properties.find(f"{DRAWING}solidFill/{DRAWING}schemeClr")
    if scheme is not None and scheme.get("val") in ("bg1", "lt1") and len(scheme) == 0:
        return WHITE
    painted = ("solidFill", "gradFill", "blipFill", "pattFill", "grpFill")
    return UNKNOWN if any(properties.find(DRAWING + name) is not None for name in painted) else None


def page_ground(document: Any, settings: Any) -> Colour:
    """Of the page, where the document says that it is shown."""
    background = document.find(w("background"))
    shown = settings.find(w("displayBackgroundShape")) if settings is not None else None
    if background is None or shown is None or shown.get(w("val"), "on") in OFF:
        return WHITE
    return colour_of(background.get(w("color"))) or WHITE


SHAPES = frozenset({SHAPE + "wsp", *(VML + name for name in ("shape", "rect", "roundrect", "oval"))})
