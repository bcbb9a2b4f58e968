"""What letters stand on: fills of runs, paragraphs, cells and shapes."""

from typing import Any

from worker.services.recommendations.cvs.reading.colour import BLACK, WHITE, Colour
from worker.services.recommendations.cvs.reading.word.names import DRAWING, OFF, SHAPE, VML, w
from worker.services.recommendations.cvs.reading.word.palette import Palette, colour_of

HIGHLIGHTS = {"white": WHITE, "black": BLACK}


class Unknown:
    """A ground of many colours, or of one that cannot be told: what stands on it is seen."""


UNKNOWN = Unknown()
Ground = Colour | Unknown | None
"""None: what lies beneath."""


def shaded(properties: Any, palette: Palette) -> Ground:
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
    if shading.get(w("val")) == "solid":
        return palette.of(shading, "color", "themeColor")
    return palette.of(shading, "fill", "themeFill")


def filled(shape: Any, palette: Palette) -> Ground:
    """The fill of the shape around a text box, of either kind."""
    if shape.tag == SHAPE + "wsp":
        properties = shape.find(SHAPE + "spPr")
        return _drawn(properties, palette) if properties is not None else UNKNOWN
    if shape.get("filled", "t")[:1] in "f0":
        return None
    return colour_of(shape.get("fillcolor")) or (WHITE if shape.get("fillcolor") in (None, "white") else UNKNOWN)


def _drawn(properties: Any, palette: Palette) -> Ground:
    if properties.find(DRAWING + "noFill") is not None:
        return None
    fill = properties.find(DRAWING + "solidFill")
    if fill is not None:
        return palette.drawn(fill, DRAWING) or UNKNOWN
    painted = ("gradFill", "blipFill", "pattFill", "grpFill")
    return UNKNOWN if any(properties.find(DRAWING + name) is not None for name in painted) else None


def page_ground(document: Any, settings: Any, palette: Palette) -> Colour:
    """Of the page, where the document says that it is shown."""
    background = document.find(w("background"))
    shown = settings.find(w("displayBackgroundShape")) if settings is not None else None
    if background is None or shown is None or shown.get(w("val"), "on") in OFF:
        return WHITE
    return palette.of(background, "color", "themeColor") or WHITE


SHAPES = frozenset({SHAPE + "wsp", *(VML + name for name in ("shape", "rect", "roundrect", "oval"))})
