"""A believable company set of the French-speaking African market, written for this project."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from models.enums import UserRole
from sandbox.seed.alerts import make_alerts
from sandbox.seed.hiring import make_applications, make_interviews, make_templates
from sandbox.seed.offers import make_offers
from sandbox.seed.people import (
    ADMIN_ADDRESS,
    Person,
    Profile,
    Register,
    make_educations,
    make_employers,
    make_experiences,
    make_profiles,
    make_skills,
)
from sandbox.seed.rows import Company, Preference, SeedData, Suppression
from sandbox.seed.vocabulary.companies import Firm, one_sector_after_another
from sandbox.seed.vocabulary.places import BY_NAME

SUPPRESSED_CANDIDATE = 2
ENGLISH_READERS = 0.06


def generate(
    *,
    seed: int = 2026,
    companies: int = 32,
    offers: int = 2000,
    candidates: int = 500,
    alerts: int = 800,
    now: datetime,
) -> SeedData:
    """The same arguments give the same rows. `now` needs a time zone; offers are of its last 30 days, alerts and
    people are older. Each part draws from a stream of its own, so that more offers do not change the candidates.
    """
    _check(companies=companies, offers=offers, candidates=candidates, alerts=alerts, now=now)
    now = now.astimezone(UTC)
    firms = _firms(companies)
    firm_rows = tuple(_company(number, firm, now, _stream(seed, "companies", number)) for number, firm in firms)
    register = Register(_stream(seed, "people"), now)
    register.user(Person("Nadège", "Obame", ADMIN_ADDRESS, feminine=True), UserRole.ADMIN)
    employers = tuple(make_employers(register, firm_rows, _stream(seed, "employers")))
    profiles = tuple(make_profiles(register, candidates, _stream(seed, "candidates")))
    jobs = tuple(make_offers([firm for _, firm in firms], firm_rows, employers, offers, now, _stream(seed, "offers")))
    applications = tuple(make_applications(jobs, profiles, now, _stream(seed, "applications")))
    return SeedData(
        now=now,
        users=tuple(register.users),
        companies=firm_rows,
        employers=employers,
        candidates=tuple(profile.candidate for profile in profiles),
        skills=tuple(make_skills(profiles, _stream(seed, "skills"))),
        experiences=tuple(make_experiences(profiles, now, _stream(seed, "experiences"))),
        educations=tuple(make_educations(profiles, now, _stream(seed, "educations"))),
        suppressions=_suppressions(profiles, now),
        preferences=tuple(_preferences(profiles, _stream(seed, "preferences"))),
        alerts=tuple(make_alerts(profiles, alerts, now, _stream(seed, "alerts"))),
        jobs=jobs,
        applications=applications,
        templates=tuple(make_templates(employers, now)),
        interviews=tuple(make_interviews(applications, jobs, employers, profiles, now)),
    )


def _check(*, companies: int, offers: int, candidates: int, alerts: int, now: datetime) -> None:
    if min(companies, offers, candidates, alerts) < 0:
        raise ValueError("A company set cannot have fewer than no rows: give amounts of 0 or more.")
    if offers and not companies:
        raise ValueError("Offers need a company: ask for at least one company, or for no offers.")
    if alerts and not candidates:
        raise ValueError("Alerts need a candidate: ask for at least one candidate, or for no alerts.")
    if now.tzinfo is None:
        raise ValueError("`now` has no time zone: give an aware instant, for example in UTC.")


def _stream(seed: int, *parts: object) -> Random:
    return Random(":".join(map(str, (seed, *parts))))


def _firms(amount: int) -> list[tuple[int, Firm]]:
    """Numbered from 1; beyond the invented names each firm appears again under a number."""
    known = one_sector_after_another()
    rounds = (divmod(place, len(known)) for place in range(amount))
    return [(number, _numbered(known[place], round_)) for number, (round_, place) in enumerate(rounds, start=1)]


def _numbered(firm: Firm, round_: int) -> Firm:
    if round_ == 0:
        return firm
    return Firm(
        f"{firm.name} {round_ + 1}",
        f"{firm.slug}-{round_ + 1}",
        firm.sector,
        firm.city,
        firm.size,
        firm.presentation,
        firm.branches,
    )


def _company(number: int, firm: Firm, now: datetime, random: Random) -> Company:
    since = now - timedelta(days=random.randint(750, 1100), minutes=random.randint(0, 1439))
    verified = random.random() < 0.8
    return Company(
        id=number,
        name=firm.name,
        description=firm.presentation,
        industry=firm.sector.value,
        size=firm.size,
        website_url=f"https://www.{firm.slug}.example.com",
        city=firm.city,
        country=BY_NAME[firm.city].country.code,
        is_verified=verified,
        verified_at=since + timedelta(days=2) if verified else None,
        created_at=since,
        updated_at=since,
    )


def _suppressions(profiles: Sequence[Profile], now: datetime) -> tuple[Suppression, ...]:
    """One candidate's address bounced."""
    return tuple(
        Suppression(
            address=profile.user.email.lower(), reason="bounced", source="seed", created_at=now - timedelta(days=40)
        )
        for profile in profiles
        if profile.candidate.id == SUPPRESSED_CANDIDATE
    )


def _preferences(profiles: Sequence[Profile], random: Random) -> list[Preference]:
    """Who reads English; everybody else reads French."""
    preferences = []
    for profile in profiles:
        reads_english = random.random() < ENGLISH_READERS
        if profile.candidate.id > SUPPRESSED_CANDIDATE and reads_english:
            preferences.append(
                Preference(
                    user_id=profile.user.id,
                    locale="en",
                    all_alerts_stopped=False,
                    created_at=profile.user.created_at,
                    updated_at=profile.user.created_at,
                )
            )
    return preferences
