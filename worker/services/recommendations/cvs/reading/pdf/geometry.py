"""Coordinates of a page: matrices, boxes, and what lies inside a filled outline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Point(NamedTuple):
    x: float
    y: float


class Matrix(NamedTuple):
    """As ISO 32000-1, 8.3.3 writes it."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def after(self, before: "Matrix") -> "Matrix":
        """First `before`, then this one."""
        return Matrix(
            before.a * self.a + before.b * self.c,
            before.a * self.b + before.b * self.d,
            before.c * self.a + before.d * self.c,
            before.c * self.b + before.d * self.d,
            before.e * self.a + before.f * self.c + self.e,
            before.e * self.b + before.f * self.d + self.f,
        )

    def at(self, x: float, y: float) -> Point:
        return Point(self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f)


IDENTITY = Matrix(1, 0, 0, 1, 0, 0)


class Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    def holds(self, point: Point) -> bool:
        return self.left <= point.x <= self.right and self.bottom <= point.y <= self.top

    def within(self, other: "Box") -> "Box":
        """What both have in common; a box that holds nothing where they have nothing."""
        return Box(
            max(self.left, other.left),
            max(self.bottom, other.bottom),
            min(self.right, other.right),
            min(self.top, other.top),
        )


def around(points: Sequence[Point]) -> Box:
    xs, ys = [each.x for each in points], [each.y for each in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


EVERYWHERE = Box(-1e9, -1e9, 1e9, 1e9)


@dataclass(frozen=True, slots=True)
class Outline:
    """Closed paths, curves as lines between their ends and middles. even_odd: how its inside is told."""

    paths: Sequence[Sequence[Point]]
    box: Box
    even_odd: bool = False

    def holds(self, point: Point) -> bool:
        if not self.box.holds(point):
            return False
        turns = [_crossings(path, point) for path in self.paths]
        if self.even_odd:
            return sum(abs(up) + abs(down) for up, down in turns) % 2 == 1
        return sum(up + down for up, down in turns) != 0


def _crossings(path: Sequence[Point], point: Point) -> tuple[int, int]:
    """How often the path passes right of the point, upwards (counted up) and downwards (counted down)."""
    up = down = 0
    for start, end in zip(path, [*path[1:], path[0]], strict=True):
        if (start.y <= point.y) == (end.y <= point.y):
            continue
        if start.x + (point.y - start.y) / (end.y - start.y) * (end.x - start.x) > point.x:
            up, down = (up + 1, down) if end.y > start.y else (up, down - 1)
    return up, down
