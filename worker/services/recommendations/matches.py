"""What is recommended to a candidate: his best open offers, as both sides are at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.services.recommendations import changes, comparing, loading, storing
from worker.services.recommendations.applications import IS_OVER
from worker.services.recommendations.bulk import Index
from worker.services.recommendations.comparing import Known
from worker.services.recommendations.recommending import MOST
from worker.services.recommendations.storing import Kept

# So many of the newest are looked at when nobody has looked at all of them yet.
NEWEST = 30

SET = "select offers, fingerprint, computed_at, now() as moment from recommendation_sets where candidate_id = %s"
MOMENT = "select now() as moment"
RECOMMENDED = f"select {storing.COLUMNS} from recommendations r where r.candidate_id = %s and r.recommended"

# Whoever was refused there, or took himself back, is not sent there again, unless he applied anew.
OFFERS = f"""
select j.id, j.title, c.name as company_name, j.location, j.job_type::text as job_type, j.salary_min, j.salary_max,
       j.currency, coalesce(j.posted_at, j.created_at) as posted_at
  from jobs j join companies c on c.id = j.company_id
 where j.id = any(%(jobs)s)
   and not exists (select from job_applications a where a.candidate_id = %(candidate)s and a.job_id = j.id
                   having bool_and({IS_OVER}))
"""


@dataclass(frozen=True, slots=True)
class Match:
    """offer: what is shown of it."""

    offer: Row
    kept: Kept


@dataclass(frozen=True, slots=True)
class Matches:
    """looked_at: among how many offers, at the moment `generated_at`. is_empty: the candidate tells nothing yet."""

    matches: tuple[Match, ...]
    looked_at: int
    generated_at: datetime
    is_empty: bool = False


def find(connection: Connection, candidate_id: int, *, limit: int = MOST) -> Matches:
    """The best first. What was computed from what both sides are now is answered as it is; a little is computed at
    once, and whatever else has changed soon.
    """
    known = comparing.candidates(connection, [candidate_id])[candidate_id]
    if known.told.is_empty:
        return Matches((), 0, query(connection, MOMENT)[0]["moment"], is_empty=True)
    sets = query(connection, SET, (candidate_id,))
    is_current = bool(sets) and sets[0]["fingerprint"] == known.fingerprint
    if not is_current:
        changes.note(connection, candidate_id)
    since = sets[0]["computed_at"] if is_current else None
    newest = loading.newest_open(connection, NEWEST, since=since)
    matches = _shown(connection, candidate_id, _kept(connection, known, newest), limit)
    if is_current:
        return Matches(matches, sets[0]["offers"], sets[0]["computed_at"])
    return Matches(matches, len(newest), query(connection, MOMENT)[0]["moment"])


def _kept(connection: Connection, known: Known, newest: list[int]) -> dict[int, Kept]:
    """Scores by open offer: of those recommended before and of the newest, as far as they have something in common."""
    stored = [storing.read(row) for row in query(connection, RECOMMENDED, (known.profile.id,))]
    before = {each.job_id: each for each in stored}
    prints = loading.fingerprints(connection, {*before, *newest})
    fresh = {
        job_id: before[job_id]
        for job_id, fingerprint in prints.items()
        if job_id in before and before[job_id].fingerprint == loading.joined(known.fingerprint, fingerprint)
    }
    others = loading.offers(connection, prints.keys() - fresh.keys())
    index = Index([each.prepared for each in others.values()])
    pairs = [(known.profile.id, job_id) for ranked in index.best([known.profile], MOST) for job_id, _ in ranked]
    found = comparing.assess(connection, pairs, {known.profile.id: known}, others)
    return {**fresh, **{job_id: kept for (_, job_id), kept in found.items()}}


def _shown(connection: Connection, candidate_id: int, kept: Mapping[int, Kept], limit: int) -> tuple[Match, ...]:
    fitting = [job_id for job_id, each in kept.items() if each.score.total > 0 and each.score.caveat is None]
    rows = query(connection, OFFERS, {"jobs": fitting, "candidate": candidate_id})
    rows.sort(key=lambda row: (-kept[row["id"]].score.total, -_seconds(row["posted_at"]), -row["id"]))
    return tuple(Match(row, kept[row["id"]]) for row in rows[:limit])


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
