"""Text of others, made fit to be read and written down: nothing in it, nor its type, is trusted."""

import html
import re
from collections.abc import Mapping
from typing import Any

# Neither text nor jsonb can hold these: NUL, and halves of characters.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# Other control characters have no place in a sentence.
_CONTROLS = re.compile(r"[\x01-\x1f\x7f-\x9f]+")
# Python refuses to read very long numbers; no character has one of more than seven digits, zeros before it aside.
_ZEROS = re.compile(r"&#(?:0+(?=[0-9])|[xX]0+(?=[0-9a-fA-F]))")
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")


def storable(value: Any) -> Any:
    """The same text, or JSON value, without the characters that Postgres cannot store."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, Mapping):
        return {storable(key): storable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable(each) for each in value]
    return value


def decoded(text: str) -> str:
    """Character references of HTML read once, whatever numbers people write into them."""
    if "&" not in text:
        return text
    short = _ZEROS.sub(lambda found: found[0].rstrip("0"), text)
    return html.unescape(_NO_CHARACTER.sub("\ufffd", short))


def sentence(value: Any, most: int) -> str:
    """What a provider said, on one line and cut at `most`: a text, a list of them, or nothing that can be told."""
    said = "; ".join(each for each in value if isinstance(each, str)) if isinstance(value, list) else value
    return _CONTROLS.sub(" ", storable(said)).strip()[:most] if isinstance(said, str) else ""
