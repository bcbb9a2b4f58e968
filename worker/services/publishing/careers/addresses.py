"""Addresses of career pages: a number that finds, and words for people and search engines."""

import re
import unicodedata
from functools import lru_cache

from worker.kit.ids import LARGEST_ROW_ID
from worker.services.publishing.careers.texts import one_line

ROOT = "/carrieres"
LONGEST_SLUG = 60
# What is looked at of a name; the rest would be cut from the slug anyway.
LONGEST_NAME = 200

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ŋ": "ng", "ɛ": "e", "ɔ": "o"})
_OTHERS = re.compile(r"[^a-z0-9]+")
_SEGMENT = re.compile(r"([1-9][0-9]{0,9})(?:-.*)?", re.DOTALL)


@lru_cache(maxsize=8192)
def slug(text: str | None) -> str:
    """Lower-case ASCII words joined by dashes, cut between words; empty for a text without Latin letters."""
    plain = one_line(text, LONGEST_NAME).casefold().translate(_LIGATURES)
    words = _OTHERS.sub("-", unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()).strip("-")
    if len(words) <= LONGEST_SLUG:
        return words
    cut = words[: LONGEST_SLUG + 1]
    return (cut.rpartition("-")[0] or cut[:LONGEST_SLUG]).strip("-")


def segment(number: int, text: str | None) -> str:
    """`12-douala-conseil`."""
    return "-".join(filter(None, (str(number), slug(text))))


def number_of(part: str) -> int | None:
    """The number that a part of an address begins with; None for what was never one of ours."""
    found = _SEGMENT.fullmatch(part)
    number = int(found[1]) if found else 0
    return number if 0 < number <= LARGEST_ROW_ID else None


def company_path(company_id: int, name: str | None) -> str:
    return f"{ROOT}/{segment(company_id, name)}"


def offer_path(company_id: int, name: str | None, job_id: int, title: str | None) -> str:
    return f"{company_path(company_id, name)}/{segment(job_id, title)}"
