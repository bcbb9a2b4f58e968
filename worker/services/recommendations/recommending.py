"""The best open offers of candidates, as they are kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute
from worker.kit.localisation import DEFAULT_LOCALE
from worker.services.recommendations import applications, comparing, storing
from worker.services.recommendations.comparing import Known
from worker.services.recommendations.open_offers import OpenOffers
from worker.services.recommendations.storing import Kept

MOST = 20

MARK = """
update recommendations r set recommended = true
  from (select o.candidate_id, o.job_id
          from jsonb_to_recordset(%s) as n (candidate_id integer, job_id integer)
          join recommendations o on (o.candidate_id, o.job_id) = (n.candidate_id, n.job_id)
         where not o.recommended for no key update of o skip locked) o
 where r.candidate_id = o.candidate_id and r.job_id = o.job_id
"""
# What is no longer among the best stays where an application has it. Rows that somebody else holds may go with their
# offer: nobody waits for them, and the next night looks again.
OTHERS = """
with others as (
    select r.candidate_id, r.job_id from recommendations r
     where r.candidate_id = any(%(candidates)s) and r.recommended
       and not exists (select from jsonb_to_recordset(%(best)s) as n (candidate_id integer, job_id integer)
                        where n.candidate_id = r.candidate_id and n.job_id = r.job_id)
       for update of r skip locked
), kept as (
    update recommendations r set recommended = false from others o
     where r.candidate_id = o.candidate_id and r.job_id = o.job_id
       and exists (select from job_applications a where a.candidate_id = o.candidate_id and a.job_id = o.job_id)
    returning r.candidate_id, r.job_id
)
delete from recommendations r using others o
 where r.candidate_id = o.candidate_id and r.job_id = o.job_id
   and not exists (select from job_applications a where a.candidate_id = o.candidate_id and a.job_id = o.job_id)
"""
# The first of all, because it holds the candidates: whoever deletes one holds him before he comes to these rows.
NOTE = """
insert into recommendation_sets as s (candidate_id, offers, fingerprint)
select n.candidate_id, %(offers)s, n.fingerprint
  from jsonb_to_recordset(%(sets)s) as n (candidate_id integer, fingerprint text)
  join candidates c on c.id = n.candidate_id
 order by n.candidate_id
   for key share of c
    on conflict (candidate_id) do update
   set offers = excluded.offers, fingerprint = excluded.fingerprint, computed_at = now()
"""


@dataclass(frozen=True, slots=True)
class Recommended:
    """known: the candidates who were looked at; pairs: how many offers are stored for them."""

    known: Mapping[int, Known]
    pairs: int

    @property
    def empty(self) -> int:
        """How many of them tell nothing."""
        return sum(each.told.is_empty for each in self.known.values())


def recommend(connection: Connection, candidate_ids: Collection[int], offers: OpenOffers) -> Recommended:
    """Store the best open offers of these candidates. In a transaction of its own, or in one that holds their
    applications: whoever deletes a candidate deletes those first.

    Whoever tells nothing of himself has none. A score of the same profile and offer stays, whoever made it.
    """
    known = comparing.candidates(connection, candidate_ids)
    found = _best({number: each for number, each in known.items() if not each.told.is_empty}, offers)
    sets = [{"candidate_id": number, "fingerprint": each.fingerprint} for number, each in known.items()]
    execute(connection, NOTE, {"offers": len(offers.compared), "sets": Jsonb(sets)})
    storing.keep(connection, found, recommended=True)
    best = Jsonb([{"candidate_id": each.candidate_id, "job_id": each.job_id} for each in found])
    execute(connection, MARK, (best,))
    execute(connection, OTHERS, {"candidates": list(candidate_ids), "best": best})
    return Recommended(known, len(found))


def score_undecided(connection: Connection, found: Recommended, offers: OpenOffers) -> int:
    """Score the undecided applications of candidates for whom offers were just stored; how many."""
    undecided = applications.undecided(connection, found.known.keys())
    return len(applications.score(connection, undecided, DEFAULT_LOCALE, known=found.known, offers=offers.compared))


def _best(known: Mapping[int, Known], offers: OpenOffers) -> list[Kept]:
    best = offers.index.best([each.profile for each in known.values()], MOST)
    return [
        candidate.kept(offers.compared[job_id], score)
        for candidate, ranked in zip(known.values(), best, strict=True)
        for job_id, score in ranked
        if score.total > 0
    ]
