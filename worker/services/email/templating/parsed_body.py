"""A template's body made ready once: its text, and its HTML in parts with the escaping that each place asks for."""

import html
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup, escape

from worker.kit.localisation import Sentence
from worker.services.email.templating import addresses, bounds, cleaning, plain
from worker.services.email.templating.bounds import Unfit
from worker.services.email.wording import placeholders

_TAG = re.compile(r"<[a-z][^<>]*>")
_ADDRESS = re.compile(r'(?<=\shref=")[^"]*(?=")|(?<=\ssrc=")[^"]*(?=")')
_LINK = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]])|(\{interview_link\})")
_ALONE = re.compile(r"<p\b([^<>]*)>\s*(\{jobs_list\}|\{details\})\s*</p>")
_SAFE_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\"'<>\\]+", re.IGNORECASE)


# A character of four bytes, each written as `%F0`.
LARGEST_ESCAPE = 12


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of HTML whose placeholders are all escaped by `fill`; blocks may stand only between tags."""

    source: str
    fill: Callable[[str, Mapping[str, str]], str]

    @property
    def takes_blocks(self) -> bool:
        return self.fill is _between_tags


@dataclass(frozen=True, slots=True)
class ParsedBody:
    """`names`: how often each placeholder stands in the HTML, the text, and the source that they were made from.
    `size`: bytes of the HTML or of the text, whichever are more.
    """

    parts: tuple[Part, ...]
    text: str
    names: Mapping[str, int]
    own_colours: bool
    size: int

    def largest(self, values: Mapping[str, str]) -> int:
        """No fewer bytes than the HTML and the text will have with these values."""
        return self.size + LARGEST_ESCAPE * sum(count * len(values.get(name, "")) for name, count in self.names.items())

    def html(self, values: Mapping[str, str], blocks: Mapping[str, Markup]) -> str:
        """A block goes in as it is between tags; elsewhere its name has the value of that name. Raises Unfit for
        values that would be too large together, before they are put in.
        """
        everywhere = {**values, **blocks}
        bounds.check_values(sum(count * len(everywhere.get(name, "")) for name, count in self.names.items()))
        return "".join(part.fill(part.source, everywhere if part.takes_blocks else values) for part in self.parts)


def prepare(source: str, body_format: str) -> ParsedBody:
    """`body_format` is html or text. The same mail goes to many: its body is cleaned and read once. Raises Unfit."""
    bounds.check_source(source)
    prepared = _prepared(source, body_format)
    if isinstance(prepared, Sentence):
        raise Unfit(prepared)
    return prepared


# A body is kept several times over and takes up to 2 MB.
@lru_cache(maxsize=32)
def _prepared(source: str, body_format: str) -> ParsedBody | Sentence:
    """The body, or why it is unfit: an unfit one is met once for each of its mails, too."""
    try:
        return _from_source(source, body_format)
    except Unfit as error:
        return error.said


def _from_source(source: str, body_format: str) -> ParsedBody:
    mended = addresses.without_scheme(source) if body_format == "text" else source
    cleaned = _from_text(mended) if body_format == "text" else cleaning.clean(source)
    text = plain.tidy(mended) if body_format == "text" else plain.from_html(cleaned)
    bounds.check_mail(cleaned, text)
    cleaned = _ALONE.sub(r"<div\1>\2</div>", cleaned)
    plain_source = source if body_format == "text" else placeholders.without_sheets(source)
    names = Counter(name for each in (plain_source, cleaned, text) for name in placeholders.every_name(each))
    size = max(bounds.size_of(cleaned), bounds.size_of(text))
    return ParsedBody(tuple(_parts(cleaned)), text, names, cleaning.has_colours(cleaned), size)


def _from_text(source: str) -> str:
    paragraphs = re.split(r"\n{2,}", plain.tidy(source))
    return "\n".join(f'<p style="margin:0 0 16px">{_paragraph(each)}</p>' for each in paragraphs if each)


def _paragraph(text: str) -> str:
    linked = (_linked(piece) if _LINK.fullmatch(piece) else html.escape(piece) for piece in _pieces(text))
    return "".join(linked).replace("\n", "<br>\n")


def _pieces(text: str) -> list[str]:
    return [piece for piece in _LINK.split(text) if piece]


def _linked(address: str) -> str:
    safe = html.escape(address)
    return f'<a href="{safe}">{safe}</a>'


def _parts(cleaned: str) -> list[Part]:
    parts: list[Part] = []
    end = 0
    for tag in _TAG.finditer(cleaned):
        if "{" in tag[0]:
            parts.append(Part(cleaned[end : tag.start()], _between_tags))
            parts.extend(_tag_parts(tag[0]))
            end = tag.end()
    parts.append(Part(cleaned[end:], _between_tags))
    return [part for part in parts if part.source]


def _tag_parts(tag: str) -> list[Part]:
    parts: list[Part] = []
    end = 0
    for address in _ADDRESS.finditer(tag):
        parts += (Part(tag[end : address.start()], _attribute), Part(address[0], _address))
        end = address.end()
    return [*parts, Part(tag[end:], _attribute)]


def _between_tags(source: str, values: Mapping[str, str]) -> str:
    return placeholders.fill(source, values, escape=escape)


def _attribute(source: str, values: Mapping[str, str]) -> str:
    return placeholders.fill(source, values, escape=html.escape)


def _address(source: str, values: Mapping[str, str]) -> str:
    """A placeholder that leads may be a whole address; anywhere else it is one piece of the template's own."""
    leading = placeholders.PLACEHOLDER.match(source)
    end = leading.end() if leading else 0
    head = placeholders.fill(source[:end], values, escape=_whole_address)
    return head + placeholders.fill(source[end:], values, escape=_address_piece)


def _whole_address(value: str) -> str:
    return html.escape(value) if _SAFE_ADDRESS.fullmatch(value.strip()) else "#"


def _address_piece(value: str) -> str:
    return quote(value, safe="@")
