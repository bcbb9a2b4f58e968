"""HTML cut into tags and texts from left to right, each character looked at a bounded number of times.

Nothing depends on reading exactly as a browser does: what comes of it is written anew, escaped and balanced, before
anything else reads it (`shaping`). Comments, declarations and scripts are gone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from worker.kit.words import decoded

_BLANK = r"[ \t\n\r\f]"
_OPENING = re.compile(r"<(/?)([A-Za-z][^ \t\n\r\f/>]*)")
_ATTRIBUTE = re.compile(
    rf"(?:{_BLANK}|/)*([^ \t\n\r\f/>][^ \t\n\r\f/>=]*)"
    rf"""(?:{_BLANK}*={_BLANK}*("[^"]*"|'[^']*'|[^ \t\n\r\f>"'][^ \t\n\r\f>]*|(?=>)))?"""
)
_OPEN_QUOTE = re.compile(rf"{_BLANK}*={_BLANK}*[\"']")
_CLOSING = re.compile(rf"(?:{_BLANK}|/)*>")
_RAW = ("iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp")
_RAW_END = {name: re.compile(rf"</{name}(?=[ \t\n\r\f/>])", re.IGNORECASE | re.ASCII) for name in _RAW}
_CONTROLS = dict.fromkeys((*range(9), 11, *range(14, 32), *range(127, 160)))


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with its name in lower case and its attributes decoded; the first one of a name counts."""

    name: str
    closes: bool = False
    empty: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """Text, decoded."""

    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a style element holds."""

    rules: str


Token = Tag | Words | Sheet


def decode(text: str) -> str:
    """Character references read, control characters left out."""
    return decoded(text).translate(_CONTROLS)


def read(source: str) -> Iterator[Token]:
    """The tokens of a document, in order. What stands behind a tag or comment that never ends is not read."""
    position = 0
    while position < len(source):
        found = source.find("<", position)
        end = len(source) if found < 0 else found
        if end > position:
            yield Words(decode(source[position:end]))
        token, position = (None, end) if found < 0 else _markup(source, found)
        if token is not None:
            yield token


def _markup(source: str, at: int) -> tuple[Token | None, int]:
    opening = _OPENING.match(source, at)
    if opening is None:
        return _no_tag(source, at)
    tag, end = _tag(source, opening)
    if tag is None or tag.closes or tag.name not in _RAW_END:
        return tag, end
    closing = None if tag.name == "plaintext" else _RAW_END[tag.name].search(source, end)
    stop = closing.start() if closing else len(source)
    return (Sheet(source[end:stop]) if tag.name == "style" else None), stop


def _no_tag(source: str, at: int) -> tuple[Token | None, int]:
    if source.startswith("<!--", at):
        return None, _behind(source, "-->", at + 2)
    if source.startswith(("<!", "<?", "</"), at):
        return None, _behind(source, ">", at)
    return Words("<"), at + 1


def _behind(source: str, mark: str, at: int) -> int:
    found = source.find(mark, at)
    return len(source) if found < 0 else found + len(mark)


def _tag(source: str, opening: re.Match[str]) -> tuple[Tag | None, int]:
    attributes: dict[str, str] = {}
    position = opening.end()
    while found := _ATTRIBUTE.match(source, position):
        position = found.end()
        if found[2] is None and _OPEN_QUOTE.match(source, position):
            return None, len(source)
        value = found[2] or ""
        attributes.setdefault(found[1].lower(), decode(value[1:-1] if value[:1] in {'"', "'"} else value))
    closing = _CLOSING.match(source, position)
    if closing is None:
        return None, len(source)
    empty = source[closing.end() - 2] == "/"
    return Tag(opening[2].lower(), bool(opening[1]), empty, attributes), closing.end()
