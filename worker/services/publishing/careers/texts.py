"""Employers' texts for a public page: harmless HTML of a few elements, or plain words; both bounded.

Nothing here trusts a text: it is cut before any parser sees it, written anew by the e-mail room's `shaping`, and then
cleaned by nh3, which lets no script, style, picture or foreign address through.
"""

import html
import re
from collections.abc import Iterator

import nh3

from worker.services.email.templating import shaping
from worker.services.email.templating.bounds import Unfit, size_of
from worker.services.email.templating.cleaning import guarded
from worker.services.email.wording import formats
from worker.services.matching.plain_text import plain_text

TAGS = frozenset({"a", "b", "br", "em", "h3", "i", "li", "ol", "p", "strong", "u", "ul"})
SCHEMES = frozenset({"http", "https", "mailto"})
# A link in a text of somebody else's.
REL = "nofollow noopener noreferrer ugc"
TRIES = 6
LONGEST_SOURCE = 24_000
# Control characters, and those that turn the reading direction of what follows.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_MARKUP = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|strong|b|em|i|u|a|h[1-6]|table|tr|td|section|article|font|script|style|img|hr|"
    r"blockquote|pre|center)\b[^<>]*>|<!--",
    re.IGNORECASE,
)
_HEADING = re.compile(r"<(/?)h[1-6]\b[^<>]*>")
_BLOCK = re.compile(
    r"<(/?)(?:address|article|aside|blockquote|center|dd|div|dl|dt|fieldset|figcaption|figure|footer|header|main|nav|"
    r"pre|section|table|tbody|tfoot|thead|tr)\b[^<>]*>"
)
# Without one of these, line breaks are all that parts paragraphs.
_PARTING = re.compile(
    r"</?(?:p|br|div|ul|ol|li|h[1-6]|table|tr|td|section|article|blockquote|pre|center|hr)\b", re.IGNORECASE
)
_CELL_END = re.compile(r"</t[dh]>")
_EMPTY = re.compile(r"<(p|h3|li|ul|ol|b|i|u|em|strong)>(?:\s|&nbsp;|<br>)*</\1>")
_LINE_END = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_PARAGRAPH = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_BULLET = re.compile(r"[ \t]*(?:[•·▪●◦‣✓✔➢*-]|[–—](?=\s))[ \t]*(?=\S)")


def fitted(source: str | None, most: int) -> tuple[str, bool]:
    """Harmless HTML of at most `most` bytes of UTF-8, and whether all of the text is in it."""
    text = (source or "").strip()
    cut = text[: LONGEST_SOURCE - 1]
    for _ in range(TRIES):
        made = _html(cut)
        size = size_of(made)
        if size <= most:
            return made, len(cut) == len(text)
        cut = _shorter(cut, len(cut) * most * 9 // (10 * size))
    return "", False


def one_line(source: str | None, most: int) -> str:
    """A title or a name, which may have been stored with tags or entities of HTML."""
    text = source or ""
    return formats.line(plain_text(text), most) if "<" in text else formats.stored(text, most)


def summary(source: str | None, most: int) -> str:
    """One line of plain text, cut on a word."""
    words = formats.line(plain_text(source or ""), most + 1)
    return words if len(words) <= most else f"{_shorter(words, most - 1).rstrip(' ,;:.')}…"


def _shorter(text: str, length: int) -> str:
    """At most `length` characters, ending with a whole word where there is one."""
    if len(text) <= length:
        return text
    end = max(text.rfind(blank, length // 2, length + 1) for blank in (" ", "\n"))
    return text[: end if end > 0 else length]


def _html(text: str) -> str:
    if _MARKUP.search(text):
        try:
            return _cleaned(text)
        except Unfit:
            text = plain_text(text)
    return "".join(_paragraphs(text))


def _cleaned(source: str) -> str:
    source = source if _PARTING.search(source) else _LINE_END.sub("\n", source).replace("\n", "<br>")
    shaped = _HEADING.sub(r"<\1h3>", shaping.shape(source).html)
    shaped = _CELL_END.sub(" ", _BLOCK.sub(r"<\1p>", shaped))
    made = guarded(_cleaner().clean, shaped)
    for _ in range(3):
        made = _EMPTY.sub("", made)
    return _UNWRITABLE.sub("", made).strip()


def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        attributes={"a": {"href"}},
        url_schemes=set(SCHEMES),
        url_relative="deny",
        link_rel=REL,
    )


def _paragraphs(text: str) -> Iterator[str]:
    """What people type into a field for plain text: empty lines part paragraphs, bullets begin items of a list."""
    lines = _LINE_END.sub("\n", text)
    for block in _PARAGRAPH.split(lines):
        yield from _lists(block)


def _lists(block: str) -> Iterator[str]:
    words: list[str] = []
    items: list[str] = []
    for line in block.split("\n"):
        bullet = _BULLET.match(line)
        written = _escaped(line[bullet.end() :] if bullet else line)
        if not written:
            continue
        if bullet:
            yield from _paragraph(words)
            items.append(written)
        else:
            yield from _list(items)
            words.append(written)
    yield from _paragraph(words)
    yield from _list(items)


def _paragraph(lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"<p>{'<br>'.join(lines)}</p>"
        lines.clear()


def _list(items: list[str]) -> Iterator[str]:
    if items:
        yield f"<ul>{''.join(f'<li>{each}</li>' for each in items)}</ul>"
        items.clear()


def _escaped(line: str) -> str:
    return html.escape(formats.stored(line, LONGEST_SOURCE), quote=False)
