"""The text part of a mail, from HTML that is already clean."""

import re
from html.parser import HTMLParser

from typing_extensions import override

_BLANKS = re.compile(r"[ \t\r\n\f]+")
_PARAGRAPHS = frozenset(("blockquote", "center", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"))
_DASH = "- "
_LINES = frozenset(("div", "li", "tr"))


def from_html(html: str) -> str:
    """Paragraphs apart by an empty line, list items with a dash, each link's address after its words."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tidy("".join(reader.parts))


def tidy(text: str) -> str:
    """Line ends as LF, no blanks around a line, at most one empty line in a row."""
    lines = "\n".join(line.strip(" \t") for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._links: list[tuple[str, int]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self._break(tag)
        if tag == "li":
            self.parts.append(_DASH)
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "hr":
            self.parts.append("\n\n---\n\n")
        elif tag == "img":
            self._say(attributes.get("alt", ""))
        elif tag == "a":
            self._links.append((attributes.get("href", ""), len(self.parts)))

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._end_link(*self._links.pop())
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag in _PARAGRAPHS:
            self._break(tag)

    @override
    def handle_data(self, data: str) -> None:
        words = _BLANKS.sub(" ", data)
        self._say(words.lstrip(" ") if self._at_line_start() else words)

    def _say(self, words: str) -> None:
        if words:
            self.parts.append(words)

    def _end_link(self, address: str, start: int) -> None:
        words = "".join(self.parts[start:]).strip()
        if address and address not in {words, f"mailto:{words}"}:
            self.parts.append(f" ({address.removeprefix('mailto:')})" if words else address)

    def _break(self, tag: str) -> None:
        if self.parts and self.parts[-1] == _DASH:
            return
        if tag in _PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag in _LINES and not self._at_line_start():
            self.parts.append("\n")

    def _at_line_start(self) -> bool:
        return not self.parts or self.parts[-1].endswith("\n")
