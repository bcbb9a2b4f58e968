"""Job offers, in French and a few in English."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from models.enums import JobStatus, JobType, LocationType
from sandbox.seed.rows import Company, Employer, Job
from sandbox.seed.vocabulary import phrases
from sandbox.seed.vocabulary.companies import Firm
from sandbox.seed.vocabulary.everything import employed_by
from sandbox.seed.vocabulary.places import BY_NAME, City
from sandbox.seed.vocabulary.professions import English, Profession

DAYS = 30
NO_FRANC = "XAF"
# Headquarters recruit more than each branch.
HEADQUARTERS_WEIGHT = 3
_FATES = (*(["open"] * 93), "draft", "draft", "closed", "closed", "archived", "expired", "expired")


@dataclass(frozen=True, slots=True)
class Opening:
    """What the company wants, before it is put into words."""

    company: Company
    profession: Profession
    city: City
    level: int
    internship: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """An offer's texts in its language."""

    language: str
    title: str
    context: str
    mission: str
    tasks: tuple[str, ...]
    degree: str
    experience: str
    skills: str
    posture: str
    benefits: tuple[str, ...]
    closing: str


def make_offers(
    firms: Sequence[Firm],
    companies: Sequence[Company],
    employers: Sequence[Employer],
    amount: int,
    now: datetime,
    random: Random,
) -> list[Job]:
    """`amount` offers of the last 30 days, in the order they were posted."""
    recruiters: dict[int, list[Employer]] = {}
    for employer in employers:
        recruiters.setdefault(employer.company_id, []).append(employer)
    jobs = []
    for number, posted in enumerate(_instants(amount, now, random), start=1):
        place = random.randrange(len(companies))
        opening = _opening(firms[place], companies[place], random)
        recruiter = random.choice(recruiters[opening.company.id])
        jobs.append(_job(number, opening, recruiter, posted, now, random))
    return jobs


def _instants(amount: int, now: datetime, random: Random) -> list[datetime]:
    """Instants of office hours, ascending, all before `now`."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return sorted(
        midnight - timedelta(days=random.randint(1, DAYS - 1)) + timedelta(minutes=random.randint(7 * 60, 18 * 60))
        for _ in range(amount)
    )


def _opening(firm: Firm, company: Company, random: Random) -> Opening:
    professions, weights = employed_by(firm.sector)
    cities = [BY_NAME[name] for name in (*[company.city] * HEADQUARTERS_WEIGHT, *firm.branches)]
    profession = random.choices(professions, weights)[0]
    internship = not profession.leads and random.random() < 0.09
    level = 0 if internship else random.choices((0, 1, 2), (0 if profession.leads else 3, 5, 2))[0]
    return Opening(company, profession, random.choice(cities), level, internship)


def _job(number: int, opening: Opening, recruiter: Employer, posted: datetime, now: datetime, random: Random) -> Job:
    english = opening.profession.english
    wording = (
        _in_english(opening, english, random) if english and random.random() < 0.25 else _in_french(opening, random)
    )
    status, posted_at, expires_at = _life(posted, now, random)
    kind = _location_type(opening, random)
    salary_min, salary_max = _salary(opening, random)
    seen = random.randint(0, 600) if posted_at else 0
    return Job(
        id=number,
        employer_id=recruiter.id,
        company_id=opening.company.id,
        title=wording.title,
        description=_description(wording),
        requirements=_listed(wording.degree, wording.experience, wording.skills),
        responsibilities=_listed(*wording.tasks),
        benefits=_listed(*wording.benefits),
        job_type=_job_type(opening, random).value,
        location_type=kind.value,
        location=_location(opening.city, kind, random),
        salary_min=salary_min,
        salary_max=salary_max,
        currency=opening.city.country.currency or NO_FRANC,
        status=status,
        is_featured=random.random() < 0.04,
        views_count=seen,
        applications_count=seen // random.randint(8, 40),
        posted_at=posted_at,
        expires_at=expires_at,
        country=opening.city.country.code,
        zone=opening.city.country.zone,
        language=wording.language,
        context=wording.context,
        mission_principale=wording.mission,
        profil_formation=wording.degree,
        profil_experience=wording.experience,
        profil_competences=wording.skills,
        profil_posture=wording.posture,
        created_at=posted,
        updated_at=posted,
    )


def _life(posted: datetime, now: datetime, random: Random) -> tuple[str, datetime | None, datetime | None]:
    """Status, posted at, expires at. Half of the open offers have no last day, as the main web app writes them."""
    fate = random.choice(_FATES)
    if fate == "draft":
        return JobStatus.DRAFT.value, None, None
    if fate == "closed":
        return JobStatus.CLOSED.value, posted, None
    if fate == "archived":
        return JobStatus.ARCHIVED.value, posted, None
    if fate == "expired":
        return JobStatus.PUBLISHED.value, posted, posted + (now - posted) / 2
    last_day = (now + timedelta(days=random.randint(10, 60))).replace(hour=23, minute=59, second=0, microsecond=0)
    return JobStatus.PUBLISHED.value, posted, last_day if random.random() < 0.5 else None


def _job_type(opening: Opening, random: Random) -> JobType:
    if opening.internship:
        return JobType.INTERNSHIP
    usual = (JobType.FULL_TIME, JobType.CONTRACT, JobType.TEMPORARY, JobType.PART_TIME)
    return random.choices(usual, (70, 18, 7, 5))[0]


def _location_type(opening: Opening, random: Random) -> LocationType:
    at_a_desk = (LocationType.ON_SITE, LocationType.HYBRID, LocationType.REMOTE)
    if opening.profession.skills[0] in {"Python", "Java", "JavaScript", "Flutter", "Kubernetes", "SQL", "Figma"}:
        return random.choices(at_a_desk, (45, 35, 20))[0]
    return random.choices(at_a_desk, (93, 6, 1))[0]


def _location(city: City, kind: LocationType, random: Random) -> str | None:
    if kind is LocationType.REMOTE:
        return random.choice((None, None, f"Télétravail, {city.country.name}"))
    chance = random.random()
    if chance < 0.02:
        return None
    if chance < 0.25 and city.quarters:
        return f"{city.name}, {random.choice(city.quarters)}"
    return f"{city.name}, {city.country.name}" if chance < 0.6 else city.name


def _salary(opening: Opening, random: Random) -> tuple[int | None, int | None]:
    """A monthly range in steps of 5,000 below 200,000 and of 25,000 above; often left open."""
    if opening.city.country.currency is None or random.random() < 0.22:
        return None, None
    lowest = opening.profession.salary[opening.level] * 1000 * opening.city.country.salary_level
    if opening.internship:
        lowest = max(50_000.0, lowest * 0.35)
    low = _rounded(lowest * random.uniform(0.9, 1.2))
    high = max(low, _rounded(low * random.uniform(1.2, 1.6)))
    return random.choices(((low, high), (low, None), (None, high)), (85, 10, 5))[0]


def _rounded(amount: float) -> int:
    step = 5_000 if amount < 200_000 else 25_000
    return round(amount / step) * step


def _in_french(opening: Opening, random: Random) -> Wording:
    profession, country = opening.profession, opening.city.country
    skills = ", ".join(profession.skills)
    asked = random.choice(phrases.LANGUAGES_ASKED)
    context = (
        f"{opening.company.description} {random.choice(phrases.REASONS)}, {opening.company.name} recrute "
        f"à {opening.city.name} ({country.name})."
    )
    return Wording(
        language="fr",
        title=_french_title(opening, random),
        context=context,
        mission=profession.mission,
        tasks=profession.tasks,
        degree=f"{profession.degrees[0]} ou équivalent.",
        experience=phrases.INTERN_EXPERIENCE if opening.internship else phrases.EXPERIENCE[opening.level],
        skills=f"{skills}. {asked}".strip(),
        posture=random.choice(phrases.POSTURES),
        benefits=tuple(random.sample(phrases.BENEFITS, random.randint(2, 4))),
        closing=random.choice(phrases.HOW_TO_APPLY),
    )


def _french_title(opening: Opening, random: Random) -> str:
    masculine, feminine = opening.profession.masculine, opening.profession.feminine
    both = masculine if masculine == feminine else f"{masculine} / {feminine}"
    if opening.internship:
        return f"Stage – {both}"
    suffix = phrases.LEVEL_SUFFIXES[opening.level]
    titles = (f"{masculine} {suffix}".strip() + " (H/F)", f"{masculine} {suffix}".strip(), both, f"{feminine} (F/H)")
    return random.choices(titles, (45, 25, 20, 10))[0]


def _in_english(opening: Opening, english: English, random: Random) -> Wording:
    skills = ", ".join(opening.profession.skills)
    where = f"{opening.city.name}, {opening.city.country.english}"
    level = phrases.LEVEL_SUFFIXES[opening.level]
    return Wording(
        language="en",
        title=f"{english.title} – internship"
        if opening.internship
        else f"{level} {english.title}".strip().capitalize(),
        context=f"{random.choice(phrases.ENGLISH_REASONS)}, {opening.company.name} is recruiting in {where}.",
        mission=english.mission,
        tasks=english.tasks,
        degree=f"{english.degree} or equivalent.",
        experience=phrases.ENGLISH_EXPERIENCE[opening.level],
        skills=f"{skills}. Working knowledge of French is required.",
        posture=random.choice(phrases.ENGLISH_POSTURES),
        benefits=tuple(random.sample(phrases.ENGLISH_BENEFITS, random.randint(2, 4))),
        closing="Only shortlisted candidates will be contacted.",
    )


def _description(wording: Wording) -> str:
    return f"{wording.context}\n\n{wording.mission}\n\n{wording.posture}\n\n{wording.closing}"


def _listed(*lines: str) -> str:
    return "\n".join(f"• {line}" for line in lines)
