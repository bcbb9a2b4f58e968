"""Which skills an offer asks for.

What `profil_competences` lists, and what the vocabulary knows in the requirements and the title; where these name no
hard skill, what the requirements list in a few words; else what the vocabulary knows in any other text; else the title
itself (`asked.py`). Soft skills are found in the same places, and in `profil_posture`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from worker.services.matching.normalise import fold
from worker.services.matching.offers import Offer
from worker.services.recommendations import lists
from worker.services.recommendations.degrees import levels_in_prose
from worker.services.recommendations.texts import Term, literal, phrases, term
from worker.services.recommendations.vocabulary.everything import Skill, vocabulary

MOST_SKILLS = 20
MOST_SOFT_SKILLS = 10
# A longer member of a list is a sentence: of it, what the vocabulary knows counts.
LONGEST_MEMBER = 4
SHORTEST_IN_TEXT = 3
LONGEST_NAME = 60

_ELSEWHERE = re.compile(
    r"\b(?:experiences?|experienced|years?|ans|annees?|mois|diplomes?|degree|licence|master|bts|dut|bac|baccalaureat"
    r"|doctorat|bachelor|formation|equivalent|niveau|profil|poste|candidats?|age|locales?|nationales?)\b|bac\+"
)
_SOFT_START = re.compile(r"(?:capacites?|aptitudes?|sens|esprit|gout|qualites?|attitude|sense|ability|spirit)\b")


def asked_skills(offer: Offer) -> tuple[tuple[Skill, ...], tuple[Skill, ...]]:
    """The hard ones and the soft ones, each named as the offer names it, in the order in which it does."""
    found = [*_listed(offer.profil_competences), *_known(offer.requirements, offer.title)]
    if not any(not skill.is_soft for skill in found):
        found += _listed(offer.requirements)
    if not any(not skill.is_soft for skill in found):
        found += _known(offer.description, offer.responsibilities, offer.mission_principale, offer.profil_autre)
    soft = [*_soft_listed(offer.profil_posture), *(skill for skill in found if skill.is_soft)]
    hard = [skill for skill in found if not skill.is_soft]
    return _distinct(hard)[:MOST_SKILLS], _distinct(soft)[:MOST_SOFT_SKILLS]


def _listed(field: str | None) -> Iterator[Skill]:
    for line in lists.lines(field or ""):
        members, inside = lists.members(line)
        yield from chain.from_iterable(map(_of_member, members))
        yield from filter(None, map(_exactly, inside))


def _of_member(member: str) -> Iterator[Skill]:
    exact = _exactly(member)
    if exact:
        yield exact
    elif halves := _halves(member):
        yield from halves
    else:
        inside = list(_within(member))
        if len(inside) >= 2 or len(member.split()) > LONGEST_MEMBER:
            yield from inside
        elif not _ELSEWHERE.search(fold(member)):
            yield from _unknown(member)


def _soft_listed(field: str | None) -> Iterator[Skill]:
    """What stands in the field of soft skills is one, whatever its words."""
    return (replace(skill, is_soft=True) for skill in _listed(field))


def _known(*fields: str | None) -> Iterator[Skill]:
    """What the vocabulary knows: lists member by member, sentences word by word. A degree's subject is no skill."""
    for line in chain.from_iterable(lists.lines(field or "") for field in fields):
        if levels_in_prose(line):
            continue
        members, inside = lists.members(line)
        for member in (*members, *inside):
            exact = _exactly(member)
            yield from [exact] if exact else _halves(member) or _within(member)


def _halves(member: str) -> list[Skill]:
    """The skills that a member joins, when it joins nothing else."""
    found = [_exactly(half) for half in lists.halves(member)]
    return [half for half in found if half] if all(found) else []


def _exactly(name: str) -> Skill | None:
    for phrase in literal(name) if len(name) <= LONGEST_NAME else ():
        if skill := vocabulary().listed.get(phrase.words):
            return replace(skill, name=name)
    return None


def _within(sentence: str) -> Iterator[Skill]:
    """Skills in running text by place, the longest name first; each by the name that the vocabulary has for it."""
    known = vocabulary()
    for phrase in phrases(sentence):
        place = 0
        while place < len(phrase.words):
            lengths = range(min(known.longest, len(phrase.words) - place), 0, -1)
            found = ((length, known.anywhere.get(phrase.words[place : place + length])) for length in lengths)
            length, skill = next(((length, skill) for length, skill in found if skill), (1, None))
            if skill:
                yield skill
            place += length


def _unknown(member: str) -> Iterator[Skill]:
    """A skill that only the offer knows. A very short name would be found in texts that mean something else."""
    names = literal(member)
    if names and not member.isdigit():
        short = len(member) < SHORTEST_IN_TEXT
        yield Skill(member, () if short else term(member), names, bool(_SOFT_START.match(fold(member))))


def _distinct(skills: Iterable[Skill]) -> tuple[Skill, ...]:
    """The first of those that mean the same."""
    first: dict[Term, Skill] = {}
    for skill in skills:
        first.setdefault(skill.listed, skill)
    return tuple(first.values())
