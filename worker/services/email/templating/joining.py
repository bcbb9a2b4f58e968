"""Placeholders that an editor's tags have parted are joined again."""

import re
from collections.abc import Sequence

from worker.services.email.templating.shaping import Piece

LONGEST_NAME = 40
_BEGIN = re.compile(r"\{([a-z_]{0,40})$")
_MIDDLE = re.compile(r"[a-z_]{0,40}")
_NAME = re.compile(r"[a-z_]{2,40}")


def join(pieces: Sequence[Piece]) -> None:
    """Put each placeholder that inline tags part into the piece that has most of its name."""
    for place, piece in enumerate(pieces):
        found = _BEGIN.search(piece.text, max(len(piece.text) - 41, 0)) if not piece.markup else None
        if found:
            _join(pieces, place, found)


def _join(pieces: Sequence[Piece], place: int, begin: re.Match[str]) -> None:
    parts = {place: begin[1]}
    length = len(begin[1])
    for other in range(place + 1, len(pieces)):
        piece = pieces[other]
        if piece.markup:
            if not piece.inline:
                return
            continue
        middle = _MIDDLE.match(piece.text)
        parts[other] = middle[0] if middle else ""
        length += len(parts[other])
        rest = piece.text[len(parts[other]) :]
        if rest.startswith("}"):
            _gather(pieces, parts, rest[1:])
            return
        if rest or length > LONGEST_NAME:
            return


def _gather(pieces: Sequence[Piece], parts: dict[int, str], rest: str) -> None:
    name = "".join(parts.values())
    if not _NAME.fullmatch(name):
        return
    first, *_, last = parts
    home = max(parts, key=lambda each: len(parts[each]))
    pieces[first].text = pieces[first].text[: -1 - len(parts[first])]
    pieces[last].text = rest
    for between in list(parts)[1:-1]:
        pieces[between].text = ""
    whole = f"{{{name}}}"
    pieces[home].text = whole + rest if home == last else pieces[home].text + whole
