"""Handing a batch over: the effect's plan. It is found again by the names of its questions, never handed over twice
while nobody knows what became of it, and paid before with the most that it can cost.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from worker.catalogue.recommendations import COLLECT_JUDGEMENTS, JudgementBatch
from worker.contracts.judging_batches import BatchJudge
from worker.contracts.scoring import JudgeRequest
from worker.contracts.usage import Usage
from worker.kit.errors import Permanent, Refused
from worker.kit.settings import Settings
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.handlers import RunContext
from worker.ledger.outcomes import Done, Json, Recorded
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit
from worker.services.ai import budgets
from worker.services.ai.purse import NOTHING
from worker.services.recommendations.judgement_batches import questions, rows
from worker.services.recommendations.judgement_batches.rows import GIVEN_UP, WAITING, Batch, BatchPair

Known = frozenset[str]


@dataclass(frozen=True, slots=True)
class BatchSending:
    """The plan of `recommendations.send_judgements` (worker.ledger.plans.LookupPlan)."""

    batch_id: int
    judge: BatchJudge
    settings: Settings
    context: RunContext
    provider: str = "anthropic"
    policy: Literal["lookup"] = "lookup"
    # One call a night and company: no limit of theirs is near.
    limits: Sequence[Limit] = ()

    def prepare(self) -> Known:
        """The batches that are ours by record."""
        return self.context.transaction(rows.handed_over)

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        batch = rows.find(connection, self.batch_id, lock=True)
        if batch is None or batch.state != WAITING:
            return Done({"state": batch.state if batch else "gone"})
        return EffectKey(f"judgement_batch:{batch.id}:send", batch.generation, batch.created_at)

    def freeze(self, connection: Connection, _prepared: Known, /) -> Frozen | Recorded:
        """Pairs that have changed or were judged meanwhile are left out, and those that the budget does not bear."""
        batch = self._batch(connection)
        asked = questions.requests(connection, list(questions.unchanged(connection, batch.pairs)))
        chosen = self._within_budget(connection, batch, asked)
        if not chosen:
            rows.end(connection, batch.id, GIVEN_UP)
            return Done({"state": GIVEN_UP, "pairs": 0})
        body = self.judge.compose({batch.name(place): asked[pair] for place, pair in enumerate(chosen)})
        most = sum((self.judge.most(asked[pair]) for pair in chosen), start=NOTHING)
        held = budgets.reserve(
            connection, batch.company_id, most, self.settings, share=self.settings.ai_batch_price_share
        )
        rows.freeze(connection, batch, chosen, body, held)
        return Frozen(self._evidence(body), body)

    def load_body(self, connection: Connection, effect: Effect) -> bytes:
        body = self._batch(connection).payload
        if body is None or self._evidence(body) != effect.evidence:
            raise Permanent(
                f"Batch {self.batch_id} no longer holds the questions that were promised; nothing was handed over.",
                code="recommendations.batch_changed",
            )
        return body

    def call(self, effect: Effect, body: bytes, _prepared: Known, deadline: float) -> Json:  # noqa: ARG002 - its own limit is shorter
        return {"id": self.judge.submit(body)}

    def look_up(self, effect: Effect, prepared: Known) -> Json | None:  # noqa: ARG002 - the row has its key
        batch = self.context.transaction(self._batch)
        found = self.judge.find(batch.mark, batch.created_at, prepared)
        return {"id": found} if found else None

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        name = (effect.reference or {}).get("id")
        if not isinstance(name, str):
            rows.end(connection, self.batch_id, GIVEN_UP)
            return Done({"state": GIVEN_UP})
        batch = self._batch(connection)
        rows.note_sent(connection, batch.id, name)
        payload = JudgementBatch(batch_id=batch.id).model_dump()
        enqueue_all(connection, [NewRun(COLLECT_JUDGEMENTS.name, payload, company_id=batch.company_id)])
        return Done({"state": "sent", "pairs": len(batch.pairs)})

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        batch = self._batch(connection)
        self._give_back(connection, batch)
        rows.begin_anew(connection, batch)

    def refused(self, connection: Connection, _effect: Effect, error: Refused, /) -> Recorded:
        batch = self._batch(connection)
        self._give_back(connection, batch)
        rows.end(connection, batch.id, GIVEN_UP)
        return Done({"state": GIVEN_UP, "reason": str(error)})

    def _batch(self, connection: Connection) -> Batch:
        batch = rows.find(connection, self.batch_id)
        if batch is None:
            raise Permanent(f"Batch {self.batch_id} is gone.", code="recommendations.batch_gone")
        return batch

    def _within_budget(
        self, connection: Connection, batch: Batch, asked: dict[BatchPair, JudgeRequest]
    ) -> list[BatchPair]:
        """The first ones, as far as the money of both budgets goes."""
        left = budgets.left(connection, batch.company_id, self.settings)
        chosen: list[BatchPair] = []
        most = Usage(0, 0)
        for pair in batch.pairs:
            if pair not in asked:
                continue
            most += self.judge.most(asked[pair])
            if budgets.price(most, self.settings, self.settings.ai_batch_price_share) > left:
                break
            chosen.append(pair)
        return chosen

    def _give_back(self, connection: Connection, batch: Batch) -> None:
        if batch.reservation is not None:
            budgets.correct(connection, batch.reservation, NOTHING, self.settings)

    def _evidence(self, body: bytes) -> bytes:
        """Which questions were promised, not the questions with what they tell of candidates."""
        return json.dumps({"batch": self.batch_id, "sha256": hashlib.sha256(body).hexdigest()}).encode()
