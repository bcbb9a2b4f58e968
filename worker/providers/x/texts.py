"""Texts that X takes: at most 280 by its weights, cut on a word, with the link whole.

Weights are those of X, "Counting characters", and never below them: a sequence of emojis is counted by its parts, and
whatever X could take for an address weighs as much more than it is written.
"""

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import urlsplit

from worker.kit.errors import Refused

LONGEST = 280
ADDRESS_WEIGHT = 23
_CUT = "…"
_GAP = "\n\n"
# Code points that weigh 1; all others weigh 2.
_LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_EMOJI_AMONG_LIGHT = frozenset("©®")
# A sign that is text until the selector behind it says that it is an emoji.
_SELECTED = re.compile("([\u2600-\u27bf])\ufe0f")
_ADDRESS = re.compile(r"(?<=[\w-])\.(?=[^\W\d_]{2})")
_CASHTAG = re.compile(r"(?<![\w$])\$(?=[A-Za-z])")
_PUBLIC_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,24}", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")


def weight(text: str) -> int:
    """Of a text without the link; at least what X counts."""
    text = _SELECTED.sub(r"\1", unicodedata.normalize("NFC", text))
    return sum(map(_weight, text)) + ADDRESS_WEIGHT * len(_ADDRESS.findall(text))


def link_weight(link: str) -> int:
    """X shortens what the internet can reach; another host, such as a laptop's, is plain text."""
    host = urlsplit(link).hostname or ""
    return ADDRESS_WEIGHT if _PUBLIC_HOST.fullmatch(host) else weight(link)


def composed(text: str, hashtags: Sequence[str], link: str) -> str:
    """The whole text with the link where it stands in it, else below; else its beginning and the link; then as many
    hashtags as there is room for. Raises Refused where not even the link has room.
    """
    if link_weight(link) > LONGEST:
        raise Refused(f"The link alone is longer than X takes ({LONGEST}).", code="publishing.too_long")
    whole = _tidy(_one_cashtag(text))
    if link not in whole:
        whole = _under(whole, link)
    room = LONGEST - _whole_weight(whole, link)
    if room >= 0:
        return _with_hashtags(whole, hashtags, room)
    said = _tidy(_one_cashtag(text.replace(link, " ")))
    return _under(_beginning(said, LONGEST - link_weight(link) - weight(_GAP)), link)


def _under(text: str, line: str) -> str:
    return _GAP.join(filter(None, (text, line)))


def _whole_weight(whole: str, link: str) -> int:
    return weight(whole.replace(link, " ")) + whole.count(link) * link_weight(link)


def _with_hashtags(text: str, hashtags: Sequence[str], room: int) -> str:
    shown: list[str] = []
    for word in (f"#{each}" for each in hashtags):
        needed = weight(_GAP + " ".join([*shown, word]))
        if needed > room:
            break
        shown.append(word)
    return _under(text, " ".join(shown))


def _beginning(text: str, room: int) -> str:
    """As many whole words as there is room for, with a mark that there were more."""
    room -= weight(_CUT)
    end, weighed = 0, 0
    for match in re.finditer(r"\s*\S+", text):
        weighed += weight(match[0])
        if weighed > room:
            break
        end = match.end()
    if end == 0:
        return _characters(text, room)
    return text[:end].rstrip(" \n,;:.–—-") + _CUT


def _characters(text: str, room: int) -> str:
    """Of a word that is longer than all."""
    end = 0
    while end < len(text) and weight(text[: end + 1]) <= room:
        end += 1
    return text[:end] + _CUT if end else ""


def _one_cashtag(text: str) -> str:
    """X refuses posts with two of them: the second one and all after it lose their sign."""
    first, rest = text, ""
    if match := _CASHTAG.search(text):
        first, rest = text[: match.end()], text[match.end() :]
    return first + _CASHTAG.sub("", rest)


def _tidy(text: str) -> str:
    """In NFC, and without the blanks that were around a link."""
    lines = (_BLANKS.sub(" ", line).strip() for line in unicodedata.normalize("NFC", text).splitlines())
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


def _weight(character: str) -> int:
    code = ord(character)
    light = any(low <= code <= high for low, high in _LIGHT) and character not in _EMOJI_AMONG_LIGHT
    return 1 if light else 2
