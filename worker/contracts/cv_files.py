"""The files of candidates' CVs, wherever the main web app keeps them."""

from dataclasses import dataclass, field
from typing import Protocol

LARGEST = 10 * 1024 * 1024
"""Bytes of a file that is still read."""

NOT_ALLOWED = "cv.not_allowed"
MISSING = "cv.missing"
TOO_LARGE = "cv.too_large"
UNAVAILABLE = "cv.unavailable"


@dataclass(frozen=True, slots=True)
class CvFile:
    """version: what tells that a file is still the same (a validator of HTTP, or size and time of change), None where
    its place tells nothing.
    """

    content: bytes = field(repr=False)
    version: str | None


class CvFiles(Protocol):
    def fetch(self, place: str, *, known: str | None = None) -> CvFile | None:
        """The file at a web address or a path below the folder of uploads; None when it still is of the known version.

        Raises Refused with NOT_ALLOWED, MISSING or TOO_LARGE as its code, and Retryable (UNAVAILABLE) for what passes.
        No message names the place: it tells who somebody is.
        """
