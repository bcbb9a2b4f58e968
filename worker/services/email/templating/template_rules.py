"""What a template must be before it is saved. Whatever gets past this is still cleaned and escaped when it is sent."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.enums import TemplateType
from worker.services.email.templating import bounds, cleaning, storing
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.composing import Draft, sample
from worker.services.email.wording import near_misses, placeholders, variables

LONGEST_NAME = 200
LONGEST_SUBJECT = 500
MOST_WARNINGS = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake: the member that holds it and a sentence."""

    member: str
    sentence: str


class InvalidTemplate(Exception):
    """A template that cannot be saved as it is."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.sentence for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class _Member:
    """Subject or body: its placeholders, and what a reader sees of it."""

    name: str
    used: tuple[str, ...]
    seen: str


def check(draft: Draft) -> None:
    """Raise InvalidTemplate for unknown placeholders and their misspellings, for blocks out of place, for markup beyond
    the bounds, and for what would run in plain text.
    """
    try:
        faults = _faults(draft)
        if not faults:
            sample(draft)
    except Unfit as error:
        faults = [Fault("body", str(error))]
    if faults:
        raise InvalidTemplate(faults)


def _faults(draft: Draft) -> list[Fault]:
    members = _members(draft)
    faults = [fault for member in members for fault in _misnamed(draft.kind, member)]
    faults += [fault for name in variables.blocks(draft.kind) for fault in _misplaced(draft.kind, name, *members)]
    if draft.body_format == "text" and (risky := storing.risky(draft.body)):
        sentence = f"Where this text is shown as a page, {risky!r} would not be read as text. Put a blank behind <."
        faults.append(Fault("body", sentence))
    return faults


def warnings(draft: Draft) -> list[str]:
    """What can be saved, and may still not be what was meant: a sentence each, 20 at most."""
    try:
        members = _members(draft)
    except Unfit as error:
        return [str(error)]
    every = dict.fromkeys(sentence for member in members for sentence in _doubts(draft.kind, member))
    return list(every)[:MOST_WARNINGS]


def _members(draft: Draft) -> tuple[_Member, _Member]:
    """Raises Unfit."""
    subject = _Member("subject", placeholders.names(draft.subject), " ".join(draft.subject.splitlines()))
    return subject, _body(draft)


def _body(draft: Draft) -> _Member:
    bounds.check_source(draft.body)
    if draft.body_format == "text":
        return _Member("body", placeholders.names(draft.body), " ".join(draft.body.splitlines()))
    shape = cleaning.whole(draft.body)
    used = dict.fromkeys(
        (*placeholders.names(placeholders.without_sheets(draft.body)), *placeholders.names(shape.html))
    )
    return _Member("body", tuple(used), "\n".join((shape.text, *shape.links)))


def _misnamed(kind: TemplateType, member: _Member) -> Iterator[Fault]:
    for found in variables.unknown(kind, member.used):
        hint = f"; did you mean {{{found.closest}}}?" if found.closest else "."
        yield Fault(member.name, f"{{{found.name}}} is not a variable of the type {kind}{hint}")
    for braces in near_misses.find(member.seen, variables.known(kind)):
        if braces.name:
            yield Fault(member.name, f"{braces.written} is not replaced; write {{{braces.name}}}.")


def _doubts(kind: TemplateType, member: _Member) -> Iterator[str]:
    for name in variables.without_value(kind, member.used):
        yield f"{{{name}}} has no value in mails of the type {kind} unless you give one: they are not sent without it."
    known = variables.known(kind)
    for braces in near_misses.find(member.seen, known):
        closest = braces.name or variables.closest(braces.said, known)
        hint = f"; did you mean {{{closest}}}?" if closest else "."
        yield f"{braces.written} is no variable and is sent as it is written{hint}"


def _misplaced(kind: TemplateType, name: str, subject: _Member, body: _Member) -> Iterator[Fault]:
    """A type's block is what its mails are for: in the body, and not in a subject's one line."""
    if name in subject.used:
        yield Fault("subject", f"{{{name}}} stands for a whole block: put it into the body, not into the subject.")
    if name not in body.used:
        yield Fault("body", f"{{{name}}} is missing: the body of the type {kind} must say where this block goes.")


def one_line(subject: str) -> str:
    """A subject without line breaks and control characters: it becomes a header."""
    plain = "".join(" " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each for each in subject)
    return re.sub(" {2,}", " ", plain).strip()[:LONGEST_SUBJECT]


def harmless(body: str, body_format: str) -> str:
    """The body as written, or without what would run, load or ask when it is shown as a page.

    Raises InvalidTemplate.
    """
    try:
        return storing.as_page(body) if body_format == "html" else body
    except Unfit as error:
        raise InvalidTemplate([Fault("body", str(error))]) from None
