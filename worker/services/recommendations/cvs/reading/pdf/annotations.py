"""What lies on a page without being part of its content: filled-in fields, and notes that are written on it."""

from typing import Any

from pypdf import PageObject
from pypdf.generic import StreamObject

from worker.services.recommendations.cvs.reading.pdf.geometry import Box, Point, around
from worker.services.recommendations.cvs.reading.pdf.objects import value
from worker.services.recommendations.cvs.reading.pdf.painter import BROKEN, Painter

SHOWN = frozenset({"/Widget", "/FreeText", "/Stamp"})
# Hidden, and not shown on a screen (ISO 32000-1, table 165).
UNSEEN = 0x2 | 0x20
MOST = 500


def paint_annotations(painter: Painter, page: PageObject) -> None:
    """One that is broken is left out."""
    for each in list(value(page, "/Annots", []))[:MOST]:
        try:
            _paint(painter, each.get_object())
        except BROKEN:
            continue


def _paint(painter: Painter, annotation: Any) -> None:
    look = value(value(annotation, "/AP"), "/N")
    if not isinstance(look, StreamObject):
        look = value(look, value(annotation, "/AS", ""))
    seen = value(annotation, "/Subtype") in SHOWN and not int(value(annotation, "/F", 0)) & UNSEEN
    if seen and isinstance(look, StreamObject):
        painter.stamp(look, _corners(value(annotation, "/Rect")))


def _corners(numbers: Any) -> Box:
    left, bottom, right, top = map(float, numbers)
    return around([Point(left, bottom), Point(right, top)])
