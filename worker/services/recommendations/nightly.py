"""The night: every candidate is compared with every open offer, shard by shard."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from worker.catalogue.recommendations import (
    JUDGE_NIGHT,
    SCORE_CANDIDATE,
    SCORE_SHARD,
    JudgeNight,
    ScoreCandidate,
    ScoreShard,
)
from worker.kit.database import Row, query
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Recorded, Run, Snooze, Write
from worker.ledger.runs import of_parent, sum_of_results
from worker.services.recommendations import recommending
from worker.services.recommendations.cvs.outcomes import CvOutcome
from worker.services.recommendations.cvs.stored import stored_texts
from worker.services.recommendations.open_offers import open_offer_cache
from worker.services.recommendations.recommending import Recommended

# Candidates per shard: seconds of work, which is what a killed worker repeats, and what is held in memory.
SHARD_SIZE = 1000
BOX_SIZE = 100
WAIT = 5.0
# CVs that were there before the platform are read in as many nights as that takes.
READ_PER_SHARD = 50
UNREAD = (CvOutcome.PENDING, CvOutcome.UNAVAILABLE)
COUNTED = ("candidates", "empty", "pairs", "applications", "cvs")

# Boxes of neighbouring ids: one pass over the candidates, without sorting them.
BOXES = """
select min(id) as first_id, max(id) as last_id, count(*)::integer as candidates
  from candidates group by id / %s order by 1
"""
OF_RANGE = "select id from candidates where id between %s and %s order by id"


def step(context: RunContext) -> Outcome:
    """One step of the night's run: cut it into shards, or wait for them. A repetition changes nothing that is there."""
    return Write(lambda connection: _advance(connection, context.run))


def score_shard(context: RunContext, payload: ScoreShard) -> Outcome:
    offers = context.transaction(open_offer_cache.current)

    def store(connection: Connection) -> Recommended:
        ids = [row["id"] for row in query(connection, OF_RANGE, (payload.first_id, payload.last_id))]
        return recommending.recommend(connection, ids, offers)

    # On its own, so that no application is held for as long as that takes.
    found = context.transaction(store)
    counts = {"candidates": len(found.known), "empty": found.empty, "pairs": found.pairs}

    def work(connection: Connection) -> Recorded:
        scored = recommending.score_undecided(connection, found, offers)
        return Done({**counts, "applications": scored, "cvs": _have_read(connection, list(found.known))})

    return Write(work)


def _have_read(connection: Connection, candidate_ids: Sequence[int]) -> int:
    """A run for some of those whose CV nobody has read, or could be had of its server; how many."""
    unread = [number for number, cv in stored_texts(connection, candidate_ids).items() if cv.outcome in UNREAD]
    payloads = [ScoreCandidate(candidate_id=number).model_dump() for number in unread[:READ_PER_SHARD]]
    enqueue_all(connection, [NewRun(SCORE_CANDIDATE.name, each, priority=8) for each in payloads])
    return len(payloads)


def _advance(connection: Connection, run: Run) -> Recorded:
    begun = (run.progress or {}).get("begun")
    return _begin(connection, run) if begun is None else _wait(connection, run, datetime.fromisoformat(begun))


def _begin(connection: Connection, run: Run) -> Recorded:
    shards = cut(query(connection, BOXES, (BOX_SIZE,)), SHARD_SIZE)
    payloads = [ScoreShard(first_id=first, last_id=last) for first, last in shards]
    enqueue_all(connection, [NewRun(SCORE_SHARD.name, each.model_dump(), parent_id=run.id) for each in payloads])
    [now] = query(connection, "select now() as moment")
    return Snooze(WAIT if shards else 0.0, {"begun": now["moment"].isoformat(), "shards": len(shards)})


def _wait(connection: Connection, run: Run, begun: datetime) -> Recorded:
    shards = of_parent(connection, run.id, since=begun)
    if shards.under_way:
        return Snooze(WAIT)
    enqueue_all(connection, [NewRun(JUDGE_NIGHT.name, JudgeNight().model_dump())])
    counts = {name: sum_of_results(connection, run.id, name, since=begun) for name in COUNTED}
    return Done({**counts, "failed_shards": shards.failed})


def cut(boxes: Sequence[Row], size: int) -> list[tuple[int, int]]:
    """Ranges of ids (first, last) that hold at most `size` candidates, or one box of more."""
    ranges: list[tuple[int, int]] = []
    held = size
    for box in boxes:
        if held + box["candidates"] > size:
            ranges.append((box["first_id"], box["last_id"]))
            held = 0
        ranges[-1] = (ranges[-1][0], box["last_id"])
        held += box["candidates"]
    return ranges
