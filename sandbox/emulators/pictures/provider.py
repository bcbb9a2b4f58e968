"""A server of pictures, as employers name them in their offers.

/pictures/team.png, team.jpg, team.gif: 1200 × 627 pixels, the same each time. large.png: 12 MB. wide.png: more pixels
than networks take. page.png: a page instead of a picture. moved.png: a redirect. broken.png: 503. Others: 404.

Below /_emulator/pictures:
GET counters: calls by name.
"""

import io
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache

from PIL import Image, ImageDraw

from sandbox.emulators.web import Request, Response, Router, html_response, json_response

CONTROL = "/_emulator/pictures"
SIZE = (1200, 627)
LARGE = 12 * 1024 * 1024
WIDE = (7000, 6000)


class Pictures:
    name = "pictures"

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._controls = Router()
        self._controls.add("GET", f"{CONTROL}/counters", lambda _: json_response(dict(self._calls)))

    def answer(self, request: Request) -> Response:
        name = request.path.rpartition("/")[2]
        self._calls[name] += 1
        make = _KNOWN.get(name)
        return make() if make and request.method == "GET" else Response(404)

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""


@cache
def drawn(kind: str, size: tuple[int, int] = SIZE) -> bytes:
    """Stripes in the product's colours."""
    picture = Image.new("P", size, 0)
    picture.putpalette([15, 76, 92, 226, 149, 120, 255, 255, 255])
    pen = ImageDraw.Draw(picture)
    for number, left in enumerate(range(0, size[0], max(size[0] // 12, 1))):
        pen.rectangle((left, 0, left + size[0] // 24, size[1]), fill=number % 3)
    written = io.BytesIO()
    (picture if kind != "JPEG" else picture.convert("RGB")).save(written, kind)
    return written.getvalue()


def _picture(kind: str, media_type: str, size: tuple[int, int] = SIZE) -> Callable[[], Response]:
    return lambda: Response(200, drawn(kind, size), {"Content-Type": media_type})


def _large() -> Response:
    content = drawn("PNG")
    return Response(200, content + bytes(LARGE - len(content)), {"Content-Type": "image/png"})


_KNOWN: Mapping[str, Callable[[], Response]] = {
    "team.png": _picture("PNG", "image/png"),
    "team.jpg": _picture("JPEG", "image/jpeg"),
    "team.gif": _picture("GIF", "image/gif"),
    "large.png": _large,
    "wide.png": _picture("PNG", "image/png", WIDE),
    "page.png": lambda: html_response("<!doctype html><title>Nothing here</title>"),
    "moved.png": lambda: Response(302, b"", {"Location": "/pictures/team.png"}),
    "broken.png": lambda: Response(503),
}
