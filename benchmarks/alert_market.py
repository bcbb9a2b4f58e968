"""A market for the alert benchmark: offers and searches in French and English, skewed as in life, always the same.

What is wanted often is offered often (Zipf over occupations, skills and cities). Most people look for what few offers
hold, so a criteria is either common or rare; `rare_share` mixes them until the wanted share finds something.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any

from benchmarks.alert_sentences import DESCRIPTION, DUTIES, EDUCATION, POSTURE, REQUIREMENTS
from benchmarks.alert_words import (
    CITIES,
    JOB_TYPES,
    LOCATION_TYPES,
    OCCUPATIONS,
    PLAIN,
    PLAIN_CITIES,
    SKILLS,
    SPECIALITIES,
)

SEED = 20_261_124
FRENCH, ENGLISH = 0, 1
ENGLISH_SHARE = 0.2

OFFER_COLUMNS = (
    *("id", "title", "description", "requirements", "responsibilities", "profil_formation", "profil_posture"),
    *("job_type", "location_type", "location", "country", "salary_min", "salary_max", "currency", "language"),
)

ROUND_SALARIES = tuple(1000 * thousands for thousands in (100, 150, 200, 250, 300, 350, 400, 500, 600, 750, 1000))

CriteriaJson = dict[str, Any]

# The one company whose offers they all are.
FIRM = """
with author as (
    insert into users (id, email, role, first_name, last_name, is_active)
    values (1, 'recruteur@example.org', 'EMPLOYER', 'Awa', 'Diop', true) returning id),
firm as (insert into companies (id, name) values (1, 'Okoumé Conseil') returning id)
insert into employers (id, user_id, company_id) select 1, author.id, firm.id from author, firm returning id
"""


@dataclass(frozen=True, slots=True)
class Alert:
    """above: the highest offer number it has looked at already."""

    id: int
    name: str
    criteria: CriteriaJson
    above: int


def zipf(count: int) -> list[float]:
    """Cumulative weights 1, 1/2, 1/3 … for `random.choices`."""
    return list(accumulate(1 / rank for rank in range(1, count + 1)))


_OCCUPATION_WEIGHTS = zipf(len(OCCUPATIONS))
_SPECIALITY_WEIGHTS = zipf(len(SPECIALITIES))
_TOOLS = tuple(tool for pair in zip(SKILLS, PLAIN, strict=False) for tool in pair) + PLAIN[len(SKILLS) :]
_TOOL_WEIGHTS = zipf(len(_TOOLS))
_CITY_WEIGHTS = zipf(len(CITIES))
_TYPE_WEIGHTS = list(accumulate((70, 15, 7, 5, 3)))
_PLACE_WEIGHTS = list(accumulate((75, 17, 8)))


def offers(count: int, *, seed: int = SEED) -> Iterator[tuple[Any, ...]]:
    """Rows of `jobs` in the order of OFFER_COLUMNS, ids from 1; a tenth with a speciality in the title."""
    random = _random(seed)
    for number in range(1, count + 1):
        yield _offer(random, number)


def _offer(random: Random, number: int) -> tuple[Any, ...]:
    language = ENGLISH if random.random() < ENGLISH_SHARE else FRENCH
    occupation = _occupation(random)[language]
    speciality = random.choice(SPECIALITIES)[language]
    tools = ", ".join(dict.fromkeys(random.choices(_TOOLS, cum_weights=_TOOL_WEIGHTS, k=random.randint(1, 5))))
    city, country, currency = random.choices(CITIES, cum_weights=_CITY_WEIGHTS)[0]
    place = random.choices(LOCATION_TYPES, cum_weights=_PLACE_WEIGHTS)[0]
    low, high = _salary(random)
    said = random.sample(DESCRIPTION[language], k=random.randint(4, 8))
    return (
        number,
        f"{occupation} – {speciality}" if random.random() < 0.1 else occupation,
        " ".join(said).format(job=occupation, field=speciality),
        REQUIREMENTS[language].format(tools=tools),
        "<ul>" + "".join(f"<li>{duty}</li>" for duty in random.sample(DUTIES[language], k=5)) + "</ul>",
        random.choice(EDUCATION[language]),
        random.choice(POSTURE[language]),
        random.choices(JOB_TYPES, cum_weights=_TYPE_WEIGHTS)[0],
        place,
        None if place == "remote" and random.random() < 0.5 else city,
        country,
        low,
        high,
        currency,
        ("fr", "en")[language],
    )


def _salary(random: Random) -> tuple[int | None, int | None]:
    """A monthly range for six offers in ten."""
    if random.random() < 0.4:
        return None, None
    low = 25_000 * random.randint(6, 60)
    return low, low + 25_000 * random.randint(0, 20)


def alerts(count: int, *, rare_share: float, highest: int, plain: int, seed: int = SEED + 1) -> Iterator[Alert]:
    """Alerts with ids from 1, the first `plain` of them plain (`plain_criteria`).

    One in twenty of the others was written later than the first of `highest` offers and has looked at some of them.
    """
    random = _random(seed)
    for number in range(1, count + 1):
        if number <= plain:
            yield Alert(number, f"Alerte {number}", plain_criteria(random), 0)
            continue
        criteria = (rare_criteria if random.random() < rare_share else common_criteria)(random)
        above = random.randint(0, highest) if random.random() < 0.05 else 0
        yield Alert(number, _name(criteria), criteria, above)


def criteria_sample(count: int, *, rare: bool, seed: int = SEED + 2) -> list[CriteriaJson]:
    """A sample of common or of rare searches, to find out how often either finds something."""
    random = _random(seed)
    return [(rare_criteria if rare else common_criteria)(random) for _ in range(count)]


def common_criteria(random: Random) -> CriteriaJson:
    """Up to three keywords, and mostly a city."""
    language = _language(random)
    keywords = [
        _written(random, _occupation(random)[language])
        if random.random() < 0.75
        else random.choices(_TOOLS, cum_weights=_TOOL_WEIGHTS)[0]
        for _ in range(random.choices((0, 1, 2, 3), cum_weights=(4, 60, 88, 100))[0])
    ]
    return _narrowed(random, keywords, 0.65)


def rare_criteria(random: Random) -> CriteriaJson:
    """Phrases that few offers hold, in any city, big or small."""
    language = _language(random)
    keywords = [
        _written(random, f"{_occupation(random)[language]} {_speciality(random)[language]}")
        for _ in range(random.choices((1, 2, 3, 4), cum_weights=(50, 80, 95, 100))[0])
    ]
    return _narrowed(random, keywords, 0.8)


def plain_criteria(random: Random) -> CriteriaJson:
    """Words and places that letters, words and stems find alike, so that all peers must agree."""
    criteria: CriteriaJson = {"keywords": random.sample(PLAIN, k=random.randint(1, 3))}
    if random.random() < 0.6:
        # A remote offer without a place is everywhere for us and nowhere for the main web app.
        criteria |= {"location": random.choice(PLAIN_CITIES), "location_types": ["on_site", "hybrid"]}
    if random.random() < 0.3:
        criteria["job_types"] = _ticked(random, JOB_TYPES[:3], 2)
    return criteria


def _narrowed(random: Random, keywords: Sequence[str], located: float) -> CriteriaJson:
    criteria: CriteriaJson = {"keywords": list(dict.fromkeys(keywords))} if keywords else {}
    city, _, currency = random.choices(CITIES, cum_weights=_CITY_WEIGHTS)[0]
    if random.random() < located:
        criteria["location"] = city
    if random.random() < 0.3:
        criteria["job_types"] = _ticked(random, JOB_TYPES, 3)
    if random.random() < 0.15:
        criteria["location_types"] = _ticked(random, LOCATION_TYPES, 2)
    if random.random() < 0.3:
        criteria |= {"salary_min": random.choice(ROUND_SALARIES), "currency": currency}
        criteria |= {"include_unspecified_salary": True} if random.random() < 0.5 else {}
    return criteria


def _ticked(random: Random, boxes: Sequence[str], most: int) -> list[str]:
    """What was ticked on a form, in the form's order."""
    chosen = random.sample(boxes, k=random.randint(1, most))
    return [box for box in boxes if box in chosen]


def _occupation(random: Random) -> tuple[str, str]:
    return random.choices(OCCUPATIONS, cum_weights=_OCCUPATION_WEIGHTS)[0]


def _speciality(random: Random) -> tuple[str, str]:
    return random.choices(SPECIALITIES, cum_weights=_SPECIALITY_WEIGHTS)[0]


def _language(random: Random) -> int:
    return ENGLISH if random.random() < ENGLISH_SHARE else FRENCH


def _written(random: Random, words: str) -> str:
    """As people type: half in small letters, a quarter without accents."""
    if random.random() < 0.5:
        words = words.lower()
    if random.random() < 0.25:
        words = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return words


def _name(criteria: CriteriaJson) -> str:
    keywords = criteria.get("keywords", ["Toutes les offres"])
    return f"{keywords[0]} – {criteria['location']}" if "location" in criteria else keywords[0]


def _random(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same market every time; nothing secret comes from it
