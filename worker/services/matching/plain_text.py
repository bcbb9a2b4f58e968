"""The text a reader of an HTML fragment sees."""

import re

from worker.kit.words import decoded

# One alternative per kind of mark; each is linear, whatever the author forgot to close.
_MARK = re.compile(
    r"<!--|-->|<(?P<closing>/?)(?P<name>[a-z][a-z0-9:._-]*)(?![^\s/>])[^<>]*>|<(?P<aside>[?!])[^<>]*>",
    re.IGNORECASE,
)
_HIDDEN = frozenset({"script", "style"})
_INSIDE_WORDS = frozenset(
    "a abbr b code em font i kbd mark s small span strong sub sup u wbr".split()  # noqa: SIM905 - a word list
)


def plain_text(fragment: str) -> str:
    """Tags, comments, instructions, scripts and styles removed, then entities decoded once. Block tags separate
    words; inline tags and those with a prefix or a hyphen (`<o:p>`) do not; what never was a tag (`salaire < 500 000`)
    stays. An unclosed comment or script hides the rest.
    """
    parts: list[str] = []
    position = 0
    hidden_by = ""
    for mark in _MARK.finditer(fragment):
        if not hidden_by:
            parts.append(fragment[position : mark.start()])
            parts.append("" if _is_inside_words(mark) else " ")
        position = mark.end()
        hidden_by = _hidden_after(mark, hidden_by)
    if not hidden_by:
        parts.append(fragment[position:])
    return decoded("".join(parts))


def _is_inside_words(mark: re.Match[str]) -> bool:
    name = (mark["name"] or "").lower()
    return bool(mark["aside"]) or name in _INSIDE_WORDS or ":" in name or "-" in name


def _hidden_after(mark: re.Match[str], hidden_by: str) -> str:
    """What hides the text behind this mark: `<!--`, `script`, `style` or nothing."""
    name = (mark["name"] or "").lower()
    if hidden_by:
        ends = mark.group().endswith("-->") if hidden_by == "<!--" else bool(mark["closing"]) and name == hidden_by
        return "" if ends else hidden_by
    if mark.group() == "<!--":
        return "<!--"
    return name if name in _HIDDEN and not mark["closing"] else ""
