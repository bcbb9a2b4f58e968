"""What a template must be before it is saved. Whatever gets past this is still cleaned and escaped when it is sent."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.enums import TemplateType
from worker.kit.localisation import Sentence, message
from worker.services.email.templating import bounds, cleaning, storing
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.composing import Draft, sample
from worker.services.email.wording import near_misses, placeholders, variables

LONGEST_NAME = 200
LONGEST_SUBJECT = 500
MOST_WARNINGS = 20

RISKY = message("Affiché dans une page, « %(text)s » ne serait pas lu comme du texte. Mettez une espace après <.")
NO_SUCH_VARIABLE = message("{%(name)s} n’est pas une variable du type %(kind)s.")
NO_SUCH_VARIABLE_BUT = message("{%(name)s} n’est pas une variable du type %(kind)s ; vouliez-vous dire {%(closest)s} ?")
NOT_REPLACED = message("%(written)s n’est pas remplacé ; écrivez {%(name)s}.")
WITHOUT_VALUE = message(
    "{%(name)s} n’a pas de valeur dans les messages du type %(kind)s, à moins que vous n’en donniez une : ils ne "
    "partent pas sans elle."
)
SENT_AS_IT_IS = message("%(written)s n’est pas une variable et part tel quel.")
SENT_AS_IT_IS_BUT = message("%(written)s n’est pas une variable et part tel quel ; vouliez-vous dire {%(closest)s} ?")
BLOCK_IN_SUBJECT = message("{%(name)s} représente un bloc entier : mettez-le dans le corps, pas dans l’objet.")
BLOCK_MISSING = message("{%(name)s} manque : le corps du type %(kind)s doit dire où va ce bloc.")


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake, and the member that holds it."""

    member: str
    said: Sentence


class InvalidTemplate(Exception):
    """A template that cannot be saved as it is."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault.said) for fault in faults))
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
        faults = [Fault("body", error.said)]
    if faults:
        raise InvalidTemplate(faults)


def _faults(draft: Draft) -> list[Fault]:
    members = _members(draft)
    faults = [fault for member in members for fault in _misnamed(draft.kind, member)]
    faults += [fault for name in variables.blocks(draft.kind) for fault in _misplaced(draft.kind, name, *members)]
    if draft.body_format == "text" and (risky := storing.risky(draft.body)):
        faults.append(Fault("body", Sentence(RISKY, {"text": risky})))
    return faults


def warnings(draft: Draft) -> list[Sentence]:
    """What can be saved, and may still not be what was meant: a sentence each, 20 at most."""
    try:
        members = _members(draft)
    except Unfit as error:
        return [error.said]
    every = {str(doubt): doubt for member in members for doubt in _doubts(draft.kind, member)}
    return list(every.values())[:MOST_WARNINGS]


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
        values = {"name": found.name, "kind": kind, "closest": found.closest}
        yield Fault(member.name, Sentence(NO_SUCH_VARIABLE_BUT if found.closest else NO_SUCH_VARIABLE, values))
    for braces in near_misses.find(member.seen, variables.known(kind)):
        if braces.name:
            yield Fault(member.name, Sentence(NOT_REPLACED, {"written": braces.written, "name": braces.name}))


def _doubts(kind: TemplateType, member: _Member) -> Iterator[Sentence]:
    for name in variables.without_value(kind, member.used):
        yield Sentence(WITHOUT_VALUE, {"name": name, "kind": kind})
    known = variables.known(kind)
    for braces in near_misses.find(member.seen, known):
        closest = braces.name or variables.closest(braces.said, known)
        yield Sentence(SENT_AS_IT_IS_BUT if closest else SENT_AS_IT_IS, {"written": braces.written, "closest": closest})


def _misplaced(kind: TemplateType, name: str, subject: _Member, body: _Member) -> Iterator[Fault]:
    """A type's block is what its mails are for: in the body, and not in a subject's one line."""
    if name in subject.used:
        yield Fault("subject", Sentence(BLOCK_IN_SUBJECT, {"name": name}))
    if name not in body.used:
        yield Fault("body", Sentence(BLOCK_MISSING, {"name": name, "kind": kind}))


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
        raise InvalidTemplate([Fault("body", error.said)]) from None
