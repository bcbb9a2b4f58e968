"""What each part of a score gives, in tenths of a point: whole numbers, so that one pair and many are rounded alike.

`docs/recommendations.md` has the formula in words.
"""

from worker.services.matching.criteria import LARGEST_SALARY, Criteria
from worker.services.matching.currencies import FCFA, accepted
from worker.services.matching.definition import matches
from worker.services.matching.offers import REMOTE, PreparedOffer
from worker.services.matching.places import country_code, offered_country
from worker.services.recommendations.lists import place_parts

SKILLS = 400
EXPERIENCE = 300
OTHER_EXPERIENCE = 100
DEGREE = 100
PER_MISSING_YEAR = 30
SUBJECTS = 50
TITLE = 60
SOFT_SKILLS = 40
SAME_TOWN = 30
SAME_COUNTRY = 15
SALARY = 20

SUBJECTS_ENOUGH = 2
SKILLS_OF_A_FIELD = 2

COMPARABLE_CURRENCIES = frozenset(accepted(FCFA))


def share(most: int, had: int, wanted: int) -> int:
    """`most` times the share that is had of what is wanted, rounded half up; all of it where nothing is wanted."""
    return (2 * most * min(had, wanted) + wanted) // (2 * wanted) if wanted else most


def experience(in_the_field: int, in_all: int, wanted: int, *, is_of_the_field: bool) -> int:
    """All in months. Where a beginner is welcome, who is of the field has all the points."""
    if not wanted:
        return EXPERIENCE if is_of_the_field else OTHER_EXPERIENCE
    return max(share(EXPERIENCE, in_the_field, wanted), share(OTHER_EXPERIENCE, in_all, wanted))


def degree(level: int | None, wanted: int | None) -> int:
    if wanted is None:
        return DEGREE
    return 0 if level is None else max(0, DEGREE - PER_MISSING_YEAR * max(0, wanted - level))


def subjects(had: int, wanted: int) -> int:
    return share(SUBJECTS, had, min(wanted, SUBJECTS_ENOUGH))


def title(had: int, wanted: int, *, beside_soft_skills: bool) -> int:
    return share(TITLE if beside_soft_skills else TITLE + SOFT_SKILLS, had, wanted)


def soft_skills(had: int, wanted: int) -> int:
    return share(SOFT_SKILLS, had, wanted) if wanted else 0


def enough_skills(wanted: int) -> int:
    """How many of an offer's skills work has to name to be of its field, whatever it is called."""
    return min(SKILLS_OF_A_FIELD, max(1, wanted))


def location(lives: str, offer: PreparedOffer) -> int:
    """lives: the town or country of the candidate."""
    if (not offer.location and not offer.area) or offer.location_type == REMOTE:
        return SAME_TOWN
    if any(matches(Criteria(location=town), offer) for town in towns(lives)):
        return SAME_TOWN
    country = offered_country(None, lives)
    return SAME_COUNTRY if country and country == offer.country else 0


def towns(lives: str) -> list[str]:
    """What names a place closer than its country; the country where that is all."""
    parts = [part for part in place_parts(lives) if not country_code(part)]
    return parts or [lives]


def salary(expected: int, offer: PreparedOffer) -> int:
    """expected: francs a month."""
    return SALARY if expected <= highest_expectation(offer) else 0


def highest_expectation(offer: PreparedOffer) -> int:
    """The most francs a month that an offer can meet; below 0 where its currency is not compared.

    Francs of either zone are worth the same.
    """
    if offer.salary_min is None and offer.salary_max is None:
        return LARGEST_SALARY
    if offer.currency not in COMPARABLE_CURRENCIES:
        return -1
    return LARGEST_SALARY if offer.salary_max is None else offer.salary_max
