"""Pictures as what letters stand on: their colour at a place, as far as that can be told cheaply."""

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from PIL import Image
from pypdf.errors import PyPdfError
from pypdf.generic import StreamObject

from worker.services.recommendations.cvs.reading.colour import Colour
from worker.services.recommendations.cvs.reading.pdf.colours import coloured, parts_of
from worker.services.recommendations.cvs.reading.pdf.geometry import Matrix, Point
from worker.services.recommendations.cvs.reading.pdf.objects import value

JPEG = "/DCTDecode"
UNTOLD = frozenset({"/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"})
# A JPEG is unpacked at about this many points a side; of others no more is unpacked than of any stream.
ROUGHLY = (256, 256)
UNREADABLE = (
    ArithmeticError, AttributeError, Image.DecompressionBombError, IndexError, KeyError, OSError, PyPdfError,
    SyntaxError, TypeError, ValueError,
)  # fmt: skip


class Samples(NamedTuple):
    """Rows from the top, with so many bytes for each point."""

    width: int
    height: int
    parts: int
    data: bytes
    space: Any
    inverted: bool = False

    def at(self, across: float, up: float) -> Colour | None:
        """across, up: from 0 to 1."""
        column = min(max(int(across * self.width), 0), self.width - 1)
        row = min(max(int((1 - up) * self.height), 0), self.height - 1)
        start = (row * self.width + column) * self.parts
        chosen = self.data[start : start + self.parts]
        if isinstance(self.space, list) and self.space[0] == "/Indexed":
            return coloured(self.space, list(chosen))
        return coloured(self.space, [(255 - each if self.inverted else each) / 255 for each in chosen])


class Picture:
    """image: None where nothing is known of it. matrix: from its own square to the page. Unpacked on first use."""

    def __init__(self, image: StreamObject | None, matrix: Matrix, known: Samples | None = None) -> None:
        self._image = image
        self._matrix = matrix
        self._known = known
        self._samples: Sequence[Samples | None] | None = None

    def at(self, point: Point) -> tuple[Colour | None, float]:
        """Its colour there, None where it cannot be told, and how much of it is seen. Of a mask that cannot be read
        nothing is.
        """
        try:
            return self._at(point)
        except UNREADABLE:
            return None, 1.0

    def _at(self, point: Point) -> tuple[Colour | None, float]:
        if self._samples is None:
            self._samples = (self._known or _samples(self._image), _samples(value(self._image, "/SMask")))
        colours, mask = self._samples
        across, up = _inside(self._matrix, point)
        alpha = 1.0
        if any(name in (self._image or {}) for name in ("/SMask", "/Mask", "/ImageMask")):
            alpha = (mask.at(across, up) or (0.0,))[0] if mask else 0.0
        return colours.at(across, up) if colours else None, alpha


def inline(settings: Any, data: bytes) -> Samples | None:
    """Of a picture within a content stream that is not packed."""
    space = settings.get("/CS", settings.get("/ColorSpace"))
    parts = parts_of(space)
    if "/F" in settings or "/Filter" in settings or settings.get("/BPC", settings.get("/BitsPerComponent")) != 8:
        return None
    sides = settings.get("/W", settings.get("/Width")), settings.get("/H", settings.get("/Height"))
    return Samples(int(sides[0]), int(sides[1]), parts, data, space) if parts else None


def _inside(matrix: Matrix, point: Point) -> Point:
    """Where in the picture's own square a point of the page lies."""
    size = matrix.a * matrix.d - matrix.b * matrix.c
    x, y = point.x - matrix.e, point.y - matrix.f
    return Point((matrix.d * x - matrix.c * y) / size, (matrix.a * y - matrix.b * x) / size)


def _samples(image: StreamObject | None) -> Samples | None:
    if not isinstance(image, StreamObject):
        return None
    try:
        filters = value(image, "/Filter", [])
        names = filters if isinstance(filters, list) else [filters]
        if JPEG in names:
            return _photograph(image.get_data())
        return None if UNTOLD.intersection(names) else _plain(image)
    except UNREADABLE:
        return None


def _photograph(content: bytes) -> Samples:
    with Image.open(io.BytesIO(content)) as photograph:
        photograph.draft("RGB", ROUGHLY)
        rough = photograph.convert("RGB")
    return Samples(rough.width, rough.height, 3, rough.tobytes(), "/DeviceRGB")


def _plain(image: StreamObject) -> Samples | None:
    space = value(image, "/ColorSpace")
    parts = parts_of(space)
    if value(image, "/BitsPerComponent") != 8 or not parts:
        return None
    inverted = list(value(image, "/Decode", []))[:2] == [1, 0]
    width, height = int(value(image, "/Width")), int(value(image, "/Height"))
    return Samples(width, height, parts, image.get_data(), space, inverted)
