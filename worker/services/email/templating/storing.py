"""A template's body as it is stored. The main web app shows that column as a page: nothing in it may run or load."""

import re

import nh3

from worker.services.email.templating import cleaning, elements, sheets, tokens

_NAMES = "|".join(sorted(elements.KNOWN, key=len, reverse=True))
# What parts a tag's attributes: to a browser any other blank belongs to the tag's name.
_BLANK = r"[ \t\n\r\f]"
# One reading only, by whatever program: known tags, quoted attributes, comments without dashes, and an address in
# pointed brackets, upon which no program acts.
_PIECE = re.compile(
    r"[^<]++|<(?![A-Za-z/!?])|<[^\s<>\"'=/@]++@[^\s<>\"'=/@]++>|<!--(?:[^<>-]++|-(?!-))*-->"
    rf"|<style(?:{_BLANK}+type=[\"']text/css[\"'])?>(?P<sheet>[^<]*+)</style>"
    rf"""|</?(?:{_NAMES})(?P<attributes>(?:{_BLANK}++[a-z-]++(?:="[^"<>]*+"|='[^'<>]*+')?)*){_BLANK}*+/?>""",
    re.IGNORECASE | re.ASCII,
)
_ATTRIBUTE = re.compile(r"([a-z-]++)(?:=(?:\"([^\"]*+)\"|'([^']*+)'))?", re.IGNORECASE | re.ASCII)
_ATTRIBUTES = frozenset().union(*elements.ATTRIBUTES.values(), ("class", "id", "rel", "target"))
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:|www\.|[/#?]|\{[a-z_]{2,40}\})[^\x00-\x20\x7f]*+|", re.IGNORECASE)
_IMAGE = re.compile(r"(?:https?://|cid:|\{[a-z_]{2,40}\})[^\x00-\x20\x7f]*+|", re.IGNORECASE)
_RISKY_STYLE = re.compile(r"[\\<]|/\*|expression|javascript|vbscript|behavior|binding|@import|url\s*\(", re.IGNORECASE)


def as_page(body: str) -> str:
    """An HTML body as it is written when it only consists of what is harmless, else what is harmless of it.

    Raises Unfit.
    """
    return body if risky(body) is None else _cleaned(body)


def risky(body: str) -> str | None:
    """Where a body begins to be more than known tags, harmless attributes and text: its next characters."""
    position = 0
    while position < len(body):
        piece = _PIECE.match(body, position)
        if piece is None or not _harmless(piece):
            return body[position : position + 20]
        position = piece.end()
    return None


def _harmless(piece: re.Match[str]) -> bool:
    if _RISKY_STYLE.search(piece["sheet"] or ""):
        return False
    return all(_harmless_attribute(*found.groups()) for found in _ATTRIBUTE.finditer(piece["attributes"] or ""))


def _harmless_attribute(name: str, first: str | None, second: str | None) -> bool:
    name, value = name.lower(), tokens.decode(first or second or "")
    if name == "href":
        return _ADDRESS.fullmatch(value.strip()) is not None
    if name == "src":
        return _IMAGE.fullmatch(value.strip()) is not None
    return name in _ATTRIBUTES and not (name == "style" and _RISKY_STYLE.search(value))


def _cleaned(body: str) -> str:
    shape = cleaning.whole(body)
    sheet = "".join(map(str, shape.rules))
    return (f"<style>{sheet}</style>" if sheet else "") + cleaning.guarded(_cleaner().clean, shape.html)


def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(elements.KNOWN),
        attributes={
            **{name: set(kept) for name, kept in elements.ATTRIBUTES.items()},
            "*": {*elements.ATTRIBUTES["*"], "class", "id"},
        },
        attribute_filter=lambda _, name, value: (sheets.harmless(value) or None) if name == "style" else value,
        url_schemes={"http", "https", "mailto"},
        url_relative=cleaning.relative,
        link_rel=None,
    )
