"""Text of others, made fit to be written down: what Postgres cannot store is left out, its type is not trusted."""

import re
from collections.abc import Mapping
from typing import Any

# Neither text nor jsonb can hold these: NUL, and halves of characters.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# Other control characters have no place in a sentence.
_CONTROLS = re.compile(r"[\x01-\x1f\x7f-\x9f]+")


def storable(value: Any) -> Any:
    """The same text, or JSON value, without the characters that Postgres cannot store."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, Mapping):
        return {storable(key): storable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable(each) for each in value]
    return value


def sentence(value: Any, most: int) -> str:
    """What a provider said, on one line and cut at `most`: a text, a list of them, or nothing that can be told."""
    said = "; ".join(each for each in value if isinstance(each, str)) if isinstance(value, list) else value
    return _CONTROLS.sub(" ", storable(said)).strip()[:most] if isinstance(said, str) else ""
