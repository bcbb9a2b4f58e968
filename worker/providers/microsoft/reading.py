"""What Graph's answers are made of."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from worker.contracts.calendars import Response
from worker.providers.microsoft.errors import failure

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z?")
_UTC = frozenset({"UTC", "Etc/UTC", "Etc/GMT", "tzone://Microsoft/Utc"})
_RESPONSES: Mapping[str, Response] = {
    "organizer": "accepted",
    "accepted": "accepted",
    "tentativelyaccepted": "tentative",
    "declined": "declined",
}


class Told(BaseModel):
    """A member that is null says as much as one that is missing."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


Text = Annotated[str, BeforeValidator(lambda value: value or "")]
Flag = Annotated[bool, BeforeValidator(bool)]


def _instant_of(value: Any) -> datetime:
    """UTC, of {dateTime, timeZone}. Seven digits follow the second, of which Python knows six."""
    members: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    local = _local(members.get("dateTime"))
    if local is None:
        raise ValueError("a time of Graph's cannot be read")
    return local.replace(tzinfo=_zone_of(str(members.get("timeZone") or "UTC"))).astimezone(UTC)


def _local(text: Any) -> datetime | None:
    found = _INSTANT.fullmatch(str(text))
    return datetime.fromisoformat(f"{found[1]}.{(found[2] or '0')[:6]:0<6}") if found else None


def _written_of(value: Any) -> datetime | None:
    """Of a time that is UTC by itself; None where there is none to be read."""
    local = _local(value)
    return local.replace(tzinfo=UTC) if local else None


def _zone_of(name: str) -> tzinfo:
    try:
        return UTC if name in _UTC else ZoneInfo(name)
    except KeyError as error:
        raise ValueError("a time of Graph's is in a zone that we do not know") from error


Instant = Annotated[datetime, BeforeValidator(_instant_of)]
Written = Annotated[datetime | None, BeforeValidator(_written_of)]


class Answered(Told):
    response: Text = ""

    def ours(self) -> Response:
        return _RESPONSES.get(self.response.lower(), "none")


@contextmanager
def readable() -> Iterator[None]:
    """What cannot be read is an answer that cannot be trusted, of a call that may be repeated."""
    try:
        yield
    except ValueError as error:
        raise failure(f"unreadable: {type(error).__name__}", writes=False) from error


def entries(members: Mapping[str, Any]) -> list[Any]:
    found = members.get("value")
    if isinstance(found, list):
        return found
    raise failure("a list without entries", writes=False)
