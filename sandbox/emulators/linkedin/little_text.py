r"""What readers see of a commentary. Source: LinkedIn, "little Text Format".

Fifteen characters are reserved. Each is plain text behind a backslash, else the start of an element: `#word`,
`{hashtag|\#|word}`, `@[Name](urn:li:organization:1)`. Where it starts none, LinkedIn takes the post and drops the rest
of its text without a word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

RESERVED = "\\|{}@[]()<>#*_~"

_TEXT = rf"(?:[^{re.escape(RESERVED)}]|\\[{re.escape(RESERVED)}])"
_ELEMENT = re.compile(
    rf"(?P<text>{_TEXT}+)"
    r"|#(?P<word>[^\W_]+)"
    rf"|\{{hashtag\|(?P<sign>\\?[#＃])\|(?P<template_word>{_TEXT}+)\}}"
    rf"|@\[(?P<name>{_TEXT}+)\]\((?P<urn>urn:li:(?:organization|person):[\w-]+)\)"
)
_ESCAPED = re.compile(rf"\\([{re.escape(RESERVED)}])")
_RESERVED = re.compile(rf"[{re.escape(RESERVED)}]")


@dataclass(frozen=True, slots=True)
class Element:
    """text: as it is seen. urn: who is mentioned."""

    text: str
    kind: Literal["text", "hashtag", "mention"] = "text"
    urn: str = ""


@dataclass(frozen=True, slots=True)
class LittleText:
    """raw: as it was sent. kept: what is left of it."""

    raw: str
    kept: str
    elements: tuple[Element, ...]

    @property
    def cut(self) -> bool:
        return len(self.kept) < len(self.raw)

    @property
    def visible(self) -> str:
        return "".join(element.text for element in self.elements)

    @property
    def hashtags(self) -> tuple[str, ...]:
        """Without their signs, in their order."""
        return tuple(element.text[1:] for element in self.elements if element.kind == "hashtag")

    @property
    def mentions(self) -> tuple[str, ...]:
        return tuple(element.urn for element in self.elements if element.kind == "mention")


def parse(raw: str) -> LittleText:
    elements: list[Element] = []
    end = 0
    for match in _elements(raw):
        elements.append(_element(match))
        end = match.end()
    return LittleText(raw, raw[:end], tuple(elements))


def escaped(text: str) -> str:
    """As a commentary that shows this text."""
    return _RESERVED.sub(r"\\\g<0>", text)


def _elements(raw: str) -> Iterator[re.Match[str]]:
    """As many as follow each other from the start."""
    match = _ELEMENT.match(raw)
    while match:
        yield match
        match = _ELEMENT.match(raw, match.end())


def _element(match: re.Match[str]) -> Element:
    if match["word"]:
        return Element(f"#{match['word']}", "hashtag")
    if match["template_word"]:
        return Element(_plain(match["sign"] + match["template_word"]), "hashtag")
    if match["urn"]:
        return Element(_plain(match["name"]), "mention", match["urn"])
    return Element(_plain(match["text"]))


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
