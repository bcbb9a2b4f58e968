"""A candidate's preparation for an interview about an offer, kept while both are as they were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.catalogue.recommendations import PrepareInterview
from worker.contracts.scoring import Preparation
from worker.kit.database import execute, query
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Cancel, Done, Recorded, Write
from worker.services.recommendations import comparing, identities, loading, preparing, question_bank
from worker.services.recommendations.comparing import Known
from worker.services.recommendations.judging import Judging
from worker.services.recommendations.loading import IS_OPEN, Compared
from worker.services.recommendations.scoring import Tools

# An offer that is not open is shown to whoever applied for it.
SEEN = f"""
select j.title, c.name as company_name, now() as moment from jobs j join companies c on c.id = j.company_id
 where j.id = %(job)s
   and ({IS_OPEN} or exists (select from job_applications a where a.job_id = j.id and a.candidate_id = %(candidate)s))
"""
KEPT = """
select content, model, created_at from interview_preparations
 where candidate_id = %s and job_id = %s and locale = %s and fingerprint = %s
"""
KEEP = """
insert into interview_preparations (candidate_id, job_id, locale, fingerprint, content, model)
select c.id, j.id, %(locale)s, %(fingerprint)s, %(content)s, %(model)s from candidates c, jobs j
 where c.id = %(candidate_id)s and j.id = %(job_id)s
on conflict (candidate_id, job_id, locale) do update
   set fingerprint = excluded.fingerprint, content = excluded.content, model = excluded.model, created_at = now()
 where interview_preparations.fingerprint <> excluded.fingerprint
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """content: `questions` and `general_advice` as JSON."""

    job_title: str
    company_name: str
    content: Mapping[str, Any]
    model: str
    generated_at: datetime

    @property
    def is_written(self) -> bool:
        """Whether a language model wrote it for this candidate and offer."""
        return self.model != question_bank.BANK


def find(connection: Connection, candidate_id: int, job_id: int, locale: str) -> Prepared | None:
    """What is kept, else our own list of questions; None for an offer that the candidate may not see."""
    rows = query(connection, SEEN, {"candidate": candidate_id, "job": job_id})
    if not rows:
        return None
    offer = rows[0]
    fingerprint = _fingerprint(connection, candidate_id, job_id)
    kept = query(connection, KEPT, (candidate_id, job_id, locale, fingerprint)) if fingerprint else []
    if kept:
        content, model, moment = kept[0]["content"], kept[0]["model"], kept[0]["created_at"]
    else:
        bank = question_bank.preparation(offer["title"], locale)
        content, model, moment = _content(bank), bank.model, offer["moment"]
    return Prepared(offer["title"], offer["company_name"], content, model, moment)


def prepare(context: RunContext, payload: PrepareInterview, tools: Tools) -> Outcome:
    """Have it written, once while candidate and offer are as they are."""
    pair = (payload.candidate_id, payload.job_id)
    sides = context.transaction(lambda connection: _sides(connection, *pair))
    if sides is None:
        return Cancel(f"Candidate {payload.candidate_id} or offer {payload.job_id} is gone.")
    known, offer = sides
    fingerprint = loading.of_pair(known.fingerprint, offer)
    kept = context.transaction(lambda connection: query(connection, KEPT, (*pair, payload.locale, fingerprint)))
    if kept:
        return Done({"model": kept[0]["model"]})
    identity = context.transaction(lambda connection: identities.of_candidate(connection, payload.candidate_id))
    judging = Judging(context, tools.settings, tools.judge)
    written = preparing.prepare(judging, known.profile, offer.prepared.offer, payload.locale, identity)
    return Write(lambda connection: _keep(connection, payload, fingerprint, written))


def _keep(connection: Connection, payload: PrepareInterview, fingerprint: str, written: Preparation) -> Recorded:
    """Our own list is not kept: it may be had of a language model next time."""
    if written.model != question_bank.BANK:
        values = {"fingerprint": fingerprint, "content": Jsonb(_content(written)), "model": written.model}
        execute(connection, KEEP, {**payload.model_dump(), **values})
    return Done({"model": written.model})


def _sides(connection: Connection, candidate_id: int, job_id: int) -> tuple[Known, Compared] | None:
    known = comparing.candidates(connection, [candidate_id]).get(candidate_id)
    offer = loading.offers(connection, [job_id]).get(job_id)
    return (known, offer) if known and offer else None


def _fingerprint(connection: Connection, candidate_id: int, job_id: int) -> str | None:
    sides = _sides(connection, candidate_id, job_id)
    return loading.of_pair(sides[0].fingerprint, sides[1]) if sides else None


def _content(written: Preparation) -> dict[str, Any]:
    questions = [
        {"question": each.question, "tip": each.tip, "category": each.category.value} for each in written.questions
    ]
    return {"questions": questions, "general_advice": list(written.general_advice)}
