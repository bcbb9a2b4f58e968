"""The operators of paths, colours and states (ISO 32000-1, 8), as far as it matters what letters stand on."""

from collections.abc import Callable, Sequence
from typing import Any

from worker.services.recommendations.cvs.reading.colour import FAINTEST
from worker.services.recommendations.cvs.reading.pdf.colours import shade
from worker.services.recommendations.cvs.reading.pdf.geometry import IDENTITY, Matrix, Outline, Point, around
from worker.services.recommendations.cvs.reading.pdf.glyphs import Canvas
from worker.services.recommendations.cvs.reading.pdf.objects import named, value
from worker.services.recommendations.cvs.reading.pdf.paths import Path
from worker.services.recommendations.cvs.reading.pdf.pictures import Picture, inline
from worker.services.recommendations.cvs.reading.pdf.resources import Shelf
from worker.services.recommendations.cvs.reading.pdf.state import Ink, State

UNIT_SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))
MOST_SAVED = 1_000

Operands = Sequence[Any]


class Graphics:
    """layers: of the marks that are open, whether each is a layer that is switched off."""

    def __init__(self, canvas: Canvas, shelf: Shelf) -> None:
        self.canvas = canvas
        self.shelf = shelf
        self.state = State(IDENTITY, canvas.box)
        self.stack: list[State] = []
        self.layers: list[bool] = []
        self.resources: Any = None
        self._path = Path()
        self._clipping = False

    def save(self, _: Operands) -> None:
        if len(self.stack) < MOST_SAVED:
            self.stack.append(self.state.copy())

    def restore(self, _: Operands) -> None:
        if self.stack:
            self.state = self.stack.pop()

    def transform(self, operands: Operands) -> None:
        self.state.matrix = self.state.matrix.after(Matrix(*map(float, operands[:6])))

    def graphics_state(self, operands: Operands) -> None:
        """Of ExtGState what decides whether something is seen."""
        chosen, state = named(self.resources, "/ExtGState", operands[0]), self.state
        state.filling.alpha = float(value(chosen, "/ca", state.filling.alpha))
        state.drawing.alpha = float(value(chosen, "/CA", state.drawing.alpha))
        state.plain = value(chosen, "/BM", "/Normal" if state.plain else None) in ("/Normal", "/Compatible")
        if "/Font" in chosen:
            font, size = chosen["/Font"]
            state.font, state.size = self.shelf.font(font.get_object()), float(size)

    def ink(self, *, filling: bool) -> Ink:
        return self.state.filling if filling else self.state.drawing

    def choose_space(self, operands: Operands, *, filling: bool) -> None:
        known = named(self.resources, "/ColorSpace", operands[0])
        self.ink(filling=filling).choose(operands[0] if known is None else known)

    def mix(self, operands: Operands, *, filling: bool) -> None:
        """A name at the end is a pattern."""
        if operands and isinstance(operands[-1], str):
            pattern = named(self.resources, "/Pattern", operands[-1])
            self.ink(filling=filling).colour = shade(value(pattern, "/Shading"))
        else:
            self.ink(filling=filling).mix([float(each) for each in operands])

    def device(self, operands: Operands, *, filling: bool, space: str) -> None:
        self.ink(filling=filling).choose(space)
        self.ink(filling=filling).mix([float(each) for each in operands])

    def build(self, operands: Operands, *, add: Callable[..., None]) -> None:
        """add: a method of a path, given as many points as there are pairs of numbers."""
        add(self._path, self.state.matrix, *(float(each) for each in operands))

    def close_path(self, *, fill: bool = False, even_odd: bool = False) -> None:
        state, border = self.state, self._path.box()
        outline = self._path.taken(even_odd=even_odd)
        alpha = state.filling.alpha
        if fill and outline and state.plain and alpha > FAINTEST and not any(self.layers):
            self.canvas.fill(outline, state.clip, state.filling.colour, alpha=alpha, opaque=state.opaque)
        if self._clipping and border:
            state.clip = state.clip.within(border)
        self._clipping = False

    def clip(self, _: Operands) -> None:
        self._clipping = True

    def shade(self, operands: Operands) -> None:
        clip = self.state.clip.within(self.canvas.box)
        corners = [Point(clip.left, clip.bottom), Point(clip.right, clip.bottom)]
        corners += [Point(clip.right, clip.top), Point(clip.left, clip.top)]
        paint = shade(named(self.resources, "/Shading", operands[0]))
        self.canvas.fill(Outline([corners], clip), clip, paint, alpha=self.state.filling.alpha, opaque=False)

    def picture(self, picture: Picture, *, opaque: bool) -> None:
        state = self.state
        corners = [state.matrix.at(*corner) for corner in UNIT_SQUARE]
        if state.plain and not any(self.layers):
            outline = Outline([corners], around(corners))
            self.canvas.fill(outline, state.clip, picture, alpha=state.filling.alpha, opaque=opaque)

    def inline_picture(self, image: Any) -> None:
        """What cannot be looked at is left out: what lies beneath decides."""
        known = inline(image["settings"], image["data"])
        if known is not None:
            self.picture(Picture(None, self.state.matrix, known), opaque=self.state.opaque)
