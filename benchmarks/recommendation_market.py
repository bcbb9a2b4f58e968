"""Candidates and offers for the benchmark of recommendations: those of the sandbox's company set, by the shard.

Every second candidate has a CV beside the profile. The same shard holds the same candidates every time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from sandbox.seed import people
from sandbox.seed.generate import generate
from sandbox.seed.vocabulary.phrases import EXPERIENCE, FORMER_EMPLOYERS, POSTURES, SCHOOLS
from worker.services.matching.offers import Offer, PreparedOffer, prepare
from worker.services.recommendations.periods import months_between
from worker.services.recommendations.profiles import CandidateProfile, Education, Experience, Skill, SkillKind

NOW = datetime(2026, 11, 28, tzinfo=UTC)
SHARD = 1_000
LONGEST_CV = 8_000
COMPANIES = 300


def offers(count: int) -> list[PreparedOffer]:
    seeds = generate(companies=COMPANIES, offers=count, candidates=0, alerts=0, now=NOW)
    known = {field.name for field in fields(Offer)} & set(type(seeds.jobs[0]).__dataclass_fields__)
    return [prepare(Offer(**{name: getattr(job, name) for name in known}, number=job.id)) for job in seeds.jobs]


def candidates(shard: int, count: int = SHARD) -> Iterator[CandidateProfile]:
    random = Random(f"recommendations:{shard}")  # noqa: S311 - the same crowd every time; nothing secret comes from it
    seeds = list(people.make_profiles(people.Register(random, NOW), count, random))
    skills = _by_candidate(people.make_skills(seeds, random))
    experiences = _by_candidate(people.make_experiences(seeds, NOW, random))
    educations = _by_candidate(people.make_educations(seeds, NOW, random))
    for seed in seeds:
        number = seed.candidate.id
        yield CandidateProfile(
            id=shard * SHARD + number,
            title=seed.candidate.title,
            summary=seed.candidate.summary,
            years_experience=seed.candidate.years_experience,
            skills=tuple(Skill(each.name, each.level, SkillKind(each.category.lower())) for each in skills[number]),
            experiences=tuple(map(_experience, experiences[number])),
            educations=tuple(Education(each.degree, None) for each in educations[number]),
            location=seed.candidate.location,
            salary_min=seed.candidate.salary_expectation_min,
            salary_max=seed.candidate.salary_expectation_max,
            cv_text=_cv(seed, experiences[number], random) if number % 2 else None,
        )


def _by_candidate(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.candidate_id].append(row)
    return found


def _experience(row: Any) -> Experience:
    months = months_between(row.start_date, row.end_date, today=date(NOW.year, NOW.month, NOW.day))
    return Experience(row.title, row.description, months)


def _cv(seed: people.Profile, experiences: Sequence[Any], random: Random) -> str:
    """Two or three pages."""
    profession, of = seed.profession, seed.city.of
    lines = [seed.candidate.title, seed.candidate.summary, profession.mission, random.choice(EXPERIENCE)]
    for each in (*experiences, *experiences):
        lines += [
            f"{each.start_date} – {each.end_date or ''} {each.title}",
            random.choice(FORMER_EMPLOYERS).format(of=of),
        ]
        lines += [*profession.tasks, random.choice(POSTURES)]
    lines += [*profession.degrees, random.choice(SCHOOLS).format(of=of), ", ".join(profession.skills)]
    return "\n".join(lines)[:LONGEST_CV]
