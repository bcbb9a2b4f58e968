"""What the models of the ATS routes share: unknown members are ignored, ids beyond the columns name nothing."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from api_min.errors import NO_APPLICATION_IN_ENGLISH, ApiError, invalid
from api_min.schemas.common import Query
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.tasks import MOST_MEMBERS, few

LONGEST_LIST = 500
INTEGER = re.compile(r"[+-]?[0-9]{1,100}")


class Loose(BaseModel):
    """Input whose unknown members are ignored, as the main web app does."""

    model_config = ConfigDict(extra="ignore")

    _few = model_validator(mode="before")(few(MOST_MEMBERS))


class LooseQuery(Query):
    model_config = ConfigDict(extra="ignore")


def row_id(place: str, absent: str) -> Callable[[object], int]:
    """Reads an id: 422 when it is no whole number, 404 with the sentence `absent` when no column can hold it."""

    def read(value: object) -> int:
        text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
        if not INTEGER.fullmatch(text):
            raise invalid(place.split("."), "must be a whole number")
        if not 1 <= int(text) <= LARGEST_ROW_ID:
            raise ApiError(404, absent)
        return int(text)

    return read


ApplicationId = Annotated[
    int,
    BeforeValidator(row_id("body.application_id", NO_APPLICATION_IN_ENGLISH)),
    Field(json_schema_extra={"minimum": 1}),
]


def _spoken(value: Any) -> Any:
    return re.split(r"[-_]", value.strip().lower())[0] if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


# In any case; `fr-FR` is French.
SPOKEN = BeforeValidator(_spoken)
ANY_CASE = BeforeValidator(_lower)
Absent = SkipJsonSchema[None]
"""The type of a member that may be left out but not be null: `Name | Absent`, with `not_null` on the model."""


def not_null(value: Any) -> Any:
    """For a `field_validator("*", mode="before")`: what is sent may not be null."""
    if value is None:
        raise ValueError("may not be null; leave the member out to keep what is stored")
    return value


class PageQuery(LooseQuery):
    """A part of a list; X-Total-Count tells how many there are in all."""

    limit: int = Field(LONGEST_LIST, ge=1, le=LONGEST_LIST)
    offset: int = Field(0, ge=0, le=LARGEST_ROW_ID)
