"""Criteria as a condition on stored search documents: the rules of `definition.matches` in SQL.

Every statement that uses them names the document `s`. Tokens are asked through their index only: reading them row by
row would cost far more than anything else.
"""

from dataclasses import dataclass, field
from typing import Any

from worker.services.matching.compounds import LONGEST_PAIR, is_pair, pairs
from worker.services.matching.criteria import Criteria
from worker.services.matching.currencies import accepted
from worker.services.matching.documents import LONGEST_TOKEN, token, wanted
from worker.services.matching.normalise import LANGUAGES
from worker.services.matching.places import Place, readings
from worker.services.matching.spellings import Spelling, spellings
from worker.services.matching.stemming import Language

# The texts are [field, language, sequence]; a phrase holds no character that `like` reads in another way. What holds a
# phrase holds its tokens, so the phrases of a language are looked for together: a document's texts are read once.
HAS_PHRASE = """
({tokens}) and exists (
    select from jsonb_array_elements(s.texts) t where t->>1 = %({language})s and t->>2 like any(%({phrases})s))
"""

IS_AT = """
(s.location_type = 'remote' and s.place = '' or %({name})s = any(s.area) or {home} {place} like %({pattern})s)
"""
# Beside another country's code the words of a place do not name this one.
AT_HOME = "(s.country is null or s.country = any(%({homes})s)) and"
ONE_WORD = "' ' || s.place || ' '"
# Words that follow each other share no blank then, and may follow each other in the pattern.
SEVERAL_WORDS = "' ' || replace(s.place, ' ', '  ') || ' '"

PAYS = """
case when s.salary_min is null and s.salary_max is null then %(include_unspecified)s
     else s.currency = any(%(currencies)s) and coalesce(s.salary_max >= %(salary_min)s::bigint, true)
          and coalesce(s.salary_min <= %(salary_max)s::bigint, true) end
"""


@dataclass
class Selection:
    """A document is selected when it meets all of `base` and, if there are any, one of `arms`.

    has_tokens: whether the index of tokens finds the documents, so that the others are not looked at.
    """

    base: list[str] = field(default_factory=list)
    arms: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    has_tokens: bool = False

    def select(self, columns: str, *conditions: str) -> str:
        """A statement that selects columns, among them job_id: then each selected document comes once."""
        base = [*conditions, *self.base]
        return " union ".join(
            f"select {columns} from job_search s where {' and '.join([*base, *arm])}"
            for arm in ([each] for each in self.arms or ["true"])
        )

    def bind(self, value: Any) -> str:
        """The name under which a value is handed to the statement."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return name


def selection(criteria: Criteria) -> Selection | None:
    """None when no offer at all can match."""
    found = Selection()
    found.has_tokens = bool(criteria.keywords or criteria.location)
    if criteria.keywords and not _keywords(found, criteria.keywords):
        return None
    if criteria.location and not _location(found, criteria.location):
        return None
    for column, labels in (("job_type", criteria.job_types), ("location_type", criteria.location_types)):
        if labels:
            found.base.append(f"s.{column} = any(%({found.bind(sorted(labels))})s)")
    if criteria.salary_min is not None or criteria.salary_max is not None:
        found.base.append(PAYS)
        found.parameters |= {
            "include_unspecified": criteria.include_unspecified_salary,
            "currencies": list(accepted(criteria.currency)),
            "salary_min": criteria.salary_min,
            "salary_max": criteria.salary_max,
        }
    return found


@dataclass
class _Phrases:
    """What is looked for in texts: patterns, and of what an offer needs all or any to hold one of them."""

    patterns: list[str] = field(default_factory=list)
    all_of: list[list[str]] = field(default_factory=list)
    any_of: list[str] = field(default_factory=list)

    def add(self, spelling: Spelling, language: Language) -> None:
        self.patterns.append(f"%{spelling.sequence}%")
        if spelling.rare:
            self.any_of.append(token(language, spelling.rare))
            return
        joined = [pair for pair in pairs(spelling.tokens, language) if len(pair) <= LONGEST_PAIR]
        self.all_of.append([*(token(language, word) for word in spelling.tokens), *joined])


def _keywords(found: Selection, keywords: tuple[str, ...]) -> bool:
    """What one token answers is asked at once; the other phrases each need a look at the texts."""
    certain: list[str] = []
    for language in LANGUAGES:
        phrases = _Phrases()
        for spelling in (each for keyword in keywords for each in spellings(keyword, language)):
            proof = _proof(spelling, language)
            if proof is None:
                phrases.add(spelling, language)
            else:
                certain.append(proof)
        if phrases.patterns:
            found.arms.append(_arm(found, phrases, language))
    if certain:
        found.arms.append(f"s.tokens && %({found.bind(list(dict.fromkeys(certain)))})s")
    return bool(found.arms)


def _arm(found: Selection, phrases: _Phrases, language: Language) -> str:
    held = [f"s.tokens @> %({found.bind(tokens)})s" for tokens in phrases.all_of]
    if phrases.any_of:
        held.append(f"s.tokens && %({found.bind(list(dict.fromkeys(phrases.any_of)))})s")
    names = {"language": found.bind(language), "phrases": found.bind(phrases.patterns)}
    return HAS_PHRASE.format(tokens=" or ".join(held), **names)


def _proof(spelling: Spelling, language: Language) -> str | None:
    """The token that a text has exactly when it has this spelling, if there is one."""
    if len(spelling.tokens) == 1:
        only = token(language, spelling.tokens[0])
        return only if len(only) < LONGEST_TOKEN else None
    joined = f"{language}:{' '.join(spelling.tokens)}"
    return joined if len(joined) <= LONGEST_PAIR and is_pair(spelling.tokens, language) else None


def _location(found: Selection, location: str) -> bool:
    """One token of each way to be there is asked of the index; the longest is the rarest."""
    asked = wanted(Criteria(location=location))
    if asked.places is None:
        return True
    found.base.append(f"s.tokens && %({found.bind(sorted({max(way, key=len) for way in asked.places}))})s")
    if not asked.exact or any(len(way) > 1 for way in asked.places):
        found.base.append(_is_at(found, location))
    return bool(asked.places)


def _is_at(found: Selection, location: str) -> str:
    ways = (" and ".join(_named(found, place) for place in reading) for reading in readings(location))
    return f"({' or '.join(ways)})"


def _named(found: Selection, place: Place) -> str:
    if place.is_remote:
        return "s.location_type = 'remote'"
    pattern = "%".join(["", *(f" {word} " for word in place.name), ""])
    words = ONE_WORD if len(place.name) == 1 else SEVERAL_WORDS
    home = AT_HOME.format(homes=found.bind(sorted(place.homes))) if place.homes else ""
    return IS_AT.format(name=found.bind(" ".join(place.name)), place=words, pattern=found.bind(pattern), home=home)
