"""What an alert asks for, read from its JSON as the main web app, the report and people write it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import from_json

from worker.services.matching.currencies import FCFA, currency_code

MOST_KEYWORDS = 20
MOST_REMEMBERED = 2**17
LARGEST_SALARY = 2**63 - 1

_JOB_TYPES = {name: name for name in ("full_time", "part_time", "contract", "temporary", "internship")} | {
    "temps_plein": "full_time",
    "fulltime": "full_time",
    "temps_partiel": "part_time",
    "parttime": "part_time",
    "contrat": "contract",
    "temporaire": "temporary",
    "stage": "internship",
}
_LOCATION_TYPES = {name: name for name in ("on_site", "remote", "hybrid")} | {
    "onsite": "on_site",
    "sur_site": "on_site",
    "à_distance": "remote",
    "a_distance": "remote",
    "télétravail": "remote",
    "teletravail": "remote",
    "hybride": "hybrid",
}
_YES = frozenset({"true", "1", "yes", "oui", "on"})
_NO = frozenset({"false", "0", "no", "non", "off", ""})
_KNOWN_PARTS = frozenset(
    {
        *("keywords", "location", "job_types", "location_types"),
        *("salary_min", "salary_max", "currency", "include_unspecified_salary"),
    }
)
_SEPARATORS = re.compile(r"[\s-]+")
_SPACES_IN_NUMBERS = re.compile(r"[\s_']")


class Criteria(NamedTuple):
    """Keywords are alternatives, everything else must hold. Empty parts do not constrain.

    Salaries are monthly amounts; `currency` is an ISO 4217 code, or FCFA for the franc of either zone. `ignored` names
    the parts of the source that could not be used, with their position for members of lists: `job_types[1]`.
    """

    keywords: tuple[str, ...] = ()
    location: str | None = None
    job_types: frozenset[str] = frozenset()
    location_types: frozenset[str] = frozenset()
    salary_min: int | None = None
    salary_max: int | None = None
    currency: str | None = None
    include_unspecified_salary: bool = False
    ignored: tuple[str, ...] = ()


def parse_criteria(source: Any) -> Criteria:
    """Criteria from a decoded JSON object, its text, or that text as JSON; never raises, and reports in `ignored` what
    it left out.

    Any case of enum values, blanks and nulls dropped, single values for lists, comma-separated keywords, numbers
    as text; at most 20 keywords; crossed salary bounds are both left out.
    """
    ignored: list[str] = []
    members = _members(source, ignored)
    if not members.keys() <= _KNOWN_PARTS:
        ignored.extend(str(name) for name in members if name not in _KNOWN_PARTS)
    salary_min, salary_max = _salary_range(members, ignored)
    return Criteria(
        keywords=_keywords(members.get("keywords"), ignored),
        location=_text("location", members.get("location"), ignored),
        job_types=_labels("job_types", members.get("job_types"), _JOB_TYPES, ignored),
        location_types=_labels("location_types", members.get("location_types"), _LOCATION_TYPES, ignored),
        salary_min=salary_min,
        salary_max=salary_max,
        currency=_currency(members.get("currency"), ignored),
        include_unspecified_salary=_flag(members.get("include_unspecified_salary"), ignored),
        ignored=tuple(ignored),
    )


@lru_cache(maxsize=MOST_REMEMBERED)
def parse_cached(text: str) -> Criteria:
    """`parse_criteria` of JSON text, remembered: the same text gives the same object."""
    return parse_criteria(text)


def label(value: str) -> str:
    """An enum value as it is compared: lower case, words joined by underscores."""
    return _SEPARATORS.sub("_", value.strip().lower())


def _members(source: Any, ignored: list[str]) -> Mapping[Any, Any]:
    for _ in range(2):
        if isinstance(source, str):
            source = _decoded(source)
    if isinstance(source, Mapping):
        return source
    if source is not None:
        ignored.append("criteria")
    return {}


def _decoded(text: str) -> Any:
    try:
        return from_json(text)
    except ValueError:
        return ()


def _listed(name: str, value: Any, ignored: list[str]) -> list[tuple[int, str]]:
    """Position and text of each member that is not blank; members that are no text are reported."""
    if value is None:
        return []
    if isinstance(value, str):
        value = value.split(",")
    elif not isinstance(value, list | tuple):
        ignored.append(name)
        return []
    listed = []
    for position, member in enumerate(value):
        if isinstance(member, str):
            if text := " ".join(member.split()):
                listed.append((position, text))
        elif member is not None:
            ignored.append(f"{name}[{position}]")
    return listed


def _keywords(value: Any, ignored: list[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for position, keyword in _listed("keywords", value, ignored):
        folded = keyword.casefold()
        if folded in kept:
            continue
        if len(kept) == MOST_KEYWORDS:
            ignored.append(f"keywords[{position}]")
            continue
        kept[folded] = keyword
    return tuple(kept.values())


def _labels(name: str, value: Any, known: Mapping[str, str], ignored: list[str]) -> frozenset[str]:
    kept = set()
    for position, text in _listed(name, value, ignored):
        if found := known.get(text) or known.get(label(text)):
            kept.add(found)
        else:
            ignored.append(f"{name}[{position}]")
    return frozenset(kept)


def _text(name: str, value: Any, ignored: list[str]) -> str | None:
    if isinstance(value, str):
        return " ".join(value.split()) or None
    if value is not None:
        ignored.append(name)
    return None


def _salary_range(members: Mapping[Any, Any], ignored: list[str]) -> tuple[int | None, int | None]:
    low = _amount("salary_min", members.get("salary_min"), ignored)
    high = _amount("salary_max", members.get("salary_max"), ignored)
    if low is not None and high is not None and low > high:
        ignored.extend(("salary_min", "salary_max"))
        return None, None
    return low, high


def _amount(name: str, value: Any, ignored: list[str]) -> int | None:
    """A positive whole amount; zero and blanks count as missing."""
    if value is None:
        return None
    if isinstance(value, str):
        value = _SPACES_IN_NUMBERS.sub("", value) or None
    if value is None:
        return None
    try:
        amount = None if isinstance(value, bool) else int(value)
    except (TypeError, ValueError, OverflowError):
        amount = None
    if amount is None or not 0 <= amount <= LARGEST_SALARY:
        ignored.append(name)
        return None
    return amount or None


def _currency(value: Any, ignored: list[str]) -> str | None:
    text = _text("currency", value, ignored)
    if text is None:
        return None
    code = currency_code(text)
    if code == FCFA or (len(code) == 3 and code.isascii() and code.isalpha()):
        return code
    ignored.append("currency")
    return None


def _flag(value: Any, ignored: list[str]) -> bool:
    if value is None:
        return False
    text = str(value).strip().lower()
    if text not in _YES | _NO:
        ignored.append("include_unspecified_salary")
    return text in _YES
