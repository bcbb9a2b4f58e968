"""What an alert run would do now. Reads only: neither documents nor numbers nor watermarks are written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.services.alerts import eligibility, selection, shards
from worker.services.alerts.digests import Hit
from worker.services.alerts.runs import BOX_SIZE, BOXES, SHARD_SIZE, cut
from worker.services.alerts.search import IS_OPEN, OFFER, open_offers, prepare_each
from worker.services.matching.documents import VERSION
from worker.services.matching.index import OfferIndex
from worker.services.matching.offers import Offer, PreparedOffer

MOST_EXAMPLES = 5

# Whoever is being matched keeps the connection waiting.
READ_ONLY = "set transaction isolation level repeatable read read only"
PATIENT = "set local idle_in_transaction_session_timeout = 0"

ENDED = "select 1 from alert_runs where frequency = %s and period = %s and state = 'succeeded'"

# A run would prepare and number these first.
UNREADY = f"""
select {OFFER} from jobs j left join job_search s on s.job_id = j.id
 where {IS_OPEN} and (s.visible_no is null or s.version < {VERSION} or j.id in (select job_id from job_changes))
 order by coalesce(j.posted_at, j.created_at) nulls first, j.id
"""


@dataclass(frozen=True, slots=True)
class Example:
    """An alert that would get a mail. total: offers found; job_ids: the newest of them."""

    alert_id: int
    total: int
    job_ids: tuple[int, ...]


@dataclass(slots=True)
class Forecast:
    """active: alerts of the frequency (of the instant ones those that do not rest); due: of those, have not looked at
    every offer; matched: find something; mailed: get a digest; skipped: find something and get none, by reason;
    ended: the period's run has succeeded already, and another would do nothing.
    """

    frequency: str
    period: datetime
    upper_bound: int
    active: int
    due: int
    ended: bool
    matched: int = 0
    mailed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)


def forecast(connection: Connection, frequency: str, period: datetime) -> Forecast:
    """What a run of this frequency and period would do if it began now.

    The first statements of their transaction, which can write nothing from then on. An alert that the main web app
    wrote within the last minute counts as `untranslated`, though a run would look for its owner first. Cost: like a
    run's, without its writing.
    """
    execute(connection, READ_ONLY)
    execute(connection, PATIENT)
    unready, upper_bound = _unready(connection)
    boxes = query(connection, BOXES, {"frequency": frequency, "upper_bound": upper_bound, "size": BOX_SIZE})
    found = Forecast(
        frequency,
        period,
        upper_bound,
        active=sum(box["alerts"] for box in boxes),
        due=sum(box["behind"] for box in boxes),
        ended=bool(query(connection, ENDED, (frequency, period))),
    )
    if found.due:
        index = OfferIndex([*unready, *_ready(connection, upper_bound, unready)])
        for first, last in cut(boxes, SHARD_SIZE):
            alerts = selection.due(connection, frequency, first, last, upper_bound)
            _count(connection, found, shards.match(alerts, index, upper_bound))
    return found


def _unready(connection: Connection) -> tuple[list[PreparedOffer], int]:
    """Offers as a run would prepare and number them, and the highest number then."""
    upper_bound = query(connection, "select highest_job_number() as upper_bound")[0]["upper_bound"]
    offers = []
    for row in query(connection, UNREADY):
        if row["number"] is None:
            upper_bound += 1
        offers.append(Offer(**{**row, "number": row["number"] or upper_bound}))
    return list(prepare_each(offers, {})), upper_bound


def _ready(connection: Connection, upper_bound: int, unready: Sequence[PreparedOffer]) -> list[PreparedOffer]:
    anew = {each.offer.id for each in unready}
    return [each for each in open_offers(connection, above=0, upper_bound=upper_bound) if each.offer.id not in anew]


def _count(connection: Connection, found: Forecast, hits: Sequence[Hit]) -> None:
    recipients = eligibility.recipients(connection, [hit.alert_id for hit in hits], found.period)
    mailed = [hit for hit in hits if hit.alert_id in recipients and recipients[hit.alert_id].skip is None]
    found.matched += len(hits)
    found.mailed += len(mailed)
    found.skipped.update(skip for recipient in recipients.values() if (skip := recipient.skip))
    room = MOST_EXAMPLES - len(found.examples)
    found.examples += [Example(hit.alert_id, hit.total, hit.job_ids) for hit in mailed[:room]]
