"""The child's side of reading a file: one answer on standard output, whatever the file is."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import NoReturn

from worker.services.recommendations.cvs.outcomes import CvOutcome, CvText
from worker.services.recommendations.cvs.reading.cleaning import MOST_CHARACTERS, cleaned
from worker.services.recommendations.cvs.reading.confinement import confine

READY = b"ready"


class CannotBeRead(Exception):
    """outcome: why."""

    def __init__(self, outcome: CvOutcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


@dataclass(slots=True)
class Found:
    """visible: lines as they are read. hidden: how many characters no reader sees, blanks not counted."""

    visible: list[str]
    hidden: int = 0

    def add(self, other: "Found") -> None:
        self.visible += other.visible
        self.hidden += other.hidden

    @property
    def enough(self) -> bool:
        return sum(map(len, self.visible)) > 2 * MOST_CHARACTERS


def answer(extract: Callable[[bytes], Found]) -> NoReturn:
    """The whole program: everything it needs has been imported before."""
    confine()
    os.write(1, READY + b"\n")
    try:
        cv = _read(extract)
    except (MemoryError, RecursionError):
        cv = CvText(None, CvOutcome.TOO_COMPLEX)
    except CannotBeRead as error:
        cv = CvText(None, error.outcome)
    except Exception:  # noqa: BLE001 - whatever a hostile file makes a parser raise
        cv = CvText(None, CvOutcome.UNREADABLE)
    os.write(1, json.dumps(asdict(cv)).encode())
    # Freeing what a hostile file built up could take longer than reading it.
    os._exit(0)


def _read(extract: Callable[[bytes], Found]) -> CvText:
    found = extract(sys.stdin.buffer.read())
    text = cleaned("\n".join(found.visible))
    outcome = CvOutcome.READ if text else CvOutcome.NO_TEXT
    return CvText(text or None, outcome, found.hidden)
