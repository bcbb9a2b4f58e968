"""`{name}` in what people write. Parsed, never evaluated: one pass, so that a value is never expanded again."""

import re
from collections.abc import Callable, Iterator, Mapping

# A style sheet's braces are its own; one that is never closed reaches to the end, as mail programs read it.
_PART = re.compile(r"(?P<style>(?is:<style\b.*?(?:</style\s*>|\Z)))|\{(?P<name>[a-z_]{2,40})\}")


def names(text: str) -> tuple[str, ...]:
    """The placeholders in order, each once. Other braces are text."""
    return tuple(dict.fromkeys(every_name(text)))


def every_name(text: str) -> Iterator[str]:
    """The placeholders in order, as often as they stand there."""
    return (part["name"] for part in _PART.finditer(text) if part["name"])


def fill(text: str, values: Mapping[str, str], *, escape: Callable[[str], str]) -> str:
    """Replace each placeholder by its escaped value; one without a value stays as it is written."""

    def value(part: re.Match[str]) -> str:
        name = part["name"]
        return escape(values[name]) if name in values else part[0]

    return _PART.sub(value, text)
