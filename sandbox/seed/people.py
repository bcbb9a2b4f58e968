"""Users, employers and candidates."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random

from models.enums import SkillCategory, UserRole
from sandbox.seed.rows import Candidate, Company, Education, Employer, Experience, Skill, User
from sandbox.seed.vocabulary.everything import PROFESSIONS
from sandbox.seed.vocabulary.names import BY_COUNTRY
from sandbox.seed.vocabulary.phrases import (
    FEMININE_POSITIONS,
    FORMER_EMPLOYERS,
    LOCAL_LANGUAGES,
    POSITIONS,
    SCHOOLS,
    SOFT_SKILLS,
)
from sandbox.seed.vocabulary.places import BY_NAME, CITIES, City
from sandbox.seed.vocabulary.professions import Profession

ADMIN_ADDRESS = "admin@intowork.example.com"
CANDIDATE_DOMAINS = ("example.org", "example.com", "example.net")
INACTIVE_SHARE = 0.03
# The mail provider's emulator lets what is sent to such an address come back.
GONE_CANDIDATE = 3
GONE_PREFIX = "bounced."
MOST_YEARS = 22


@dataclass(frozen=True, slots=True)
class Person:
    first_name: str
    last_name: str
    address: str
    feminine: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """What a candidate's page and alerts are made from."""

    candidate: Candidate
    user: User
    profession: Profession
    city: City
    feminine: bool

    @property
    def level(self) -> int:
        """0 beginner, 1 experienced, 2 senior."""
        return (self.candidate.years_experience >= 3) + (self.candidate.years_experience >= 8)


def unaccented(text: str) -> str:
    """Lower case without marks and with straight apostrophes, as people type in a hurry."""
    return unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode().lower()


def slug(text: str) -> str:
    """Lower-case ASCII letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", unaccented(text).replace("'", "")).strip("-")


class Register:
    """Gives out user ids and addresses, each once."""

    def __init__(self, random: Random, now: datetime) -> None:
        self._random = random
        self._now = now
        self._taken: set[str] = set()
        self.users: list[User] = []

    def person(self, country: str, domain: str) -> Person:
        names = BY_COUNTRY[country]
        feminine = self._random.random() < 0.5
        first = self._random.choice(names.women if feminine else names.men)
        last = self._random.choice(names.families)
        return Person(first, last, self._address(f"{slug(first)}.{slug(last)}", domain), feminine)

    def _address(self, name: str, domain: str) -> str:
        numbered = (f"{name}{number if number > 1 else ''}@{domain}" for number in count(1))
        address = next(address for address in numbered if address not in self._taken)
        self._taken.add(address)
        return address

    def user(self, person: Person, role: UserRole, *, active: bool = True) -> User:
        since = self._now - timedelta(days=self._random.randint(130, 700), minutes=self._random.randint(0, 1439))
        user = User(
            id=len(self.users) + 1,
            email=person.address,
            email_verified=since + timedelta(minutes=12),
            name=f"{person.first_name} {person.last_name}",
            role=role.label,
            first_name=person.first_name,
            last_name=person.last_name,
            is_active=active,
            created_at=since,
            updated_at=since,
        )
        self.users.append(user)
        return user


def make_employers(register: Register, companies: Sequence[Company], random: Random) -> Iterator[Employer]:
    """One to three people per company; the first administers it."""
    ids = count(1)
    for company in companies:
        for place in range(random.randint(1, 3)):
            person = register.person(company.country, company.website_url.removeprefix("https://www."))
            user = register.user(person, UserRole.EMPLOYER)
            position, department = random.choice(POSITIONS)
            yield Employer(
                id=next(ids),
                user_id=user.id,
                company_id=company.id,
                position=FEMININE_POSITIONS.get(position, position) if person.feminine else position,
                department=department,
                can_create_jobs=True,
                can_manage_candidates=True,
                is_admin=place == 0,
                created_at=user.created_at,
                updated_at=user.created_at,
            )


def make_profiles(register: Register, amount: int, random: Random) -> Iterator[Profile]:
    """Candidates, of whom the first three are always active: the demonstration shows them. The third one's mailbox
    no longer exists.
    """
    weights = [city.weight for city in CITIES]
    for number in range(1, amount + 1):
        city = random.choices(CITIES, weights)[0] if number > 2 else BY_NAME["Libreville"]
        person = register.person(city.country.code, random.choice(CANDIDATE_DOMAINS))
        if number == GONE_CANDIDATE:
            person = replace(person, address=f"{GONE_PREFIX}{person.address}")
        active = number <= 2 or random.random() >= INACTIVE_SHARE or number == GONE_CANDIDATE
        user = register.user(person, UserRole.CANDIDATE, active=active)
        profession = random.choice(PROFESSIONS)
        candidate = _candidate(number, user, profession, city, person, random)
        yield Profile(candidate, user, profession, city, person.feminine)


def _candidate(
    number: int, user: User, profession: Profession, city: City, person: Person, random: Random
) -> Candidate:
    years = min(int(random.expovariate(0.18)) + (3 if profession.leads else 0), MOST_YEARS)
    low = expected_salary(profession, city, years)
    return Candidate(
        id=number,
        user_id=user.id,
        location=f"{city.name}, {city.country.name}" if random.random() < 0.5 else city.name,
        title=profession.feminine if person.feminine else profession.masculine,
        summary=_summary(profession, city, years),
        years_experience=years,
        salary_expectation_min=low,
        salary_expectation_max=low and low + max(50_000, low // 4 // 25_000 * 25_000),
        created_at=user.created_at,
        updated_at=user.created_at,
    )


def expected_salary(profession: Profession, city: City, years: int) -> int | None:
    """A monthly amount in the city's currency, in steps of 25,000; None where no franc is used."""
    if city.country.currency is None:
        return None
    level = (years >= 3) + (years >= 8)
    return max(50_000, round(profession.salary[level] * city.country.salary_level / 25) * 25_000)


def _summary(profession: Profession, city: City, years: int) -> str:
    if years == 0:
        return f"Formation : {profession.degrees[0]}. À la recherche d’un premier poste {city.country.within}."
    practice = "Une année" if years == 1 else f"{years} années"
    goal = profession.mission[0].lower() + profession.mission[1:]
    return f"{practice} de pratique à {city.name} et dans la région. Mon objectif : {goal}"


def make_skills(profiles: Sequence[Profile], random: Random) -> Iterator[Skill]:
    ids = count(1)
    for profile in profiles:
        named = [
            *((name, SkillCategory.TECHNICAL) for name in _some(profile.profession.skills, random)),
            *((name, SkillCategory.SOFT) for name in random.sample(SOFT_SKILLS, random.randint(1, 3))),
            *((name, SkillCategory.LANGUAGE) for name in _languages(profile, random)),
        ]
        for name, category in named:
            yield Skill(
                id=next(ids),
                candidate_id=profile.candidate.id,
                name=name,
                level=min(5, random.randint(2, 4) + profile.level // 2),
                category=category.label,
                created_at=profile.user.created_at,
                updated_at=profile.user.created_at,
            )


def _some(skills: Sequence[str], random: Random) -> list[str]:
    return random.sample(skills, random.randint(min(2, len(skills)), len(skills)))


def _languages(profile: Profile, random: Random) -> list[str]:
    spoken = ["Français", random.choice(LOCAL_LANGUAGES[profile.city.country.code])]
    return [*spoken, "Anglais"] if random.random() < 0.4 else spoken


def make_experiences(profiles: Sequence[Profile], now: datetime, random: Random) -> Iterator[Experience]:
    """Positions back to back, the newest still held, over the candidate's years of experience."""
    ids = count(1)
    for profile in profiles:
        years = profile.candidate.years_experience
        for start, end in _periods(now.year - years, now.year, random):
            yield Experience(
                id=next(ids),
                candidate_id=profile.candidate.id,
                title=profile.candidate.title,
                company=random.choice(FORMER_EMPLOYERS).format(of=profile.city.of),
                location=profile.city.name,
                start_date=start,
                end_date=end,
                is_current=end is None,
                description="\n".join(profile.profession.tasks[:3]),
                created_at=profile.user.created_at,
                updated_at=profile.user.created_at,
            )


def _periods(first: int, last: int, random: Random) -> list[tuple[str, str | None]]:
    """Start and end as `YYYY-MM`, newest first, at most three; the newest has no end."""
    if first == last:
        return []
    changes = random.sample(range(first + 1, last), min(random.randint(0, 2), last - first - 1))
    starts = [f"{year}-{random.randint(1, 12):02}" for year in sorted([first, *changes], reverse=True)]
    return list(zip(starts, [None, *starts], strict=False))


def make_educations(profiles: Sequence[Profile], now: datetime, random: Random) -> Iterator[Education]:
    for number, profile in enumerate(profiles, start=1):
        ended = now.year - profile.candidate.years_experience - random.randint(0, 1)
        yield Education(
            id=number,
            candidate_id=profile.candidate.id,
            degree=random.choice(profile.profession.degrees),
            school=random.choice(SCHOOLS).format(of=profile.city.of),
            location=profile.city.name,
            start_date=f"{ended - random.randint(2, 5)}-10",
            end_date=f"{ended}-07",
            created_at=profile.user.created_at,
            updated_at=profile.user.created_at,
        )
