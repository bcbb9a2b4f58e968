"""Claude judges many pairs: one message batch."""

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice, takewhile
from typing import Any

import anthropic
from anthropic.types.messages import MessageBatch

from worker.contracts.judging_batches import MOST_QUESTIONS, BatchAnswer
from worker.contracts.scoring import JudgeRequest
from worker.contracts.usage import Declined, Unusable, Usage
from worker.kit.errors import Retryable
from worker.providers.anthropic import judging_payloads
from worker.providers.anthropic.api import AnthropicApi
from worker.providers.anthropic.judge import judgement

# Below what the ledger allows for a call.
SUBMIT_SECONDS = 15.0
# Of their clock and ours together.
CLOCKS = timedelta(minutes=10)
PAGE = 100
MOST_PAGES = 50
ENDED = "ended"
WAIT = 300.0
NOTHING = Usage(0, 0)


class AnthropicBatches(AnthropicApi):
    """A `BatchJudge`."""

    def most(self, request: JudgeRequest) -> Usage:
        return judging_payloads.most(request)

    def compose(self, requests: Mapping[str, JudgeRequest]) -> bytes:
        asked = [
            {"custom_id": name, "params": {"model": self.model, **judging_payloads.score(request)}}
            for name, request in requests.items()
        ]
        return json.dumps(asked, ensure_ascii=False).encode()

    def submit(self, body: bytes) -> str:
        batches = self.package.messages.batches
        made = self.call(lambda: batches.create(requests=json.loads(body), timeout=SUBMIT_SECONDS))
        return _batch(made).id

    def find(self, beginning: str, since: datetime, known: Collection[str]) -> str | None:
        undecided = False
        for batch in self._since(since - CLOCKS):
            if batch.id in known:
                continue
            if batch.processing_status != ENDED:
                undecided = True
            elif any(_name(line).startswith(beginning) for line in self._lines(batch, most=1)):
                return batch.id
        if undecided:
            raise Retryable("A batch is under way, and nobody can tell yet whose it is.", after=WAIT)
        return None

    def collect(self, batch: str) -> Mapping[str, BatchAnswer] | None:
        found = _batch(self.call(lambda: self.package.messages.batches.retrieve(batch)))
        if found.processing_status != ENDED:
            return None
        return {_name(line): self._answer(line) for line in self._lines(found, most=MOST_QUESTIONS)}

    def _since(self, since: datetime) -> Iterator[MessageBatch]:
        """Batches, the newest first."""
        after: str | anthropic.Omit = anthropic.omit
        for _ in range(MOST_PAGES):
            page = self.call(partial(self.package.messages.batches.list, limit=PAGE, after_id=after))
            found = [_batch(each) for each in getattr(page, "data", None) or ()]
            yield from takewhile(lambda batch: batch.created_at >= since, found)
            if len(found) < PAGE or found[-1].created_at < since:
                return
            after = found[-1].id
        raise Retryable("There are too many batches to look through.", after=WAIT)

    def _lines(self, batch: MessageBatch, *, most: int) -> list[Any]:
        """The first ones of the results, which stand at the API's own address or are not asked for."""
        if not str(batch.results_url or "").startswith(str(self.package.base_url)):
            raise Unusable("its results stand at a foreign address")
        return self.call(partial(self._read, batch.id, most))

    def _read(self, batch: str, most: int) -> list[Any]:
        try:
            with contextlib.closing(self.package.messages.batches.results(batch)) as lines:
                return list(islice(lines, most))
        except (anthropic.AnthropicError, ValueError, RecursionError):
            raise
        except Exception as error:  # while lines are read, the transport's own exceptions come through
            raise Retryable("The connection to Claude broke among the results.", code="provider.no_answer") from error

    def _answer(self, line: Any) -> BatchAnswer:
        result: Any = getattr(line, "result", None)
        if getattr(result, "type", None) != "succeeded":
            return BatchAnswer(None, NOTHING)
        try:
            found = judgement(result.message, self.model)
        except (Unusable, Declined) as error:
            return BatchAnswer(None, error.usage)
        return BatchAnswer(found, found.usage)


def _batch(value: Any) -> MessageBatch:
    """The package gives whatever came; it does not look at its members."""
    well = isinstance(value, MessageBatch) and isinstance(value.id, str) and isinstance(value.created_at, datetime)
    if not well or value.created_at.tzinfo is None:
        raise Unusable("it is no batch")
    batch: MessageBatch = value
    return batch


def _name(line: Any) -> str:
    name = getattr(line, "custom_id", None)
    return name if isinstance(name, str) else ""
