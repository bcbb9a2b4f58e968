"""Long texts as bytes on their way to a client, a piece at a time."""

import zlib
from collections.abc import Iterator
from itertools import chain

CHUNK = 64 * 1024
# What gzip's own header asks of zlib, and a level at which a feed costs less to squeeze than to write.
GZIP_BITS = 31
LEVEL = 4


def in_chunks(texts: Iterator[str]) -> Iterator[bytes]:
    """UTF-8, in pieces of CHUNK bytes or more."""
    waiting: list[bytes] = []
    size = 0
    for text in texts:
        waiting.append(text.encode())
        size += len(waiting[-1])
        if size >= CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def begun(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The same, its first `most` bytes made at once: what fails among them fails before an answer has begun.

    Behind them a failure can only cut the answer off, and the server gives it an orderly end.
    """
    made: list[bytes] = []
    size = 0
    while size < most and (chunk := next(chunks, None)) is not None:
        made.append(chunk)
        size += len(chunk)
    return chain(made, chunks)


def gzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same as one gzip stream."""
    squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP_BITS)
    for chunk in chunks:
        if squeezed := squeeze.compress(chunk):
            yield squeezed
    yield squeeze.flush()
