"""Walks through a part of a Word document and gathers what a reader sees, and how much else there is."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from worker.services.recommendations.cvs.reading.answers import Found
from worker.services.recommendations.cvs.reading.colour import Colour
from worker.services.recommendations.cvs.reading.word.looks import Looks, Styles, is_seen
from worker.services.recommendations.cvs.reading.word.names import COMPATIBLE, OFF, PLACED, w
from worker.services.recommendations.cvs.reading.word.palette import Palette
from worker.services.recommendations.cvs.reading.word.shading import SHAPES, Ground, Unknown, filled
from worker.services.recommendations.cvs.reading.word.tables import TableGround, is_cut_off

# Tracked deletions, where text was moved away from, and what is no text.
LEFT_OUT = frozenset(
    w(name) for name in ("del", "moveFrom", "pPr", "rPr", "tblPr", "tblGrid", "trPr", "tcPr", "sdtPr", "sectPr")
)
STANDS_FOR = {w("tab"): "\t", w("br"): "\n", w("cr"): "\n", w("noBreakHyphen"): "-", w("softHyphen"): "\u00ad"}


@dataclass(frozen=True, slots=True)
class Place:
    """ground: what text stands on. hidden: whether nobody sees what is there."""

    ground: Colour | Unknown
    hidden: bool = False

    def on(self, ground: Ground) -> "Place":
        return self if ground is None else replace(self, ground=ground)


@dataclass(slots=True)
class Paragraph:
    """boxes: text boxes that are anchored in it, read after it."""

    looks: Looks
    pieces: list[str] = field(default_factory=list)
    boxes: list[tuple[Any, Place]] = field(default_factory=list)


class Walker:
    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self.found = Found([])

    def blocks(self, element: Any, place: Place) -> None:
        """Paragraphs and tables, however they are wrapped."""
        for child in _elements(element):
            if child.tag == w("p"):
                self._paragraph(child, place)
            elif child.tag == w("tbl"):
                self._table(child, place)
            else:
                self.blocks(child, place)

    def _table(self, table: Any, place: Place) -> None:
        rows = [each for each in table.iter(w("tr")) if _nearest(each, w("tbl")) is table]
        grounds = TableGround(table, self._styles, len(rows))
        for number, row in enumerate(rows):
            cells = [each for each in row.iter(w("tc")) if _nearest(each, w("tr")) is row]
            inside = replace(place, hidden=place.hidden or is_cut_off(row))
            for column, cell in enumerate(cells):
                ground = grounds.of_cell(cell, number, column, last=column == len(cells) - 1)
                self.blocks(cell, inside.on(ground))

    def _paragraph(self, element: Any, place: Place) -> None:
        paragraph = Paragraph(self._styles.of_paragraph(element.find(w("pPr"))))
        self._inline(element, paragraph, place)
        self.found.visible.append("".join(paragraph.pieces))
        for box, inside in paragraph.boxes:
            self.blocks(box, inside)

    def _inline(self, element: Any, paragraph: Paragraph, place: Place) -> None:
        for child in _elements(element):
            if child.tag == w("r"):
                self._run(child, paragraph, place)
            elif child.tag == w("txbxContent"):
                paragraph.boxes.append((child, place))
            else:
                self._inline(child, paragraph, _around(child, place, self._styles.palette))

    def _run(self, element: Any, paragraph: Paragraph, place: Place) -> None:
        looks = self._styles.of_run(element.find(w("rPr")), paragraph.looks)
        text = "".join(_text(child) for child in _elements(element))
        if not place.hidden and is_seen(looks, paragraph.looks, place.ground, self._styles.palette):
            paragraph.pieces.append(text)
        else:
            self.found.hidden += sum(map(len, text.split()))
        self._inline(element, paragraph, place)


def _text(element: Any) -> str:
    if element.tag == w("t"):
        return element.text or ""
    return STANDS_FOR.get(element.tag, "")


def _around(element: Any, place: Place, palette: Palette) -> Place:
    """What a shape changes for the text in it."""
    if element.tag in SHAPES:
        hidden = "visibility:hidden" in element.get("style", "").replace(" ", "")
        return replace(place.on(filled(element, palette)), hidden=place.hidden or hidden)
    if element.tag in (PLACED + "anchor", PLACED + "inline"):
        properties = element.find(PLACED + "docPr")
        hidden = properties is not None and properties.get("hidden", "0") not in OFF
        return replace(place, hidden=place.hidden or hidden)
    return place


def _elements(element: Any) -> Iterator[Any]:
    """Its children, without comments, entities and what is left out; of alternatives the one that Word shows."""
    for child in element:
        if not isinstance(child.tag, str) or child.tag in LEFT_OUT:
            continue
        if child.tag == COMPATIBLE + "AlternateContent":
            yield from _elements(_chosen(child))
        else:
            yield child


def _chosen(alternatives: Any) -> Any:
    """The first choice that holds text; else what stands for all of them."""
    choices = alternatives.findall(COMPATIBLE + "Choice")
    fallback = alternatives.find(COMPATIBLE + "Fallback")
    holding = next((each for each in choices if next(each.iter(w("t")), None) is not None), None)
    if holding is not None:
        return holding
    return fallback if fallback is not None else (*choices, alternatives)[0]


def _nearest(element: Any, tag: str) -> Any:
    return next(element.iterancestors(tag), None)
