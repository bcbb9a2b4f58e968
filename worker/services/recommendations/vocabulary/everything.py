"""Skills by the names that offers and candidates use for them.

The vocabulary tells which words of an offer's sentence name a skill, and which names mean the same. A skill that is
missing here is found all the same where an offer lists it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from worker.services.recommendations.texts import Term, joined_terms, literal, term
from worker.services.recommendations.vocabulary import business, computing, languages, soft, trades

# As words of a sentence these mostly mean something else: they count where they are listed.
_LISTED_ONLY = frozenset(
    {
        *("C", "R", "Go", "TS", "JS", "Ruby", "Rails", "Rust", "Swift", "Scala", "Dart", "Node", "Spark", "Access"),
        *("Sage", "Word", "Outlook", "SAS", "UI", "UX", "Métré", "Transit", "Transport", "Sales", "Vente", "Ventes"),
        *("Unix", "Fang", "Budget", "Agile", "French", "English", "Français", "Windows", "Customs", "Patience"),
        *("Motivation", "Communication", "Initiative", "Organisation", "Autonome", "Dynamique", "Filing", "Mécanique"),
        *("Écoute", "Organised", "Formation du personnel", "Cuisine", "Classement", "Electronics", "Consolidation"),
    }
)


@dataclass(frozen=True, slots=True)
class Skill:
    """anywhere: what names it in any text of a candidate; listed: what names it as a member of a list of skills.

    A language is nowhere but in lists: in a text its name is that of a people too.
    """

    name: str
    anywhere: Term
    listed: Term
    is_soft: bool = False
    is_language: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Each skill by each of its names, as French and as English words: those that count in a sentence of an offer, all,
    and those of languages.
    """

    anywhere: Mapping[tuple[str, ...], Skill]
    listed: Mapping[tuple[str, ...], Skill]
    languages: Mapping[tuple[str, ...], Skill]
    longest: int


@cache
def vocabulary() -> Vocabulary:
    anywhere: dict[tuple[str, ...], Skill] = {}
    listed: dict[tuple[str, ...], Skill] = {}
    for skill, names in _skills():
        for name in names:
            for phrase in literal(name):
                listed.setdefault(phrase.words, skill)
                if name not in _LISTED_ONLY:
                    anywhere.setdefault(phrase.words, skill)
    spoken = {words: skill for words, skill in listed.items() if skill.is_language}
    return Vocabulary(anywhere, listed, spoken, max(map(len, listed)))


def _skills() -> Iterator[tuple[Skill, tuple[str, ...]]]:
    for lines in (computing.SKILLS, business.SKILLS, trades.SKILLS, languages.SKILLS, soft.SKILLS):
        for line in lines.strip().splitlines():
            names = tuple(name.strip() for name in line.split("|"))
            is_language = lines is languages.SKILLS
            anywhere = () if is_language else term(*(name for name in names if name not in _LISTED_ONLY))
            listed = joined_terms(map(literal, names))
            yield Skill(names[0], anywhere, listed, lines is soft.SKILLS, is_language), names
