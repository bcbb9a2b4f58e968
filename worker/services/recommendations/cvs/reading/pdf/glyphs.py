"""What is put on a page: characters with their places, and areas of colour, in the order of painting."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import isfinite

from worker.services.recommendations.cvs.outcomes import CvOutcome
from worker.services.recommendations.cvs.reading.answers import CannotBeRead
from worker.services.recommendations.cvs.reading.colour import FAINTEST, WHITE, Colour, alike, mixed
from worker.services.recommendations.cvs.reading.pdf.geometry import Box, Outline, Point
from worker.services.recommendations.cvs.reading.pdf.pictures import Picture

# Of one page.
MOST_GLYPHS = 100_000
MOST_ENTRIES = 200_000
# Points between a letter and its shadow.
SHADOW = 2.0
# Squares along a page's longer side, in a map of what is where.
SQUARES = 24


@dataclass(slots=True)
class Glyph:
    """text: what it stands for, one letter or several. start, end: of its advance on the baseline, in points. size: its
    height after all transformations. quarter: how often its line is turned left by 90°. colour: None where it cannot be
    told. measured: whether its width is known. hidden: whether it is seen nowhere, whatever is around it.
    """

    text: str
    start: Point
    end: Point
    size: float
    quarter: int
    colour: Colour | None
    painted: int
    measured: bool
    hidden: bool

    @property
    def middle(self) -> Point:
        """About the middle of what is drawn."""
        across = Point((self.start.x + self.end.x) / 2, (self.start.y + self.end.y) / 2)
        rise = 0.25 * self.size
        turned = (Point(0, rise), Point(-rise, 0), Point(0, -rise), Point(rise, 0))[self.quarter]
        return Point(across.x + turned.x, across.y + turned.y)


@dataclass(frozen=True, slots=True)
class Area:
    """paint: None for what has many colours. alpha: how much of it is seen. opaque: whether nothing beneath is."""

    outline: Outline
    clip: Box
    paint: Colour | Picture | None
    painted: int
    alpha: float
    opaque: bool

    def holds(self, point: Point) -> bool:
        return self.clip.holds(point) and self.outline.holds(point)

    def over(self, beneath: Colour | None, point: Point) -> Colour | None:
        """What is seen at a point."""
        colour, share = self.paint.at(point) if isinstance(self.paint, Picture) else (self.paint, 1.0)
        share *= self.alpha
        if share >= 1 - FAINTEST:
            return colour
        if share <= FAINTEST:
            return beneath
        return mixed(beneath, colour, share) if beneath and colour else None


@dataclass(slots=True)
class Canvas:
    """One page while it is painted."""

    box: Box
    glyphs: list[Glyph] = field(default_factory=list)
    _painted: int = 0
    _entries: int = 0
    _areas: dict[tuple[int, int], list[Area]] = field(default_factory=lambda: defaultdict(list))

    def next(self) -> int:
        self._painted += 1
        return self._painted

    def write(self, glyph: Glyph) -> None:
        if not all(map(isfinite, (*glyph.start, *glyph.end, glyph.size))):
            return
        if len(self.glyphs) >= MOST_GLYPHS:
            raise CannotBeRead(CvOutcome.TOO_COMPLEX)
        self.glyphs.append(glyph)

    def fill(
        self, outline: Outline, clip: Box, paint: Colour | Picture | None, *, alpha: float = 1.0, opaque: bool
    ) -> None:
        shown = outline.box.within(clip).within(self.box)
        if not (all(map(isfinite, shown)) and shown.left <= shown.right and shown.bottom <= shown.top):
            return
        area = Area(outline, clip, paint, self.next(), alpha, opaque)
        (left, bottom), (right, top) = self._square(shown.left, shown.bottom), self._square(shown.right, shown.top)
        self._entries += (right - left + 1) * (top - bottom + 1)
        if self._entries > MOST_ENTRIES:
            raise CannotBeRead(CvOutcome.TOO_COMPLEX)
        for square in product(range(left, right + 1), range(bottom, top + 1)):
            self._areas[square].append(area)

    def _square(self, x: float, y: float) -> tuple[int, int]:
        box = self.box
        side = max(box.right - box.left, box.top - box.bottom, 1.0) / SQUARES
        return int((x - box.left) // side), int((y - box.bottom) // side)

    def is_seen(self, glyph: Glyph) -> bool:
        """Neither of the colour of what is beneath it, nor covered, nor outside the page."""
        point = glyph.middle
        if glyph.hidden or not self.box.holds(point):
            return False
        background: Colour | None = WHITE
        for area in self._areas.get(self._square(*point), ()):
            if not area.holds(point):
                continue
            if area.painted < glyph.painted:
                background = area.over(background, point)
            elif area.opaque:
                return False
        return background is None or glyph.colour is None or not alike(background, glyph.colour)


def unseen(glyphs: Sequence[Glyph], seen: Sequence[Glyph]) -> Iterator[Glyph]:
    """Those that are not seen, but for the shadows of others: the same letter almost at the same place."""
    known = {id(glyph) for glyph in seen}
    places = {_place(glyph) for glyph in seen}
    for glyph in glyphs:
        text, column, row = _place(glyph)
        around = ((text, column + x, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1))
        if id(glyph) not in known and places.isdisjoint(around):
            yield glyph


def _place(glyph: Glyph) -> tuple[str, int, int]:
    return glyph.text, int(glyph.start.x // SHADOW), int(glyph.start.y // SHADOW)
