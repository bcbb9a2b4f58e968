"""Pairs of candidates and offers, compared by the formula where no score of theirs is stored."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from worker.services.recommendations import loading, storing
from worker.services.recommendations.cvs.outcomes import CvText
from worker.services.recommendations.cvs.stored import stored_texts
from worker.services.recommendations.formula import compare
from worker.services.recommendations.loading import Compared
from worker.services.recommendations.profiles import CandidateProfile
from worker.services.recommendations.scores import Score
from worker.services.recommendations.storing import Kept, Pair
from worker.services.recommendations.told import Told, read_candidate


@dataclass(frozen=True, slots=True)
class Known:
    """A candidate as he is compared."""

    profile: CandidateProfile
    told: Told
    fingerprint: str
    cv: CvText

    def kept(self, offer: Compared, score: Score) -> Kept:
        """A score of his, not stored yet."""
        return Kept(
            candidate_id=self.profile.id,
            job_id=offer.prepared.offer.id,
            score=score,
            fingerprint=loading.of_pair(self.fingerprint, offer),
            cv=_as_json(self.cv),
        )


def candidates(connection: Connection, candidate_ids: Collection[int]) -> dict[int, Known]:
    """Of those who exist, with what was read of their CVs before."""
    ids = list(dict.fromkeys(candidate_ids))
    cvs = stored_texts(connection, ids)
    profiles = loading.profiles(connection, ids, {each: cv.text for each, cv in cvs.items() if cv.text})
    return {
        number: Known(profile, read_candidate(profile), loading.fingerprint(profile), cvs[number])
        for number, profile in profiles.items()
    }


def assess(
    connection: Connection, pairs: Iterable[Pair], known: Mapping[int, Known], offers: Mapping[int, Compared]
) -> dict[Pair, Kept]:
    """The scores of pairs as both sides are now: the stored one, else what the formula says; beside it what became of
    the CV. Nothing is written.

    Pairs of which one side is not given are left out.
    """
    wanted = [(who, what) for who, what in dict.fromkeys(pairs) if who in known and what in offers]
    stored = storing.of_pairs(connection, wanted)
    found = {}
    for pair in wanted:
        candidate, offer = known[pair[0]], offers[pair[1]]
        before = stored.get(pair)
        if before is not None and before.fingerprint == loading.of_pair(candidate.fingerprint, offer):
            found[pair] = replace(before, cv=_as_json(candidate.cv))
        else:
            found[pair] = candidate.kept(offer, compare(candidate.told, offer.asked))
    return found


def assess_now(connection: Connection, pairs: Collection[Pair]) -> dict[Pair, Kept]:
    """`assess` of pairs whose sides are loaded first; those that are gone are left out."""
    known = candidates(connection, [who for who, _ in pairs])
    return assess(connection, pairs, known, loading.offers(connection, {what for _, what in pairs}))


def _as_json(cv: CvText) -> dict[str, Any]:
    return {"outcome": cv.outcome.value, "hidden_characters": cv.hidden_characters}
