"""What became of a candidate's CV, and what is kept of it."""

from dataclasses import dataclass
from enum import StrEnum

from worker.contracts import cv_files


class CvOutcome(StrEnum):
    """Stable codes, shown to programs as they stand."""

    READ = "cv.read"
    NONE = "cv.none"
    PENDING = "cv.pending"
    NOT_ALLOWED = cv_files.NOT_ALLOWED
    MISSING = cv_files.MISSING
    TOO_LARGE = cv_files.TOO_LARGE
    UNAVAILABLE = cv_files.UNAVAILABLE
    UNKNOWN_FORMAT = "cv.unknown_format"
    PROTECTED = "cv.protected"
    UNREADABLE = "cv.unreadable"
    TOO_COMPLEX = "cv.too_complex"
    NO_TEXT = "cv.no_text"


@dataclass(frozen=True, slots=True)
class CvText:
    """text: at most 8,000 characters of what a reader of the CV sees; None unless it was read. hidden_characters: how
    many were left out because no reader sees them.
    """

    text: str | None
    outcome: CvOutcome
    hidden_characters: int = 0


@dataclass(frozen=True, slots=True)
class Refreshed:
    """changed: whether a score that was made before may have become another."""

    cv: CvText
    changed: bool
