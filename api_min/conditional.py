"""Public answers that caches keep for a moment and ask about again: what has not changed is not rendered again."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, Response, current_app, request

EXTENSION = "intowork.etags"
# What has ended is gone everywhere within a minute: a cache on the way, and then the browser's own.
MAX_AGE = 25
MOST_KNOWN = 20_000
LARGEST_KEPT = 256 * 1024
MOST_KEPT = 8 * 1024 * 1024


@dataclass
class KnownAnswers:
    """The ETags of what this process has rendered lately, by what it was rendered from; of dear ones the bodies too."""

    _tags: OrderedDict[bytes, str] = field(default_factory=OrderedDict)
    _bodies: OrderedDict[bytes, bytes] = field(default_factory=OrderedDict)
    _size: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def tag(self, key: bytes) -> str | None:
        with self._guard:
            return self._tags.get(key)

    def body(self, key: bytes) -> bytes | None:
        with self._guard:
            return self._bodies.get(key)

    def remember(self, key: bytes, tag: str) -> None:
        with self._guard:
            self._tags[key] = tag
            if len(self._tags) > MOST_KNOWN:
                self._tags.popitem(last=False)

    def keep(self, key: bytes, body: bytes) -> None:
        """The oldest ones make room."""
        if len(body) > LARGEST_KEPT:
            return
        with self._guard:
            self._size += len(body) - len(self._bodies.pop(key, b""))
            self._bodies[key] = body
            while self._size > MOST_KEPT:
                self._size -= len(self._bodies.popitem(last=False)[1])


def asks_again() -> bool:
    """Whether the client has an answer already, and asks for another one only."""
    return bool(request.if_none_match)


def unchanged(source: object, *, private: bool = False) -> Response | None:
    """304 when the client is known to have what would be made from `source`; None when it must be made."""
    known: KnownAnswers = current_app.extensions[EXTENSION]
    tag = known.tag(_key(source)) if asks_again() else None
    if tag is None or not request.if_none_match.contains_weak(tag):
        return None
    return _finished(Response(status=304), tag, private=private)


def _key(source: object) -> bytes:
    return hashlib.blake2b(repr(source).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def conditional(
    source: object, make: Callable[[], str | bytes], mimetype: str, *, private: bool = False, keep: bool = False
) -> Response:
    """200, or 304 when the client has what would be sent. source: all that `make` makes it from; its repr tells two
    apart. private: no cache on the way keeps it. keep: the body is dear, and remembered.
    """
    if (same := unchanged(source, private=private)) is not None:
        return same
    known: KnownAnswers = current_app.extensions[EXTENSION]
    key = _key(source)
    body = known.body(key)
    if body is None:
        made = make()
        body = made.encode() if isinstance(made, str) else made
        if keep:
            known.keep(key, body)
    tag = hashlib.sha256(body).hexdigest()[:32]
    known.remember(key, tag)
    if request.if_none_match.contains_weak(tag):
        return _finished(Response(status=304), tag, private=private)
    return _finished(Response(body, mimetype=mimetype), tag, private=private)


def _finished(response: Response, tag: str, *, private: bool) -> Response:
    response.set_etag(tag)
    return cached(response, private=private)


def cached(response: Response, *, private: bool = False) -> Response:
    """Caches may keep it for less than a minute."""
    response.headers["Cache-Control"] = f"{'private' if private else 'public'}, max-age={MAX_AGE}"
    return response


def register(app: Flask) -> None:
    app.extensions[EXTENSION] = KnownAnswers()
