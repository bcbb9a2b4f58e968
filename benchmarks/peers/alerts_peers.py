"""What matches alerts elsewhere: each peer is given the same alerts and offers, and answers what each alert found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from worker.services.matching.criteria import Criteria

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """An alert as peers get it. above: the highest offer number it has looked at."""

    id: int
    criteria: Criteria
    above: int


@dataclass(frozen=True, slots=True)
class Answer:
    """How many offers match, and the ids of the newest of them, newest first."""

    total: int
    newest: tuple[int, ...]


NOTHING = Answer(0, ())
Answers = Mapping[int, Answer]


class Peer(Protocol):
    """Answers by alert id; an alert that found nothing may be missing."""

    def answers(self, alerts: Sequence[Asked]) -> Answers: ...


class DisagreementError(Exception):
    """A benchmark of systems that find different things says nothing: it stops."""


def check(name: str, alerts: Sequence[Asked], found: Answers, expected: Answers) -> None:
    """Raises DisagreementError with the first alert for which a peer found something else than we stored."""
    for alert in alerts:
        theirs, ours = found.get(alert.id, NOTHING), expected.get(alert.id, NOTHING)
        if theirs != ours:
            raise DisagreementError(
                f"Alert {alert.id} ({alert.criteria}): {name} found {theirs}, its digest holds {ours}."
            )
