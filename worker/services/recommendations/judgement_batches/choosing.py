"""Which pairs a language model judges at night: applications that nobody has decided, the best ones first."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection

from worker.catalogue.recommendations import SEND_JUDGEMENTS, JudgementBatch
from worker.contracts.judging_batches import MOST_QUESTIONS
from worker.kit.database import hold, query
from worker.kit.localisation import known_locale
from worker.kit.locks import Lock
from worker.kit.settings import Settings
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.outcomes import Done
from worker.services.recommendations.applications import IS_OVER
from worker.services.recommendations.judgement_batches import rows
from worker.services.recommendations.judgement_batches.rows import BatchPair
from worker.services.recommendations.loading import IS_OPEN
from worker.services.recommendations.scores import DETERMINISTIC

# Every company has its turn before one has its second hundred.
MOST_PAIRS = 10_000

PAIRS = f"""
with under_way as (
    select (p ->> 'candidate_id')::integer as candidate_id, (p ->> 'job_id')::integer as job_id
      from judgement_batches b cross join jsonb_array_elements(b.pairs) as p where b.finished_at is null
), ranked as (
    select j.company_id, r.candidate_id, r.job_id, r.fingerprint, j.language,
           row_number() over (partition by j.company_id order by r.score desc, r.candidate_id, r.job_id) as place
      from recommendations r join jobs j on j.id = r.job_id
     where r.model = %(model)s and r.caveat is null and r.score > 0 and r.fingerprint <> '' and {IS_OPEN}
       and exists (select from job_applications a
                    where a.candidate_id = r.candidate_id and a.job_id = r.job_id and not {IS_OVER})
       and not exists (select from under_way u where u.candidate_id = r.candidate_id and u.job_id = r.job_id)
)
select * from ranked where place <= %(each)s order by place, company_id limit %(most)s
"""


def make_batches(connection: Connection, settings: Settings) -> Done:
    """One batch per company with pairs to be judged, each with the run that hands it over. None without a key."""
    if not settings.anthropic_api_key:
        return Done({"batches": 0, "pairs": 0})
    hold(connection, Lock.CHOOSING_JUDGEMENTS)
    chosen = _choose(connection)
    runs = [
        NewRun(
            SEND_JUDGEMENTS.name,
            JudgementBatch(batch_id=rows.write(connection, company, pairs)).model_dump(),
            company_id=company,
        )
        for company, pairs in chosen.items()
    ]
    enqueue_all(connection, runs)
    return Done({"batches": len(chosen), "pairs": sum(map(len, chosen.values()))})


def _choose(connection: Connection) -> Mapping[int, list[BatchPair]]:
    values = {"model": DETERMINISTIC, "each": MOST_QUESTIONS, "most": MOST_PAIRS}
    found: defaultdict[int, list[BatchPair]] = defaultdict(list)
    for row in query(connection, PAIRS, values):
        locale = known_locale((row["language"] or "").strip().lower()[:2])
        pair = BatchPair(row["candidate_id"], row["job_id"], row["fingerprint"], locale)
        found[row["company_id"]].append(pair)
    return found
