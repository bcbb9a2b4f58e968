"""Style sheets cut down to what can be moved into elements at a bounded cost: plain rules with plain selectors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from typing_extensions import override

# Types, classes, identifiers and attributes, one below, inside or right behind another: each is decided by looking at
# an element, its ancestors and its elder sibling once. Four steps at most.
_FEATURE = (
    r"(?:[.#][a-z_-][\w-]*+|\[[a-z-]++(?:[~|^$*]?=(?:\"[^\"\\<>]*+\"|'[^'\\<>]*+'|[\w-]++))?\]"
    r"|:(?:first|last)-child|:link)"
)
_SIMPLE = rf"(?:(?:\*|[a-z][a-z0-9-]*+){_FEATURE}*+|{_FEATURE}++)"
_SELECTOR = re.compile(rf"{_SIMPLE}(?:(?:\s*[>+]\s*|\s+){_SIMPLE}){{0,3}}", re.IGNORECASE | re.ASCII)
_LONGEST_SELECTOR = 200
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_BRACES = re.compile(r"[{};]")
_STYLE = re.compile(
    r"(?:background|background-color|border(?:-[a-z-]+)?|color|display|font(?:-[a-z-]+)?|height|letter-spacing"
    r"|line-height|list-style(?:-type)?|margin(?:-[a-z]+)?|max-width|min-width|padding(?:-[a-z]+)?|text-[a-z-]+"
    r"|vertical-align|white-space|width|word-break)"
)
# No address, escape, placeholder or negative length: none of them belongs to a harmless value.
_UNSAFE_VALUE = re.compile(
    r"[\\{}<>@]|(?<![\w.])-\s*\.?\d|(?:url|image|image-set|expression|element|var|attr)\s*\(|/\*|javascript:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """`declarations` as a style attribute holds them, harmless."""

    selectors: tuple[str, ...]
    declarations: str

    @override
    def __str__(self) -> str:
        return f"{','.join(self.selectors)}{{{self.declarations}}}"


def rules(sheet: str) -> Iterator[Rule]:
    """The rules that can be moved into elements, in order; what stands in at-rules is for screens, not for mails."""
    for head, content in _blocks(_COMMENT.sub(" ", sheet)):
        declared = harmless(content)
        plain = tuple(selector for each in head.split(",") if _plain(selector := each.strip()))
        if declared and plain:
            yield Rule(plain, declared)


def harmless(declarations: str) -> str:
    """Of the declarations of a style attribute those that only change how words look."""
    kept = []
    for declaration in declarations.split(";"):
        name, _, content = (part.strip() for part in declaration.partition(":"))
        if content and _STYLE.fullmatch(name.lower()) and not _UNSAFE_VALUE.search(content):
            kept.append(f"{name.lower()}:{content}")
    return ";".join(kept)


def _plain(selector: str) -> bool:
    return len(selector) <= _LONGEST_SELECTOR and _SELECTOR.fullmatch(selector) is not None


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of each rule that stands in no other block. An at-rule ends with `;` or its block."""
    depth = start = 0
    head = ""
    for brace in _BRACES.finditer(sheet):
        if brace[0] == "{":
            if depth == 0:
                head, start = sheet[start : brace.start()].strip(), brace.end()
            depth += 1
        elif brace[0] == "}":
            depth = max(depth - 1, 0)
            if depth == 0:
                if not head.startswith("@"):
                    yield head, sheet[start : brace.start()]
                head, start = "", brace.end()
        elif depth == 0:
            start = brace.end()
