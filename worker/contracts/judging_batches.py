"""Many pairs judged at once: handed over as one batch, answered within a day, for less money."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from worker.contracts.scoring import Judgement, JudgeRequest
from worker.contracts.usage import Usage

MOST_QUESTIONS = 100
"""In one batch: what is kept of it until it is handed over stays small."""


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """judgement: None where there is none. usage: None where an answer does not say what it cost."""

    judgement: Judgement | None
    usage: Usage | None


class BatchJudge(Protocol):
    """A batch keeps nothing of ours but the name of each of its questions, and tells these with the answers only."""

    def most(self, request: JudgeRequest) -> Usage:
        """The most that one answer can cost, at the usual prices."""
        ...

    def compose(self, requests: Mapping[str, JudgeRequest]) -> bytes:
        """What is handed over. Names have at most 64 letters, digits, dashes and underscores."""
        ...

    def submit(self, body: bytes) -> str:
        """Hand over what was composed; answers the provider's name of the batch. Raises a RunError as `Judge.score`."""
        ...

    def find(self, beginning: str, since: datetime, known: Collection[str]) -> str | None:
        """The batch whose questions' names begin so, made since then and none of those that are known.

        Raises Retryable while another one is under way of which nobody can tell yet whose it is.
        """
        ...

    def collect(self, batch: str) -> Mapping[str, BatchAnswer] | None:
        """By the questions' names; None while the batch is under way. What was not answered is not there."""
        ...
