"""Paths while they are built: lines and curves, then filled, drawn, or made the border of what follows."""

from operator import mul

from worker.services.recommendations.cvs.outcomes import CvOutcome
from worker.services.recommendations.cvs.reading.answers import CannotBeRead
from worker.services.recommendations.cvs.reading.pdf.geometry import Box, Matrix, Outline, Point, around

# Of one page.
MOST_POINTS = 500_000
# What has more corners is a drawing, not a ground that letters stand on.
MOST_CORNERS = 500
STEPS = (0.25, 0.5, 0.75, 1.0)


class Path:
    def __init__(self) -> None:
        self._parts: list[list[Point]] = []
        self._points = 0
        self._at = Point(0, 0)

    def move(self, matrix: Matrix, x: float, y: float) -> None:
        self._at = Point(x, y)
        self._parts.append([matrix.at(x, y)])

    def line(self, matrix: Matrix, x: float, y: float) -> None:
        self._points += 1
        if self._points > MOST_POINTS:
            raise CannotBeRead(CvOutcome.TOO_COMPLEX)
        if not self._parts:
            self.move(matrix, x, y)
        self._at = Point(x, y)
        self._parts[-1].append(matrix.at(x, y))

    def curve(self, matrix: Matrix, x1: float, y1: float, x2: float, y2: float, x3: float, y3: float) -> None:
        xs, ys = (self._at.x, x1, x2, x3), (self._at.y, y1, y2, y3)
        for share in STEPS:
            rest = 1 - share
            weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
            self.line(matrix, sum(map(mul, weights, xs)), sum(map(mul, weights, ys)))

    def curve_from_here(self, matrix: Matrix, x2: float, y2: float, x3: float, y3: float) -> None:
        self.curve(matrix, *self._at, x2, y2, x3, y3)

    def curve_to_end(self, matrix: Matrix, x1: float, y1: float, x3: float, y3: float) -> None:
        self.curve(matrix, x1, y1, x3, y3, x3, y3)

    def rectangle(self, matrix: Matrix, x: float, y: float, width: float, height: float) -> None:
        self.move(matrix, x, y)
        for corner in ((x + width, y), (x + width, y + height), (x, y + height)):
            self.line(matrix, *corner)

    def taken(self, *, even_odd: bool) -> Outline | None:
        """The path that was built, and a new one begins. None where it encloses nothing, or is a drawing."""
        parts, self._parts = [part for part in self._parts if len(part) > 1], []
        if not parts or sum(map(len, parts)) > MOST_CORNERS:
            return None
        return Outline(parts, around([point for part in parts for point in part]), even_odd)

    def box(self) -> Box | None:
        points = [point for part in self._parts for point in part]
        return around(points) if points else None
