"""What a job alert wants, as requests write it and answers show it."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from api_min.schemas.ats import Loose
from models.enums import AlertFrequency, JobType, LocationType
from worker.kit.tasks import at_most
from worker.services.matching.criteria import MOST_KEYWORDS, Criteria, parse_criteria
from worker.services.matching.currencies import currency_code

LARGEST_AMOUNT = 2**31 - 1
# Blanks and doubles are still in it.
LONGEST_LIST = 100


def _one_line(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _filled(value: Any) -> Any:
    """Text of one line; None when it is blank."""
    return (_one_line(value) or None) if isinstance(value, str) else value


def _list(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


def _distinct(values: list[Any] | None) -> list[Any] | None:
    """Blanks and doubles left out; None when nothing is left."""
    kept: dict[str, Any] = {}
    for each in values or ():
        if each is not None:
            kept.setdefault(each.casefold(), each)
    return list(kept.values()) or None


def _few(values: list[str] | None) -> list[str] | None:
    if len(values or ()) > MOST_KEYWORDS:
        raise ValueError(f"has {len(values or ())} keywords; an alert takes at most {MOST_KEYWORDS}")
    return values


def _label(part: str) -> Callable[[Any], Any]:
    """Reads one value as alerts stored by others are read; what that does not know is left for the enum to refuse."""

    def read(value: Any) -> Any:
        text = _filled(value)
        if not isinstance(text, str):
            return text
        return next(iter(getattr(parse_criteria({part: [text]}), part)), text)

    return read


def _amount(value: Any) -> Any:
    """A number as people write it; 0 and blanks are as good as none."""
    if isinstance(value, bool):
        raise ValueError("must be a whole number")  # noqa: TRY004 - only a ValueError becomes a 422
    if isinstance(value, str):
        value = re.sub(r"[\s_']", "", value)
    return None if value in ("", 0, "0") else value


def _code(value: Any) -> Any:
    return (currency_code(value) or None) if isinstance(value, str) else value


def _frequency(value: Any) -> Any:
    return AlertFrequency.parse(value) if isinstance(value, str) else value


Keyword = Annotated[str | None, Field(max_length=100), BeforeValidator(_filled)]
Amount = Annotated[int | None, Field(ge=0, le=LARGEST_AMOUNT), BeforeValidator(_amount)]
AlertName = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_one_line)]
Frequency = Annotated[AlertFrequency, BeforeValidator(_frequency)]
JobTypeWord = Annotated[JobType | None, BeforeValidator(_label("job_types"))]
LocationTypeWord = Annotated[LocationType | None, BeforeValidator(_label("location_types"))]


class AlertCriteria(Loose):
    """Keywords are alternatives, everything else must hold; an empty object wants every offer.

    Salaries are monthly. Enum values are read in any case; blanks and nulls are dropped.
    """

    keywords: Annotated[
        list[Keyword] | None,
        AfterValidator(_distinct),
        AfterValidator(_few),
        at_most(LONGEST_LIST),
        BeforeValidator(_list),
    ] = Field(None, description=f"Words or phrases, at most {MOST_KEYWORDS} after blanks and doubles are dropped.")
    location: Annotated[str | None, Field(max_length=200), BeforeValidator(_filled)] = Field(
        None, description="City, country (name or code), CEMAC or UEMOA, or `remote`."
    )
    job_types: Annotated[
        list[JobTypeWord] | None, AfterValidator(_distinct), at_most(LONGEST_LIST), BeforeValidator(_list)
    ] = None
    location_types: Annotated[
        list[LocationTypeWord] | None, AfterValidator(_distinct), at_most(LONGEST_LIST), BeforeValidator(_list)
    ] = None
    salary_min: Amount = None
    salary_max: Amount = None
    currency: Annotated[str | None, Field(pattern=r"^([A-Z]{3}|FCFA)$"), BeforeValidator(_code)] = Field(
        None, description="ISO 4217, or FCFA for XAF and XOF; XAF when left out."
    )
    include_unspecified_salary: bool | None = Field(
        None, description="Whether offers without salary answer a salary criterion."
    )

    @field_validator("salary_max")
    @classmethod
    def _ordered(cls, value: int | None, info: ValidationInfo) -> int | None:
        low = info.data.get("salary_min")
        if value is not None and low is not None and low > value:
            raise ValueError(f"is below salary_min ({low})")
        return value

    def parsed(self) -> Criteria:
        return parse_criteria(self.model_dump(mode="json", exclude_none=True))
