"""Candidates and offers as they are compared, read from the main web app's rows."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.kit.logging import get_logger
from worker.services.matching.offers import SEARCHED_FIELDS, Offer, PreparedOffer, prepare
from worker.services.recommendations.asked import Asked, read_offer
from worker.services.recommendations.periods import months_between
from worker.services.recommendations.profiles import CandidateProfile, Education, Experience, Skill, SkillKind
from worker.services.recommendations.scores import DETERMINISTIC
from worker.services.recommendations.towns import town

log = get_logger(__name__)

CANDIDATES = """
select id, title, summary, years_experience, location, salary_expectation_min as salary_min,
       salary_expectation_max as salary_max, current_date as today
  from candidates where id = any(%s)
"""
SKILLS = "select candidate_id, name, level, category::text as kind from skills where candidate_id = any(%s) order by id"
EXPERIENCES = """
select candidate_id, title, description, start_date, end_date, coalesce(is_current, false) as is_current
  from experiences where candidate_id = any(%s) order by id
"""
EDUCATIONS = "select candidate_id, degree, description from educations where candidate_id = any(%s) order by id"

COMPARED = (*SEARCHED_FIELDS, "location", "zone", "country", "currency", "language")
TYPED = ("location_type", "job_type", "salary_min", "salary_max")
# What else the row tells changes no score.
OFFER_FINGERPRINT = "md5(concat_ws(chr(31), {}))".format(
    ", ".join(f"coalesce(j.{name}::text, '')" for name in (*COMPARED, *TYPED))
)
OFFER = f"""
j.id, j.company_id, {", ".join(f"j.{name}" for name in COMPARED)}, j.location_type::text as location_type,
j.job_type::text as job_type, j.salary_min, j.salary_max, j.status::text as status,
coalesce(j.posted_at, j.created_at) as posted_at, j.expires_at
"""
IS_PUBLISHED = "lower(j.status::text) = 'published'"
IS_OPEN = f"{IS_PUBLISHED} and (j.expires_at is null or j.expires_at > now())"

OF_IDS = f"select {OFFER}, {OFFER_FINGERPRINT} as fingerprint from jobs j where j.id = any(%s)"
OPEN_FINGERPRINTS = f"select j.id, {OFFER_FINGERPRINT} as fingerprint from jobs j where {IS_OPEN} order by j.id"
FINGERPRINTS = f"select j.id, {OFFER_FINGERPRINT} as fingerprint from jobs j where j.id = any(%s) and {IS_OPEN}"
NEWEST = f"""
select n.id from (
    select j.id, coalesce(j.posted_at, j.created_at) as since from jobs j where {IS_OPEN}
     order by coalesce(j.posted_at, j.created_at) desc nulls last, j.id desc limit %(most)s) n
 where %(since)s::timestamptz is null or n.since > %(since)s
"""

LONGEST_FINGERPRINT = 16


@dataclass(frozen=True, slots=True)
class Compared:
    """An offer that is ready to be compared, with a fingerprint of all that changes a score."""

    prepared: PreparedOffer
    asked: Asked
    fingerprint: str


def profiles(
    connection: Connection, candidate_ids: Collection[int], cv_texts: Mapping[int, str]
) -> dict[int, CandidateProfile]:
    """Of those who exist. cv_texts: by candidate."""
    ids = list(candidate_ids)
    skills, experiences, educations = (
        _by_candidate(query(connection, sql, (ids,))) for sql in (SKILLS, EXPERIENCES, EDUCATIONS)
    )
    return {
        row["id"]: CandidateProfile(
            id=row["id"],
            title=row["title"],
            summary=row["summary"],
            years_experience=row["years_experience"],
            skills=tuple(_skill(each) for each in skills[row["id"]]),
            experiences=tuple(_experience(each, row["today"]) for each in experiences[row["id"]]),
            educations=tuple(Education(each["degree"], each["description"]) for each in educations[row["id"]]),
            location=town(row["location"]),
            salary_min=row["salary_min"] or None,
            salary_max=row["salary_max"] or None,
            cv_text=cv_texts.get(row["id"]) or None,
        )
        for row in query(connection, CANDIDATES, (ids,))
    }


def offers(connection: Connection, job_ids: Collection[int]) -> dict[int, Compared]:
    """Of those that exist, open or not. One that cannot be read is left out and holds up no other. Cost: some
    milliseconds per offer.
    """
    rows = query(connection, OF_IDS, (list(job_ids),))
    return {row["id"]: compared for row in rows if (compared := _compared(row)) is not None}


def newest_open(connection: Connection, most: int, *, since: datetime | None = None) -> list[int]:
    """Of the newest open offers, those that came later than `since`."""
    return [row["id"] for row in query(connection, NEWEST, {"most": most, "since": since})]


def fingerprints(connection: Connection, job_ids: Collection[int]) -> dict[int, str]:
    """Of those of these offers that are open, by id."""
    return {row["id"]: row["fingerprint"] for row in query(connection, FINGERPRINTS, (list(job_ids),))}


def open_fingerprints(connection: Connection) -> dict[int, str]:
    """Of all open offers, by id. Reads every offer."""
    return {row["id"]: row["fingerprint"] for row in query(connection, OPEN_FINGERPRINTS)}


def fingerprint(profile: CandidateProfile) -> str:
    """Of all that changes a score; the candidate's id does not."""
    known = [getattr(profile, name) for name in CandidateProfile.__dataclass_fields__ if name != "id"]
    return hashlib.sha256(repr((DETERMINISTIC, known)).encode()).hexdigest()[:LONGEST_FINGERPRINT]


def of_pair(profile_fingerprint: str, offer: Compared) -> str:
    return joined(profile_fingerprint, offer.fingerprint)


def joined(profile_fingerprint: str, offer_fingerprint: str) -> str:
    """The fingerprint of a pair."""
    return f"{profile_fingerprint}:{offer_fingerprint[:LONGEST_FINGERPRINT]}"


def _by_candidate(rows: Collection[Row]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["candidate_id"]].append(row)
    return found


def _skill(row: Row) -> Skill:
    kind = str(row["kind"]).lower()
    known = SkillKind(kind) if kind in tuple(SkillKind) else SkillKind.TECHNICAL
    return Skill(row["name"], min(max(row["level"], 1), 5), known)


def _experience(row: Row, today: date) -> Experience:
    months = months_between(row["start_date"], row["end_date"], today, is_current=row["is_current"])
    return Experience(row["title"], row["description"], months)


def _compared(row: Mapping[str, Any]) -> Compared | None:
    try:
        prepared = prepare(Offer(**{name: value for name, value in row.items() if name != "fingerprint"}))
        return Compared(prepared, read_offer(prepared), row["fingerprint"])
    except Exception as error:  # noqa: BLE001 - what one employer wrote stops nobody else, whatever it is
        log.warning("offer.not_compared", job=row["id"], reason=type(error).__name__)
        return None
