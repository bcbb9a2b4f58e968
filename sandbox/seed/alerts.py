"""Job alerts: what candidates look for, in the main web app's shape."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from models.enums import AlertFrequency, AlertOrigin, JobType, LocationType
from sandbox.seed.people import Profile, expected_salary, unaccented
from sandbox.seed.rows import JobAlert
from sandbox.seed.vocabulary.companies import Sector
from sandbox.seed.vocabulary.phrases import RARE_SEARCHES
from sandbox.seed.vocabulary.places import CITIES

INACTIVE_SHARE = 0.08
# Alerts are older than every offer.
YOUNGEST_DAYS, OLDEST_DAYS = 31, 120

Search = tuple[str, dict[str, Any]]


def make_alerts(profiles: Sequence[Profile], amount: int, now: datetime, random: Random) -> list[JobAlert]:
    """One alert per candidate in turn, then further ones by chance. The first two are daily, active and wide."""
    alerts = []
    for number in range(1, amount + 1):
        profile = profiles[number - 1] if number <= len(profiles) else random.choice(profiles)
        name, criteria = _wide_search(profile) if number <= 2 else _search(profile, random)
        frequency = AlertFrequency.DAILY if number <= 2 else _frequency(random)
        since = now - timedelta(days=random.randint(YOUNGEST_DAYS, OLDEST_DAYS), minutes=random.randint(0, 1439))
        alerts.append(
            JobAlert(
                id=number,
                candidate_id=profile.candidate.id,
                name=name,
                criteria=criteria,
                frequency=frequency.label,
                own_frequency=frequency.own,
                origin=AlertOrigin.PLATFORM.value,
                is_active=number <= 2 or random.random() >= INACTIVE_SHARE,
                jobs_sent_count=0,
                created_at=since,
                updated_at=since,
            )
        )
    return alerts


def _frequency(random: Random) -> AlertFrequency:
    kinds = (AlertFrequency.DAILY, AlertFrequency.WEEKLY, AlertFrequency.MONTHLY, AlertFrequency.INSTANT)
    return random.choices(kinds, (60, 22, 8, 10))[0]


def _wide_search(profile: Profile) -> Search:
    return f"Tous les postes à {profile.city.name}", {"location": profile.city.name}


def _search(profile: Profile, random: Random) -> Search:
    kinds: tuple[Callable[[Profile, Random], Search], ...] = (
        _own_trade, _demanding, _by_skill, _elsewhere, _internship, _from_home, _rare,
    )  # fmt: skip
    return random.choices(kinds, (25, 22, 9, 16, 3, 7, 18))[0](profile, random)


def _keyword(profile: Profile, random: Random) -> str:
    """The trade as people type it: either gender, with or without capitals and accents, or in English."""
    trade = profile.profession
    title = trade.feminine if profile.feminine else trade.masculine
    written = [title, title.lower(), unaccented(title)]
    if trade.english:
        written.append(trade.english.title)
    return random.choice(written)


def _own_trade(profile: Profile, random: Random) -> Search:
    criteria: dict[str, Any] = {"keywords": [_keyword(profile, random)], "location": profile.city.name}
    if random.random() < 0.5:
        criteria["job_types"] = [JobType.FULL_TIME.value, JobType.CONTRACT.value]
    return f"{profile.candidate.title} à {profile.city.name}", criteria


def _demanding(profile: Profile, random: Random) -> Search:
    """At least what the candidate earns, in a small town or of a rarer contract."""
    name, criteria = _own_trade(profile, random)
    criteria["job_types"] = [random.choice((JobType.FULL_TIME, JobType.CONTRACT, JobType.PART_TIME)).value]
    if low := expected_salary(profile.profession, profile.city, profile.candidate.years_experience):
        criteria["salary_min"] = low
        criteria |= _currency(profile)
    return name, criteria


def _currency(profile: Profile) -> dict[str, str]:
    """Salaries without a currency are CFA francs of Central Africa."""
    currency = profile.city.country.currency
    return {} if currency in {None, "XAF"} else {"currency": str(currency)}


def _by_skill(profile: Profile, random: Random) -> Search:
    skills = random.sample(profile.profession.skills, min(2, len(profile.profession.skills)))
    country = profile.city.country
    return f"{' / '.join(skills)} {country.within}", {"keywords": skills, "location": country.name}


def _elsewhere(profile: Profile, random: Random) -> Search:
    """The own trade in a city the candidate would move to."""
    city = random.choice(CITIES)
    return f"{profile.candidate.title}, {city.name}", {
        "keywords": [_keyword(profile, random)],
        "location": f"{city.name}, {city.country.name}" if random.random() < 0.3 else city.name,
    }


def _internship(profile: Profile, random: Random) -> Search:
    keywords = [random.choice(("stage", "stagiaire", "internship"))]
    criteria = {"keywords": keywords, "location": profile.city.name, "job_types": [JobType.INTERNSHIP.value]}
    return f"Stages à {profile.city.name}", criteria


def _from_home(profile: Profile, random: Random) -> Search:
    keyword = _keyword(profile, random)
    desk = Sector.DIGITAL in profile.profession.sectors
    kinds = [LocationType.REMOTE.value, LocationType.HYBRID.value] if desk else [LocationType.REMOTE.value]
    return "Télétravail", {"keywords": [keyword], "location_types": kinds}


def _rare(profile: Profile, random: Random) -> Search:
    wanted = random.choice(RARE_SEARCHES)
    criteria: dict[str, Any] = {"keywords": [wanted]}
    if random.random() < 0.6:
        criteria["location"] = random.choice((profile.city.name, profile.city.country.name))
    return wanted.capitalize(), criteria
