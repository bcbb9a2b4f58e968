"""Reading what tests and people ask of the emulator itself."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.emulators.microsoft.graph_errors import Refused
from sandbox.emulators.microsoft.zones import zone_of
from sandbox.emulators.web import BadRequest, Request, json_object

PLACE = "/_emulator/microsoft"


def members_of(request: Request, known: Collection[str]) -> dict[str, Any]:
    members = json_object(request.body)
    check_members(members, known)
    return members


def check_members(members: Mapping[str, Any], known: Collection[str]) -> None:
    unknown = sorted(set(members) - set(known))
    if unknown:
        raise BadRequest(f"unknown members {', '.join(unknown)}; known: {', '.join(sorted(known))}")


def time_of(members: Mapping[str, Any], name: str) -> datetime | None:
    """UTC; times of an all-day entry are the midnights of its days, wherever they are."""
    text = members.get(name)
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        zone = zone_of(str(members.get("time_zone", "UTC")), iana=True)
    except (TypeError, ValueError, Refused) as error:
        raise BadRequest(f"{name} must be an ISO 8601 time in a zone that exists, not {text!r}") from error
    if members.get("all_day"):
        return time.replace(tzinfo=UTC)
    return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)


def one_of(value: Any, known: Collection[str]) -> str:
    if value not in known:
        raise BadRequest(f"{value!r} is none of {', '.join(known)}")
    return str(value)
