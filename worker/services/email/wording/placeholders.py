"""`{name}` in what people write. Parsed, never evaluated: one pass, so that a value is never expanded again."""

import re
from collections.abc import Callable, Mapping

PLACEHOLDER = re.compile(r"\{([a-z_]{2,40})\}")
# A style sheet's braces are its own; one that is never closed reaches to the end, as mail programs read it.
_SHEET = re.compile(r"<style\b.*?(?:</style\s*>|\Z)", re.IGNORECASE | re.DOTALL)


def names(text: str) -> tuple[str, ...]:
    """The placeholders in order, each once. Other braces are text."""
    return tuple(dict.fromkeys(every_name(text)))


def every_name(text: str) -> list[str]:
    """The placeholders in order, as often as they stand there."""
    return PLACEHOLDER.findall(text)


def without_sheets(source: str) -> str:
    """HTML as it is written, but for its style sheets."""
    return _SHEET.sub(" ", source)


def fill(text: str, values: Mapping[str, str], *, escape: Callable[[str], str]) -> str:
    """Replace each placeholder by its escaped value; one without a value stays as it is written."""

    def value(found: re.Match[str]) -> str:
        return escape(values[found[1]]) if found[1] in values else found[0]

    return PLACEHOLDER.sub(value, text)
