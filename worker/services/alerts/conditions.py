"""Criteria as a condition on stored search documents: the rules of `definition.matches` in SQL.

Every statement that uses them names the document `s`. Tokens are asked through their index only: reading them row by
row would cost far more than anything else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from worker.services.matching.compounds import LONGEST_PAIR, is_pair, pairs
from worker.services.matching.criteria import Criteria
from worker.services.matching.documents import LONGEST_TOKEN, wanted
from worker.services.matching.normalise import LANGUAGES, phrase
from worker.services.matching.offers import DEFAULT_CURRENCY
from worker.services.matching.places import Name, is_remote, named_places

# The texts are [field, language, sequence]; a phrase holds no character that `like` reads in another way. What holds a
# phrase holds its tokens, so the phrases of a language are looked for together: a document's texts are read once.
HAS_PHRASE = """
({tokens}) and exists (
    select from jsonb_array_elements(s.texts) t where t->>1 = %({language})s and t->>2 like any(%({phrases})s))
"""

IS_AT = """
(s.location_type = 'remote' and s.place = '' or %({name})s = any(s.area) or {place} like %({pattern})s)
"""
ONE_WORD = "' ' || s.place || ' '"
# Words that follow each other share no blank then, and may follow each other in the pattern.
SEVERAL_WORDS = "' ' || replace(s.place, ' ', '  ') || ' '"

PAYS = """
case when s.salary_min is null and s.salary_max is null then %(include_unspecified)s
     else s.currency = %(currency)s and coalesce(s.salary_max >= %(salary_min)s::bigint, true)
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
            "currency": criteria.currency or DEFAULT_CURRENCY,
            "salary_min": criteria.salary_min,
            "salary_max": criteria.salary_max,
        }
    return found


def _keywords(found: Selection, keywords: tuple[str, ...]) -> bool:
    """What one token answers is asked at once; the other phrases each need a look at the texts."""
    certain: list[str] = []
    phrases: dict[str, dict[str, list[str]]] = {}
    for keyword in keywords:
        for tokens, language, sequence in _forms(keyword):
            if sequence is None:
                certain += tokens
            else:
                phrases.setdefault(language, {})[f"%{sequence}%"] = tokens
    for language, asked in phrases.items():
        held = " or ".join(f"s.tokens @> %({found.bind(tokens)})s" for tokens in asked.values())
        names = {"language": found.bind(language), "phrases": found.bind(list(asked))}
        found.arms.append(HAS_PHRASE.format(tokens=held, **names))
    if certain:
        found.arms.append(f"s.tokens && %({found.bind(certain)})s")
    return bool(found.arms)


def _forms(keyword: str) -> Iterator[tuple[list[str], str, str | None]]:
    """Per language: tokens that a text with this keyword has, and the sequence to look for if they do not prove it."""
    for language in LANGUAGES:
        sequence = phrase(keyword, language)
        words = sequence.split()
        if not words:
            continue
        [tokens] = [each for each in wanted(Criteria(keywords=(keyword,))).keywords or () if each[0][:2] == language]
        joined = [pair for pair in pairs(words, language) if len(pair) <= LONGEST_PAIR]
        if len(words) == 1 and len(tokens[0]) < LONGEST_TOKEN:
            yield list(tokens), language, None
        elif is_pair(words, language) and joined:
            yield joined, language, None
        else:
            yield [*tokens, *joined], language, sequence


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
    whole, parts = named_places(location)
    if len(parts) < 2:
        return _named(found, whole)
    return f"({' and '.join(_named(found, part) for part in parts)} or {_named(found, whole)})"


def _named(found: Selection, place: Name) -> str:
    if is_remote(place):
        return "s.location_type = 'remote'"
    pattern = "%".join(["", *(f" {word} " for word in place), ""])
    words = ONE_WORD if len(place) == 1 else SEVERAL_WORDS
    return IS_AT.format(name=found.bind(" ".join(place)), place=words, pattern=found.bind(pattern))
