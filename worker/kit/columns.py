"""Columns of many rows as single parameters: a list would be converted and quoted element by element."""

from collections.abc import Iterable

SEPARATOR = "\x1f"


def numbers(values: Iterable[object]) -> str:
    """For `%(name)s::bigint[]`: whole numbers, or None."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def texts(values: Iterable[str]) -> str:
    """For `string_to_array(%(name)s, chr(31))`. That character, which nobody can type, becomes a blank; no values
    at all and one empty value are the same.
    """
    return SEPARATOR.join([value.replace(SEPARATOR, " ") for value in values])
