"""What a template must be before it is saved. Whatever gets past this is still cleaned and escaped when it is sent."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nh3

from models.enums import TemplateType
from worker.services.email import placeholders, variables

LONGEST_NAME = 200
LONGEST_SUBJECT = 500

_SUSPICIOUS = re.compile(
    r"<\s*(?:script|iframe|frame|object|embed|applet|form|input|button|base|meta|link|svg|math)\b"
    r"|\bon[a-z]+\s*=|javascript\s*:|vbscript\s*:|data\s*:|&#",
    re.IGNORECASE,
)
_KEPT_TAGS = nh3.ALLOWED_TAGS | {"big", "center", "font", "style", "u"}
_KEPT_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": {"align", "bgcolor", "class", "color", "dir", "height", "id", "lang", "style", "title", "valign", "width"},
    "table": {"border", "cellpadding", "cellspacing", "role"},
}
_PLACEHOLDER_ADDRESS = re.compile(r"\{[a-z_]{2,40}\}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake: the member that holds it and a sentence."""

    member: str
    sentence: str


class Unacceptable(Exception):
    """A template that cannot be saved as it is."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.sentence for fault in faults))
        self.faults = tuple(faults)


def check(kind: TemplateType, subject: str, body: str) -> None:
    """Raise Unacceptable for every placeholder that the type does not have, and for blocks out of place."""
    faults = [
        Fault(member, _sentence(kind, found))
        for member, text in (("subject", subject), ("body", body))
        for found in variables.unknown(kind, text)
    ]
    faults += [fault for name in variables.blocks(kind) for fault in _misplaced(kind, name, subject, body)]
    if faults:
        raise Unacceptable(faults)


def _misplaced(kind: TemplateType, name: str, subject: str, body: str) -> Iterator[Fault]:
    """A type's block is what its mails are for: in the body, and not in a subject's one line."""
    if name in placeholders.names(subject):
        yield Fault("subject", f"{{{name}}} stands for a whole block: put it into the body, not into the subject.")
    if name not in placeholders.names(body):
        yield Fault("body", f"{{{name}}} is missing: the body of the type {kind} must say where this block goes.")


def _sentence(kind: TemplateType, found: variables.Unknown) -> str:
    hint = f"; did you mean {{{found.closest}}}?" if found.closest else "."
    return f"{{{found.name}}} is not a variable of the type {kind}{hint}"


def one_line(subject: str) -> str:
    """A subject without line breaks and control characters: it becomes a header."""
    plain = "".join(" " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each for each in subject)
    return re.sub(" {2,}", " ", plain).strip()[:LONGEST_SUBJECT]


def harmless(body: str, body_format: str) -> str:
    """The body as written, or without what would run, load or ask when it is shown as a page."""
    if body_format != "html" or not _SUSPICIOUS.search(body):
        return body
    return _cleaner().clean(body)


def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_KEPT_TAGS,
        clean_content_tags={"iframe", "noscript", "object", "script", "template"},
        attributes=_KEPT_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        url_relative=_address,
        link_rel=None,
    )


def _address(address: str) -> str | None:
    return address if _PLACEHOLDER_ADDRESS.match(address) else None
