"""The applications for an offer with their scores, as recruiters read them."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.services.recommendations import storing, words
from worker.services.recommendations.storing import Kept, Pair

COLUMNS = """
a.id, a.job_id, a.candidate_id, coalesce(nullif(btrim(concat_ws(' ', u.first_name, u.last_name)), ''), u.name, '')
    as candidate_name, u.email as candidate_email, lower(a.status::text) as status, a.applied_at, a.ai_score,
a.ai_score_details, a.ai_analyzed_at, a.cv_url
"""
PAGE = f"""
select {COLUMNS}
  from (select * from job_applications where job_id = %(job)s order by {{order}} limit %(limit)s offset %(offset)s) a
  join candidates c on c.id = a.candidate_id join users u on u.id = c.user_id
 order by {{outer}}
"""
BEST, NEWEST = "{0}ai_score desc nulls last, {0}id desc", "{0}applied_at desc nulls last, {0}id desc"
PAGES = {
    by_score: PAGE.format(order=order.format(""), outer=order.format("a."))
    for by_score, order in ((True, BEST), (False, NEWEST))
}
TOTAL = "select count(*)::integer as total from job_applications where job_id = %s"


COMPANY = "select company_id from jobs where id = %s"


class ScoredPage(NamedTuple):
    """rows: `ai_score_details` in the reader's language. unworded: pairs that a language model scored and has not put
    into that language.
    """

    rows: list[Row]
    total: int
    unworded: list[Kept]


def company_of(connection: Connection, job_id: int) -> int | None:
    """Whose offer it is; None where there is none."""
    rows = query(connection, COMPANY, (job_id,))
    return rows[0]["company_id"] if rows else None


def find(connection: Connection, job_id: int, locale: str, *, by_score: bool, limit: int, offset: int) -> ScoredPage:
    """The best first, or the newest."""
    rows = query(connection, PAGES[by_score], {"job": job_id, "limit": limit, "offset": offset})
    kept = storing.of_pairs(connection, list({(row["candidate_id"], job_id) for row in rows}))
    shown = [{**row, "ai_score_details": _details(row, kept, locale)} for row in rows]
    unworded = [each for each in kept.values() if each.is_judged and locale not in each.explanations]
    return ScoredPage(shown, query(connection, TOTAL, (job_id,))[0]["total"], unworded)


def _details(row: Row, kept: dict[Pair, Kept], locale: str) -> Any:
    """The stored details where somebody else wrote them."""
    found = kept.get((row["candidate_id"], row["job_id"]))
    if found is None or row["ai_score"] is None or found.score.total != row["ai_score"]:
        return row["ai_score_details"]
    return words.details(found, locale)
