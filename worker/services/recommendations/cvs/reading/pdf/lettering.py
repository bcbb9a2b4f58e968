"""The operators of text (ISO 32000-1, 9): which letters are put where, and how they look."""

from collections.abc import Callable
from math import atan2, copysign, hypot, pi

from worker.services.recommendations.cvs.reading.colour import FAINTEST
from worker.services.recommendations.cvs.reading.pdf.geometry import IDENTITY, Matrix
from worker.services.recommendations.cvs.reading.pdf.glyphs import Canvas, Glyph
from worker.services.recommendations.cvs.reading.pdf.graphics import Graphics, Operands
from worker.services.recommendations.cvs.reading.pdf.objects import named
from worker.services.recommendations.cvs.reading.pdf.resources import Shelf
from worker.services.recommendations.cvs.reading.pdf.state import State

# Points after all transformations.
SMALLEST = 3.0
NARROWEST = 1.0
# Rendering modes: none at all, and none but for a border.
INVISIBLE = frozenset({3, 7})


class Lettering(Graphics):
    """unit: points of one unit of the page."""

    def __init__(self, canvas: Canvas, shelf: Shelf, unit: float) -> None:
        super().__init__(canvas, shelf)
        self._unit = unit

    def begin_text(self, _: Operands) -> None:
        self.state.start(IDENTITY)

    def set(self, operands: Operands, *, change: Callable[[State, float], None]) -> None:
        change(self.state, float(operands[0]))

    def choose_font(self, operands: Operands) -> None:
        self.state.font = self.shelf.font(named(self.resources, "/Font", operands[0]))
        self.state.size = float(operands[1])

    def move(self, operands: Operands, *, leading: bool = False) -> None:
        across, up = map(float, operands[:2])
        if leading:
            self.state.leading = -up
        self.state.move(across, up)

    def place_text(self, operands: Operands) -> None:
        self.state.start(Matrix(*map(float, operands[:6])))

    def next_line(self, _: Operands) -> None:
        self.state.move(0, -self.state.leading)

    def show_next_line(self, operands: Operands) -> None:
        if len(operands) == 3:
            self.state.word_spacing, self.state.character_spacing = map(float, operands[:2])
        self.next_line(operands)
        self.show(operands[-1:])

    def show_all(self, operands: Operands) -> None:
        for each in operands[0]:
            if isinstance(each, bytes | str):
                self.show([each])
            else:
                self._advance(-float(each) / 1000 * self.state.size * self.state.scale)

    def show(self, operands: Operands) -> None:
        state, data = self.state, operands[0]
        if state.font is None:
            return
        base = state.matrix.after(state.text)
        size, hidden = self._looks(base)
        colour, painted = state.ink_of_text().colour, self.canvas.next()
        forward = copysign(1, state.size * state.scale)
        quarter, x = round(atan2(forward * base.b, forward * base.a) / (pi / 2)) % 4, 0.0
        for text, advance, is_space, measured in state.font.shown(data if isinstance(data, bytes) else data.encode()):
            spacing = state.character_spacing + (state.word_spacing if is_space else 0)
            end = x + (advance * state.size + spacing) * state.scale
            places = base.at(x, state.rise), base.at(end, state.rise)
            if text:
                unseen = hidden or not state.clip.holds(places[0])
                self.canvas.write(Glyph(text, *places, size, quarter, colour, painted, measured, unseen))
            x = end
        self._advance(x)

    def _looks(self, base: Matrix) -> tuple[float, bool]:
        """How tall letters are, and whether nobody sees them whatever is around."""
        state = self.state
        usual = abs(state.size) * (state.font.height if state.font else 1)
        height, width = hypot(base.c, base.d) * usual, hypot(base.a, base.b) * usual * abs(state.scale)
        tiny = height * self._unit < SMALLEST or width * self._unit < NARROWEST
        faint = state.ink_of_text().alpha <= FAINTEST
        return height, tiny or faint or state.mode in INVISIBLE or any(self.layers)

    def _advance(self, across: float) -> None:
        self.state.text = self.state.text.after(Matrix(1, 0, 0, 1, across, 0))
