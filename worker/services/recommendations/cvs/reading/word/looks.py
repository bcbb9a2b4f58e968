"""How a run of text looks: its own properties, then those of its styles, each based on others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worker.services.recommendations.cvs.reading.colour import Colour, alike
from worker.services.recommendations.cvs.reading.word.names import OFF, WORD_2010, w
from worker.services.recommendations.cvs.reading.word.palette import Palette
from worker.services.recommendations.cvs.reading.word.shading import Ground, Unknown, shaded

# Half points; percent of a letter's width; twentieths of a point of a line's height.
SMALLEST = 6
NARROWEST = 10
LOWEST = 60
# Twentieths of a point; no page that is printed is as wide.
FARTHEST = 17_000
LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Looks:
    """What a style, with all that it is based on, says about its text."""

    runs: tuple[Any, ...] = ()
    paragraphs: tuple[Any, ...] = ()


class Styles:
    """element: the document's styles; None where it has none."""

    def __init__(self, element: Any, palette: Palette) -> None:
        self.palette = palette
        self._by_id: Mapping[str, Any] = {}
        self._looks: dict[str, Looks] = {}
        self._usual: tuple[Any, ...] = ()
        self._plain = ""
        if element is not None:
            self._by_id = {each.get(w("styleId")): each for each in element.iterfind(w("style"))}
            self._usual = tuple(element.iterfind(f"{w('docDefaults')}/{w('rPrDefault')}/{w('rPr')}"))
            self._plain = next((name for name, each in self._by_id.items() if _is_plain(each)), "")

    def style(self, name: str | None) -> Looks:
        name = name or ""
        if name not in self._looks:
            chain = list(self.chain(name))
            runs = tuple(each for style in chain for each in style.iterfind(w("rPr")))
            paragraphs = tuple(each for style in chain for each in style.iterfind(w("pPr")))
            self._looks[name] = Looks(runs, paragraphs)
        return self._looks[name]

    def chain(self, name: str) -> Iterator[Any]:
        """A style and what it is based on, the nearest first."""
        for _ in range(LONGEST_CHAIN):
            style = self._by_id.get(name)
            if style is None:
                return
            yield style
            base = style.find(w("basedOn"))
            name = base.get(w("val")) if base is not None else ""

    def of_paragraph(self, properties: Any) -> Looks:
        """Its own properties, its style's, then what the document usually does."""
        named = properties.find(w("pStyle")) if properties is not None else None
        style = self.style(named.get(w("val")) if named is not None else self._plain)
        own = (properties,) if properties is not None else ()
        return Looks((*style.runs, *self._usual), (*own, *style.paragraphs))

    def of_run(self, properties: Any, paragraph: Looks) -> tuple[Any, ...]:
        if properties is None:
            return paragraph.runs
        named = properties.find(w("rStyle"))
        style = self.style(named.get(w("val"))).runs if named is not None else ()
        return (properties, *style, *paragraph.runs)


def _is_plain(style: Any) -> bool:
    return style.get(w("type")) == "paragraph" and style.get(w("default"), "0") not in OFF


def is_seen(looks: tuple[Any, ...], paragraph: Looks, ground: Colour | Unknown, palette: Palette) -> bool:
    """ground: what the paragraph stands on, its own fill left out."""
    if _on(looks, "vanish") or _number(looks, "sz", SMALLEST) < SMALLEST or _number(looks, "w", 100) < NARROWEST:
        return False
    if _flat(paragraph) or _outside(paragraph) or _unfilled(looks):
        return False
    colour = _colour(looks, palette)
    fills: list[Ground] = [shaded(each, palette) for each in (*looks, *paragraph.paragraphs)]
    beneath = next((each for each in fills if each is not None), ground)
    return colour is None or isinstance(beneath, Unknown) or not alike(colour, beneath)


def _first(looks: tuple[Any, ...], name: str) -> Any:
    return next((found for each in looks if (found := each.find(name)) is not None), None)


def _on(looks: tuple[Any, ...], name: str) -> bool:
    found = _first(looks, w(name))
    return found is not None and found.get(w("val"), "on") not in OFF


def _number(looks: tuple[Any, ...], name: str, usual: float) -> float:
    found = _first(looks, w(name))
    try:
        return usual if found is None else float(found.get(w("val"), usual))
    except ValueError:
        return usual


def _flat(paragraph: Looks) -> bool:
    """A line that is exactly so low that its letters are cut off."""
    spacing = _first(paragraph.paragraphs, w("spacing"))
    if spacing is None or spacing.get(w("lineRule")) != "exact":
        return False
    try:
        return float(spacing.get(w("line"), LOWEST)) < LOWEST
    except ValueError:
        return False


def _outside(paragraph: Looks) -> bool:
    """A paragraph that begins beside the page."""
    indent = _first(paragraph.paragraphs, w("ind"))
    if indent is None:
        return False
    try:
        return abs(float(indent.get(w("left"), indent.get(w("start"), 0)))) > FARTHEST
    except ValueError:
        return False


def _unfilled(looks: tuple[Any, ...]) -> bool:
    fill = _first(looks, WORD_2010 + "textFill")
    return fill is not None and fill.find(WORD_2010 + "noFill") is not None


def _colour(looks: tuple[Any, ...], palette: Palette) -> Colour | None:
    """None where it contrasts by itself (`auto`) or cannot be told."""
    for properties in looks:
        fill = properties.find(f"{WORD_2010}textFill/{WORD_2010}solidFill")
        if fill is not None:
            return palette.drawn(fill, WORD_2010)
        colour = properties.find(w("color"))
        if colour is not None:
            return palette.of(colour, "val", "themeColor")
    return None
