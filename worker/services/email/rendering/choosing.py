"""Which of the offers that an alert found its mail shows: those still open, the next ones for those that closed, and
no more than mail programs show whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from worker.services.email.templating.bounds import LARGEST_MAIL

# What the layout takes around the offers, with the longest of names and links.
AROUND = 14_000


class Sized(Protocol):
    """Something of so many bytes."""

    @property
    def size(self) -> int: ...


T = TypeVar("T", bound=Sized)


@dataclass(slots=True)
class Part(Generic[T]):
    """What one alert found. open: its open offers, newest first; most: how many are shown at best; counted: how many
    others there were, of which no more is known. heading: the bytes of what stands above. shown is what `fit` chose.
    """

    open: Sequence[T]
    most: int
    counted: int
    heading: int = 0
    shown: Sequence[T] = field(default_factory=list)

    @property
    def more(self) -> int:
        return len(self.open) - len(self.shown) + self.counted


def fit(parts: Sequence[Part[T]], room: int = LARGEST_MAIL - AROUND) -> None:
    """Choose each part's offers in turns, the newest first, until the next one has no room. room: in bytes."""
    for each in parts:
        each.shown = each.open[: each.most]
    if sum([each.heading + sum([offer.size for offer in each.shown]) for each in parts]) > room:
        _fit_in_turns(parts, room)


def _fit_in_turns(parts: Sequence[Part[T]], room: int) -> None:
    chosen: list[list[T]] = [[] for _ in parts]
    for rank in range(max(len(each.shown) for each in parts)):
        for each, kept in zip(parts, chosen, strict=True):
            if rank >= len(each.shown):
                continue
            room -= each.shown[rank].size + (0 if rank else each.heading)
            if room >= 0:
                kept.append(each.shown[rank])
        if room < 0:
            break
    for each, kept in zip(parts, chosen, strict=True):
        each.shown = kept
