"""Letters that stand beside each other, as pieces of lines with blanks where the eye sees them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from worker.services.recommendations.cvs.reading.pdf.geometry import Point
from worker.services.recommendations.cvs.reading.pdf.glyphs import Glyph

# Shares of the size of letters. What stands nearer than JOINED is one word, whatever the text says; what stands
# farther than PARTED is two, though the text has no blank.
JOINED = 0.08
PARTED = 0.18
BACK = 0.6
FAR = 1.5
OFF_LINE = 0.3
# Letters put twice at one place are bold, or cast a shadow.
TWICE = 0.12
# Points; a square of a map of which letter is where.
SQUARE = 3.0


@dataclass(slots=True)
class Letter:
    """start, end: along the line. height: across it, upwards."""

    text: str
    start: float
    end: float
    height: float
    size: float
    measured: bool


@dataclass(slots=True)
class Run:
    """number: where it comes in the file."""

    number: int
    height: float
    size: float
    start: float
    end: float
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)


def turned(glyphs: Iterable[Glyph], quarter: int) -> list[Letter]:
    """As if their lines ran from left to right."""

    def along(point: Point) -> tuple[float, float]:
        across, up = ((point.x, point.y), (point.y, -point.x), (-point.x, -point.y), (-point.y, point.x))[quarter]
        return across, up

    letters = []
    for each in glyphs:
        (start, height), (end, _) = along(each.start), along(each.end)
        letters.append(Letter(each.text, start, end, height, each.size, each.measured))
    return letters


def runs(letters: Sequence[Letter]) -> list[Run]:
    """In the order of the file."""
    found: list[Run] = []
    run: Run | None = None
    blank: Letter | None = None
    for letter in _once(letters):
        if not letter.text.strip():
            blank = blank or letter
            continue
        if run is None or _begins(run, letter):
            run = Run(len(found), letter.height, letter.size, letter.start, letter.start)
            found.append(run)
        elif _parted(run, letter, blank):
            run.parts.append(" ")
        run.parts.append(letter.text)
        run.end, run.size, blank = max(run.end, letter.end), max(run.size, letter.size), None
    return found


def _begins(run: Run, letter: Letter) -> bool:
    gap = letter.start - run.end
    size = max(run.size, letter.size)
    return abs(letter.height - run.height) > OFF_LINE * size or gap < -BACK * size or gap > FAR * size


def _parted(run: Run, letter: Letter, blank: Letter | None) -> bool:
    """Where widths are not known, the file's own blanks are all there is."""
    size = min(run.size, letter.size)
    if blank is not None and not (blank.measured and letter.measured):
        return True
    return letter.start - run.end > (PARTED if blank is None else JOINED) * size


def _once(letters: Sequence[Letter]) -> Iterable[Letter]:
    """Without those that are put a second time at the same place."""
    seen: dict[tuple[str, int, int], Letter] = {}
    for letter in letters:
        column, row = int(letter.start // SQUARE), int(letter.height // SQUARE)
        near = (seen.get((letter.text, column + x, row + y)) for x in (-1, 0, 1) for y in (-1, 0, 1))
        if letter.text.strip() and any(each and _same_place(each, letter) for each in near):
            continue
        seen[letter.text, column, row] = letter
        yield letter


def _same_place(first: Letter, second: Letter) -> bool:
    near = min(TWICE * second.size, SQUARE)
    return abs(first.start - second.start) < near and abs(first.height - second.height) < near
