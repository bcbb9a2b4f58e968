"""LinkedIn's markup of posts. Source: LinkedIn, "little Text Format".

A reserved character that is not escaped makes LinkedIn accept the post and cut it there, without a word.
"""

import re

RESERVED = "\\|{}@[]()<>#*_~"
_ESCAPES = str.maketrans({character: f"\\{character}" for character in RESERVED})
_ESCAPED = re.compile(rf"\\([{re.escape(RESERVED)}])")


def escape(text: str) -> str:
    """What shows `text` as it is. To be done once: a text that is escaped twice shows its backslashes."""
    return text.translate(_ESCAPES)


def unescape(text: str) -> str:
    """The text that was escaped."""
    return _ESCAPED.sub(r"\1", text)


def hashtags(words: tuple[str, ...]) -> str:
    """Real ones, as readers can follow them."""
    return " ".join(f"#{escape(word)}" for word in words)
