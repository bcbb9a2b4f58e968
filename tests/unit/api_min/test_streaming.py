"""Long texts on their way to a client."""

import gzip
from collections.abc import Iterator

import pytest

from api_min.streaming import CHUNK, begun, gzipped, in_chunks


def failing(pieces: int) -> Iterator[bytes]:
    for _ in range(pieces):
        yield b"x" * 10
    raise RuntimeError("the database went away")


def test_pieces_are_sent_together_and_whole() -> None:
    texts = [f"offre {number} é " * 100 for number in range(500)]
    chunks = list(in_chunks(iter(texts)))
    assert b"".join(chunks).decode() == "".join(texts)
    assert min(map(len, chunks[:-1])) >= CHUNK
    assert gzip.decompress(b"".join(gzipped(in_chunks(iter(texts))))).decode() == "".join(texts)
    assert list(in_chunks(iter(()))) == []


def test_what_fails_early_fails_before_the_first_byte() -> None:
    with pytest.raises(RuntimeError):
        begun(failing(3), 100)
    rest = begun(failing(30), 100)
    assert [next(rest) for _ in range(30)] == [b"x" * 10] * 30
    with pytest.raises(RuntimeError):
        next(rest)
    assert list(begun(iter([b"a", b"b"]), 100)) == [b"a", b"b"]
