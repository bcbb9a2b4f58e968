"""Scores of pairs as they are kept: one per candidate and offer, whoever asks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.services.recommendations.scores import DETERMINISTIC, Caveat, Part, Score

COLUMNS = """
r.candidate_id, r.job_id, r.score, r.points, r.matched, r.missing, r.unknown, r.caveat, r.cv, r.explanations, r.model,
r.fingerprint, r.computed_at
"""
"""Of recommendations r, as `read` takes them."""

OF_PAIRS = f"""
select {COLUMNS} from unnest(%s::integer[], %s::integer[]) as p (candidate_id, job_id)
  join recommendations r on (r.candidate_id, r.job_id) = (p.candidate_id, p.job_id)
"""

# The first score of the same profile and offer stays, with its words and its moment. A candidate and an offer are held
# before their row: whoever deletes one holds it before he comes to the row.
KEEP = """
insert into recommendations as r (candidate_id, job_id, score, points, matched, missing, unknown, caveat, cv, model,
                                  fingerprint, recommended)
select n.candidate_id, n.job_id, n.score, n.points, n.matched, n.missing, n.unknown, n.caveat, n.cv, n.model,
       n.fingerprint, n.recommended
  from jsonb_to_recordset(%s) as n (candidate_id integer, job_id integer, score double precision, points jsonb,
       matched jsonb, missing jsonb, unknown jsonb, caveat text, cv jsonb, model text, fingerprint text,
       recommended boolean)
  join jobs j on j.id = n.job_id
  join candidates c on c.id = n.candidate_id
  left join recommendations k on (k.candidate_id, k.job_id) = (n.candidate_id, n.job_id)
 where k.fingerprint is distinct from n.fingerprint
 order by n.candidate_id, n.job_id
   for key share of c, j
    on conflict (candidate_id, job_id) do update
   set score = excluded.score, points = excluded.points, matched = excluded.matched, missing = excluded.missing,
       unknown = excluded.unknown, caveat = excluded.caveat, cv = excluded.cv, explanations = '{}',
       model = excluded.model, fingerprint = excluded.fingerprint,
       recommended = r.recommended or excluded.recommended, computed_at = now()
 where r.fingerprint <> excluded.fingerprint
"""

# Whoever was faster with words for the same pair is not replaced.
JUDGE = """
update recommendations
   set score = %(score)s, points = %(points)s, matched = %(matched)s, missing = %(missing)s, unknown = %(unknown)s,
       caveat = %(caveat)s, model = %(model)s, explanations = %(explanations)s, computed_at = now()
 where candidate_id = %(candidate_id)s and job_id = %(job_id)s and fingerprint = %(fingerprint)s
   and model = %(deterministic)s
"""
EXPLAIN = """
update recommendations set explanations = %(explanations)s || explanations
 where candidate_id = %(candidate_id)s and job_id = %(job_id)s and fingerprint = %(fingerprint)s and model = %(model)s
"""


# One asks at a time, over all processes; whoever dies meanwhile keeps the others waiting for so long.
CLAIM = """
update recommendations set asked_until = now() + interval '150 seconds'
 where candidate_id = %(candidate_id)s and job_id = %(job_id)s and fingerprint = %(fingerprint)s
   and model = %(model)s and explanations = %(explanations)s and (asked_until is null or asked_until < now())
"""
RELEASE = "update recommendations set asked_until = null where candidate_id = %s and job_id = %s"
# No fingerprint is empty: the next score of the pair takes its place.
FORGET = """
update recommendations r set fingerprint = '', asked_until = null
  from unnest(%s::integer[], %s::integer[]) as p (candidate_id, job_id)
 where r.candidate_id = p.candidate_id and r.job_id = p.job_id
"""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A pair's score. explanations: a language model's words by locale; cv: what became of the CV, as JSON.

    computed_at: None for one that is not stored.
    """

    candidate_id: int
    job_id: int
    score: Score
    fingerprint: str
    explanations: Mapping[str, Any] = field(default_factory=dict)
    cv: Mapping[str, Any] | None = None
    computed_at: datetime | None = None

    @property
    def pair(self) -> Pair:
        return self.candidate_id, self.job_id

    @property
    def is_judged(self) -> bool:
        """Whether a language model has scored it."""
        return self.score.model != DETERMINISTIC


def read(row: Row) -> Kept:
    score = Score(
        total=row["score"],
        points={part: float(row["points"].get(part, 0.0)) for part in Part},
        matched=tuple(row["matched"]),
        missing=tuple(row["missing"]),
        unknown=frozenset(Part(each) for each in row["unknown"]),
        caveat=Caveat(row["caveat"]) if row["caveat"] else None,
        model=row["model"],
    )
    kept = ("candidate_id", "job_id", "fingerprint", "explanations", "cv", "computed_at")
    return Kept(score=score, **{name: row[name] for name in kept})


def of_pairs(connection: Connection, pairs: Collection[Pair]) -> dict[Pair, Kept]:
    """Those that are stored, whatever they were computed from."""
    found = [read(row) for row in query(connection, OF_PAIRS, sides(pairs))]
    return {each.pair: each for each in found}


def keep(connection: Connection, scored: Sequence[Kept], *, recommended: bool = False) -> None:
    """Store scores; those of a pair whose profile and offer are as they were stay. Pairs that are gone are left out."""
    rows = [{**_columns(each), "recommended": recommended} for each in scored]
    if rows:
        execute(connection, KEEP, (Jsonb(rows),))


def judge(connection: Connection, judged: Kept) -> bool:
    """Put a language model's score in the place of the deterministic one; False when the pair has changed meanwhile,
    or has such a score.
    """
    values = {**_parameters(judged), "explanations": Jsonb(dict(judged.explanations)), "deterministic": DETERMINISTIC}
    return bool(execute(connection, JUDGE, values))


def claim(connection: Connection, kept: Kept) -> bool:
    """Become the one who asks a language model about a pair as it is stored; False while somebody else asks, or when he
    has stored the answer meanwhile.
    """
    return bool(execute(connection, CLAIM, {**_parameters(kept), "explanations": Jsonb(dict(kept.explanations))}))


def release(connection: Connection, pair: Pair) -> None:
    execute(connection, RELEASE, pair)


def forget(connection: Connection, pairs: Collection[Pair]) -> None:
    """Have the next score of these pairs replace the one they have."""
    execute(connection, FORGET, sides(pairs))


def explain(connection: Connection, judged: Kept) -> bool:
    """Add words in further locales to a score that stays; False when the pair's score is another by now."""
    return bool(execute(connection, EXPLAIN, {**_parameters(judged), "explanations": Jsonb(dict(judged.explanations))}))


def _columns(kept: Kept) -> dict[str, Any]:
    score = kept.score
    return {
        "candidate_id": kept.candidate_id,
        "job_id": kept.job_id,
        "score": score.total,
        "points": {part.value: points for part, points in score.points.items()},
        "matched": list(score.matched),
        "missing": list(score.missing),
        "unknown": sorted(part.value for part in score.unknown),
        "caveat": score.caveat.value if score.caveat else None,
        "cv": dict(kept.cv) if kept.cv else None,
        "model": score.model,
        "fingerprint": kept.fingerprint,
    }


def sides(pairs: Collection[Pair]) -> list[list[int]]:
    """Candidates, and offers."""
    return [[each[place] for each in pairs] for place in (0, 1)]


def _parameters(kept: Kept) -> dict[str, Any]:
    return {name: Jsonb(value) if isinstance(value, list | dict) else value for name, value in _columns(kept).items()}
