"""Scores of applications: that of the pair, copied into the main web app's columns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.services.recommendations import comparing, cv_outcomes, storing, words
from worker.services.recommendations.comparing import Known
from worker.services.recommendations.loading import IS_OPEN, Compared
from worker.services.recommendations.scores import Caveat
from worker.services.recommendations.storing import Kept, Pair

COLUMNS = "a.id, a.candidate_id, a.job_id, j.company_id"
FROM = "from job_applications a join jobs j on j.id = a.job_id"

# `withdrawn` is no label of the main web app today, which deletes what is withdrawn.
IS_OVER = "lower(a.status::text) in ('rejected', 'withdrawn')"

OF_IDS = f"select {COLUMNS} {FROM} where a.id = any(%s) order by a.id"
OF_PAIR = f"select {COLUMNS} {FROM} where a.candidate_id = %s and a.job_id = %s order by a.id"
UNDECIDED = f"select {COLUMNS} {FROM} where a.candidate_id = any(%s) and not {IS_OVER} and {IS_OPEN} order by a.id"
SCORED = f"""
select {COLUMNS} {FROM}
 where a.candidate_id = any(%s) and not {IS_OVER} and a.ai_score is not null order by a.id
"""
OF_OFFER = f"""
select {COLUMNS} {FROM}
 where a.job_id = %(job)s and a.id > %(after)s
   and (%(scored)s::boolean is null or %(scored)s = (a.ai_score is not null))
   and not (%(undecided)s and {IS_OVER})
 order by a.id limit %(limit)s
"""

# Held before anything that stands on their candidates and offers: whoever deletes one deletes its applications first,
# and would wait for us while we wait for him. In one order, because two of these may meet.
HOLD = "select id from job_applications where id = any(%s) order by id for no key update"
HOLD_PAIRS = """
select a.id from unnest(%s::integer[], %s::integer[]) as p (candidate_id, job_id)
  join job_applications a on a.candidate_id = p.candidate_id and a.job_id = p.job_id
 order by a.id for no key update of a
"""
WRITE = """
with held as (
    select a.id, n.score, n.details, n.computed_at
      from jsonb_to_recordset(%s) as n (id integer, score double precision, details jsonb, computed_at timestamptz)
      join job_applications a on a.id = n.id
     where a.ai_score is distinct from n.score or a.ai_score_details is distinct from n.details
        or a.ai_analyzed_at is distinct from n.computed_at
     order by a.id for no key update of a
)
update job_applications a
   set ai_score = h.score, ai_score_details = h.details, ai_analyzed_at = h.computed_at, updated_at = now()
  from held h where a.id = h.id
"""


@dataclass(frozen=True, slots=True)
class Application:
    id: int
    candidate_id: int
    job_id: int
    company_id: int

    @property
    def pair(self) -> Pair:
        return self.candidate_id, self.job_id


def find(connection: Connection, application_id: int) -> Application | None:
    rows = query(connection, OF_IDS, ([application_id],))
    return Application(**rows[0]) if rows else None


def of_pair(connection: Connection, pair: Pair) -> list[Application]:
    return [Application(**row) for row in query(connection, OF_PAIR, pair)]


def undecided(connection: Connection, candidate_ids: Collection[int]) -> list[Application]:
    """For open offers, neither rejected nor withdrawn."""
    return [Application(**row) for row in query(connection, UNDECIDED, (list(candidate_ids),))]


def scored(connection: Connection, candidate_ids: Collection[int]) -> list[Application]:
    """Those that have a score and were neither rejected nor withdrawn."""
    return [Application(**row) for row in query(connection, SCORED, (list(candidate_ids),))]


def of_offer(
    connection: Connection,
    job_id: int,
    *,
    after: int,
    limit: int,
    with_score: bool | None = None,
    only_undecided: bool = False,
) -> list[Application]:
    """Those with a higher id than `after`. with_score: only those that have one, or have none."""
    values = {"job": job_id, "after": after, "limit": limit, "scored": with_score, "undecided": only_undecided}
    return [Application(**row) for row in query(connection, OF_OFFER, values)]


def is_valid(kept: Kept) -> bool:
    """Whether there is a score at all: an offer without words is compared with nobody."""
    return kept.score.caveat is not Caveat.OFFER_TOO_SHORT


def hold(connection: Connection, applications: Sequence[Application]) -> list[Application]:
    """Keep others from changing them until the transaction ends; those that are still there."""
    held = {row["id"] for row in query(connection, HOLD, ([each.id for each in applications],))}
    return [each for each in applications if each.id in held]


def hold_pairs(connection: Connection, pairs: Collection[Pair]) -> None:
    """As `hold`, of all applications of these pairs."""
    query(connection, HOLD_PAIRS, storing.sides(pairs))


STANDING = "select ai_score from job_applications where id = %s"


def standing(connection: Connection, application: Application) -> Kept | None:
    """The pair's stored score, where it is of what both sides are now and stands in the application as well."""
    kept = comparing.assess_now(connection, [application.pair]).get(application.pair)
    [row] = query(connection, STANDING, (application.id,)) or [{"ai_score": None}]
    is_written = kept is not None and kept.computed_at is not None and row["ai_score"] == kept.score.total
    return kept if is_written else None


def score(
    connection: Connection,
    applications: Sequence[Application],
    locale: str,
    *,
    known: Mapping[int, Known] | None = None,
    offers: Mapping[int, Compared] | None = None,
    anew: bool = False,
) -> dict[int, Kept]:
    """Store what is found of these applications' pairs and write it into them; what was found, by application.

    Scores that are none are answered and not written. known, offers: loaded here where they are not given. anew: what
    is stored is forgotten first.
    """
    if anew:
        applications = hold(connection, applications)
        storing.forget(connection, [each.pair for each in applications])
    pairs = [each.pair for each in applications]
    if known is None or offers is None:
        assessed = comparing.assess_now(connection, pairs)
    else:
        assessed = comparing.assess(connection, pairs, known, offers)
    if any(map(_is_new, assessed.values())):
        applications = hold(connection, applications)
    stored = _stored(connection, {each.pair: assessed[each.pair] for each in applications if each.pair in assessed})
    found = {each.id: stored[each.pair] for each in applications if each.pair in stored}
    write(connection, found, locale)
    cv_outcomes.renew(connection, stored.values())
    return found


def _stored(connection: Connection, assessed: Mapping[Pair, Kept]) -> dict[Pair, Kept]:
    """Scores as they are stored once the new ones are, with what is known of the CV now."""
    storing.keep(connection, [kept for kept in assessed.values() if _is_new(kept)])
    stored = storing.of_pairs(connection, [pair for pair, kept in assessed.items() if is_valid(kept)])
    return {pair: _with_cv(stored.get(pair, kept), kept) for pair, kept in assessed.items()}


def _with_cv(stored: Kept, now: Kept) -> Kept:
    return replace(stored, cv=now.cv) if stored.fingerprint == now.fingerprint else stored


def _is_new(kept: Kept) -> bool:
    return kept.computed_at is None and is_valid(kept)


def write(connection: Connection, scores: Mapping[int, Kept], locale: str) -> None:
    """Into applications, by id. Their details are in `locale`."""
    rows = [
        {
            "id": number,
            "score": kept.score.total,
            "details": words.details(kept, locale),
            "computed_at": kept.computed_at.isoformat(),
        }
        for number, kept in scores.items()
        if kept.computed_at is not None and is_valid(kept)
    ]
    if rows:
        execute(connection, WRITE, (Jsonb(rows),))
