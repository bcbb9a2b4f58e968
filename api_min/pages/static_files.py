"""Style sheets, scripts and pictures, each at an address that names its content: browsers keep it for ever."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response

from api_min.auth import open_route
from api_min.errors import ApiError

FOLDER = Path(__file__).with_name("static")
CACHED = "public, max-age=31536000, immutable"
TYPES: Mapping[str, str] = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    address: str
    content: bytes
    mimetype: str


def read_files(folder: Path = FOLDER) -> dict[str, StaticFile]:
    """The files by name. KeyError for one of a type that is not served."""
    return {path.name: _read(path) for path in sorted(folder.iterdir())}


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:16]
    return StaticFile(f"/static/{path.stem}.{digest}{path.suffix}", content, TYPES[path.suffix])


def register(app: Flask) -> None:
    """Serve the files, and tell templates their addresses: `static_url("app.css")`."""
    files = read_files()
    served = {each.address: each for each in files.values()}

    @open_route
    def show_static_file(name: str) -> Response:
        found = served.get(f"/static/{name}")
        if found is None:
            raise ApiError(404, "There is no such file; a page of this release names those that there are.")
        return Response(found.content, mimetype=found.mimetype, headers={"Cache-Control": CACHED})

    app.add_url_rule("/static/<name>", view_func=show_static_file)
    app.jinja_env.globals["static_url"] = lambda name: files[name].address
