"""Texts as X counts and shows them: weights of characters, addresses behind t.co, cashtags.

Source: X, "Counting characters" and the configuration of version 3 of twitter-text.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 280
ADDRESS_WEIGHT = 23
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
# A part of the list of top-level domains: what stands behind a dot makes an address of a word.
_DOMAINS = "africa|app|biz|blog|cm|com|co|dev|eu|fr|ga|info|io|jobs|me|net|online|org|site|tech|uk|us|xyz"
_ADDRESS = re.compile(
    rf"https?://(?:[\w-]+\.)+[a-z]{{2,24}}(?::\d+)?(?:[/?#][^\s<>\"«»]*[^\s<>\"«».,;:!?)\]}}'’…])?/?"
    rf"|(?<![\w@$#./-])(?:[\w-]+\.)+(?:{_DOMAINS})(?![\w-])(?:/[^\s<>\"«»]*[^\s<>\"«».,;:!?)\]}}'’…])?",
    re.IGNORECASE,
)
_PICTURE = "[©®‼⁉™ℹ↔-↪⌚-⏿Ⓜ▪-◾☀-➿⤴⤵⬅-⭕〰〽㊗㊙\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
_MODIFIED = f"{_PICTURE}(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?"
_EMOJI = re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_MODIFIED}(?:\u200d{_MODIFIED})*", re.UNICODE)
_CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?![\w$])")


@dataclass(frozen=True, slots=True)
class Address:
    """short: what the text shows in its place."""

    long: str
    start: int
    end: int

    @property
    def short(self) -> str:
        return f"https://t.co/{hashlib.sha256(self.long.encode()).hexdigest()[:10]}"

    @property
    def expanded(self) -> str:
        return self.long if self.long.lower().startswith("http") else f"http://{self.long}"


def addresses(text: str) -> Sequence[Address]:
    return [Address(match[0], match.start(), match.end()) for match in _ADDRESS.finditer(text)]


def weight(text: str) -> int:
    text = unicodedata.normalize("NFC", text)
    found = addresses(text)
    return ADDRESS_WEIGHT * len(found) + sum(map(_weight, _between(text, found)))


def cashtags(text: str) -> int:
    return len(_CASHTAG.findall(text))


def shown(text: str) -> str:
    """With the short addresses."""
    pieces, end = [], 0
    for address in addresses(text):
        pieces += [text[end : address.start], address.short]
        end = address.end
    return "".join([*pieces, text[end:]])


def _between(text: str, found: Sequence[Address]) -> Iterator[str]:
    end = 0
    for address in found:
        yield text[end : address.start]
        end = address.end
    yield text[end:]


def _weight(text: str) -> int:
    rest, emoji = _EMOJI.subn("", text)
    return 2 * emoji + sum(1 if any(low <= ord(each) <= high for low, high in _LIGHT) else 2 for each in rest)
