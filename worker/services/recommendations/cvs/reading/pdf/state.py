"""The graphics state of a content stream (ISO 32000-1, 8.4): what paints how, and where."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from worker.services.recommendations.cvs.reading.colour import BLACK, FAINTEST, Colour
from worker.services.recommendations.cvs.reading.pdf.colours import PLAIN, coloured
from worker.services.recommendations.cvs.reading.pdf.fonts import PageFont
from worker.services.recommendations.cvs.reading.pdf.geometry import IDENTITY, Box, Matrix


@dataclass(slots=True)
class Ink:
    """Of filling or of drawing lines."""

    colour: Colour | None = BLACK
    space: Any = "/DeviceGray"
    alpha: float = 1.0

    def choose(self, space: Any) -> None:
        self.space = space
        self.colour = BLACK if not isinstance(space, str) or space in PLAIN else None

    def mix(self, values: Sequence[float]) -> None:
        self.colour = coloured(self.space, values)


@dataclass(slots=True)
class State:
    """mode: the rendering mode of text, ISO 32000-1, table 106. plain: whether what is painted covers what is beneath,
    as far as it is opaque (blend mode Normal, no mask).
    """

    matrix: Matrix
    clip: Box
    filling: Ink = field(default_factory=Ink)
    drawing: Ink = field(default_factory=Ink)
    plain: bool = True
    font: PageFont | None = None
    size: float = 0.0
    character_spacing: float = 0.0
    word_spacing: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0
    line: Matrix = IDENTITY
    text: Matrix = IDENTITY

    def copy(self) -> "State":
        return replace(self, filling=replace(self.filling), drawing=replace(self.drawing))

    @property
    def opaque(self) -> bool:
        return self.plain and self.filling.alpha >= 1 - FAINTEST

    def move(self, across: float, down: float) -> None:
        """To the start of a line, from the start of this one."""
        self.start(self.line.after(Matrix(1, 0, 0, 1, across, down)))

    def start(self, line: Matrix) -> None:
        self.line = self.text = line

    def ink_of_text(self) -> Ink:
        """What a letter is seen by. Letters with an outline of another colour are seen by that."""
        if self.mode & 3 == 1:
            return self.drawing
        if self.mode & 3 == 2 and self.drawing.colour != self.filling.colour:
            return Ink(None, alpha=max(self.filling.alpha, self.drawing.alpha))
        return self.filling
