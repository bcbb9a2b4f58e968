"""A server of files, as candidates' CVs lie on one.

/cvs/{name}: what was put there, with an ETag, and 304 for whoever has it. large.pdf: 12 MB. moved.pdf: a redirect.
private.pdf: 403. broken.pdf: 503. Others: 404.

Below /_emulator/cvs:
PUT files/{name}: puts a file there, its bytes as the body.
GET counters: answers by name and status, as `cv.pdf 304`.
"""

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Mapping

from sandbox.emulators.web import Request, Response, Router, json_response

CONTROL = "/_emulator/cvs"
LARGE = 12 * 1024 * 1024
PDF = {"Content-Type": "application/pdf"}


class Cvs:
    name = "cvs"

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._files: dict[str, bytes] = {}
        self._answers: Counter[str] = Counter()
        self._routes = Router()
        self._routes.add("GET", "/cvs/{name}", self._hand_out)
        self._controls = Router()
        self._controls.add("PUT", f"{CONTROL}/files/{{name}}", self._put)
        self._controls.add("GET", f"{CONTROL}/counters", lambda _: json_response(dict(self._answers)))

    def answer(self, request: Request) -> Response:
        return self._routes.answer(request)

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _hand_out(self, request: Request) -> Response:
        name = request.parameters["name"]
        with self._guard:
            response = _KNOWN[name]() if name in _KNOWN else self._file(name, request.headers.get("if-none-match"))
            self._answers[f"{name} {int(response.status)}"] += 1
        return response

    def _file(self, name: str, known: str | None) -> Response:
        content = self._files.get(name)
        if content is None:
            return Response(404)
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        return Response(304) if known == etag else Response(200, content, {**PDF, "ETag": etag})

    def _put(self, request: Request) -> Response:
        with self._guard:
            self._files[request.parameters["name"]] = request.body
        return Response(204)


_KNOWN: Mapping[str, Callable[[], Response]] = {
    "large.pdf": lambda: Response(200, b"%PDF-1.7\n" + bytes(LARGE), PDF),
    "moved.pdf": lambda: Response(302, b"", {"Location": "/cvs/cv.pdf"}),
    "private.pdf": lambda: Response(403),
    "broken.pdf": lambda: Response(503),
}
