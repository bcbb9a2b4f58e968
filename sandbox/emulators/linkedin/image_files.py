"""What a file is by its first bytes: JPEG, PNG and GIF, and how large the picture is."""

from collections.abc import Callable, Mapping

_JPEG, _PNG, _GIF = "image/jpeg", "image/png", "image/gif"
_SIGNATURES: Mapping[bytes, str] = {
    b"\xff\xd8\xff": _JPEG,
    b"\x89PNG\r\n\x1a\n": _PNG,
    b"GIF87a": _GIF,
    b"GIF89a": _GIF,
}
# SOF0 to SOF15, of which three mark other things (ITU T.81, table B.1).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def type_of(content: bytes) -> str | None:
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)


def pixels_of(content: bytes) -> int | None:
    """Width times height; None where the file does not tell."""
    kind = type_of(content)
    return _READERS[kind](content) if kind else None


def _png(content: bytes) -> int | None:
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    return int.from_bytes(content[16:20], "big") * int.from_bytes(content[20:24], "big")


def _gif(content: bytes) -> int | None:
    if len(content) < 10:
        return None
    return int.from_bytes(content[6:8], "little") * int.from_bytes(content[8:10], "little")


def _jpeg(content: bytes) -> int | None:
    """Of the first frame; segments are stepped over by their lengths."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4], "big")
        if marker in _FRAMES:
            height, width = content[place + 5 : place + 7], content[place + 7 : place + 9]
            return int.from_bytes(height, "big") * int.from_bytes(width, "big")
        place += 2 + length
    return None


_READERS: Mapping[str, Callable[[bytes], int | None]] = {_JPEG: _jpeg, _PNG: _png, _GIF: _gif}
