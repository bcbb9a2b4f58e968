"""What every route's models share: strict input, problem details, and how problem answers are documented."""

import functools
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from typing_extensions import override

from api_min.errors import ApiError, invalid
from worker.kit.tasks import MOST_MEMBERS, few

PROBLEM_TYPE = "application/problem+json"
CANONICAL_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Strict(BaseModel):
    """Input whose unknown members are refused."""

    model_config = ConfigDict(extra="forbid")

    _few = model_validator(mode="before")(few(MOST_MEMBERS))


class Query(Strict):
    """Query parameters. The framework asks for the schema on every request, so it is kept."""

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, values: Any) -> Any:
        for name, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, str) and "\0" in value:
                raise invalid(["query", name], "holds the NUL character, which cannot be stored")
        return values

    @classmethod
    @override
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        return _kept_schema(cls) if not args and not options else super().model_json_schema(*args, **options)


@functools.cache
def _kept_schema(model: type[Query]) -> dict[str, Any]:
    return super(Query, model).model_json_schema()


class PlaceError(BaseModel):
    """One mistake: `loc` leads to it from the part of the request (`body`, `query`, `header`)."""

    loc: list[str | int]
    msg: str


class Problem(BaseModel):
    """RFC 9457 problem details. `detail` is one readable sentence; `errors` names each mistake of a 422."""

    type: str = Field(description="`about:blank`, or `urn:intowork:` and a run's stable error code.")
    title: str
    status: int
    detail: str
    errors: list[PlaceError] = Field(default_factory=list)


DESCRIPTIONS: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "No valid credentials.",
    403: "The credentials do not allow this.",
    404: "There is no such object.",
    405: "The method is not allowed here.",
    409: "The request contradicts what is stored.",
    410: "It was here, and is no more.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The request does not have the right shape; `errors` names each place.",
    429: "Too many requests; Retry-After tells when to come back.",
    502: "The provider refused.",
    503: "The database is away or busy; Retry-After tells when to come back.",
    504: "The outcome is unknown or the time was over.",
}

EVERYWHERE = (503,)
GUARDED = (401, 403, 429, 503)
WITH_BODY = (*GUARDED, 413, 415, 422)


def problems(*statuses: int) -> dict[str | int | HTTPStatus, Any]:
    """The documented problem answers of a route."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": DESCRIPTIONS[status], "content": {PROBLEM_TYPE: {"schema": schema}}}
        for status in statuses
    }


def _canonical(value: object) -> object:
    if isinstance(value, str) and not CANONICAL_UUID.fullmatch(value):
        raise ApiError(404, "There is no such object: the identifier is not a UUID.")
    return value


PathId = Annotated[UUID, BeforeValidator(_canonical)]


class RunPath(BaseModel):
    """A malformed identifier names nothing: 404."""

    run_id: PathId = Field(description="The run's identifier.")
