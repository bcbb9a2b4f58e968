"""What is asked about the pairs of a batch, as both sides are now."""

from collections.abc import Sequence

from sqlalchemy import Connection

from worker.contracts.scoring import JudgeRequest
from worker.services.recommendations import comparing, identities, loading, telling
from worker.services.recommendations.judgement_batches.rows import BatchPair
from worker.services.recommendations.storing import Kept


def unchanged(connection: Connection, pairs: Sequence[BatchPair]) -> dict[BatchPair, Kept]:
    """The scores of those pairs that nobody has judged, and of which nothing that is known has changed."""
    scores = comparing.assess_now(connection, [(each.candidate_id, each.job_id) for each in pairs])
    found = {}
    for pair in pairs:
        kept = scores.get((pair.candidate_id, pair.job_id))
        if kept is not None and kept.fingerprint == pair.fingerprint and not kept.is_judged:
            found[pair] = kept
    return found


def requests(connection: Connection, pairs: Sequence[BatchPair]) -> dict[BatchPair, JudgeRequest]:
    """Of pairs both of whose sides exist."""
    known = comparing.candidates(connection, [each.candidate_id for each in pairs])
    offers = loading.offers(connection, {each.job_id for each in pairs})
    return {
        pair: telling.request(
            known[pair.candidate_id].profile,
            offers[pair.job_id].prepared.offer,
            pair.locale,
            identities.of_candidate(connection, pair.candidate_id),
        )
        for pair in pairs
        if pair.candidate_id in known and pair.job_id in offers
    }
