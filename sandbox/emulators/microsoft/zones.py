"""Times as Graph reads and writes them: local, without offset, beside the name of a zone."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sandbox.emulators.microsoft.graph_errors import Refused, invalid

# The zones people of these markets meet, and one for each hour elsewhere.
WINDOWS: Mapping[str, str] = {
    "UTC": "UTC",
    "GMT Standard Time": "Europe/London",
    "Greenwich Standard Time": "Africa/Abidjan",
    "Morocco Standard Time": "Africa/Casablanca",
    "W. Central Africa Standard Time": "Africa/Lagos",
    "Romance Standard Time": "Europe/Paris",
    "W. Europe Standard Time": "Europe/Berlin",
    "Central Europe Standard Time": "Europe/Budapest",
    "Central European Standard Time": "Europe/Warsaw",
    "South Africa Standard Time": "Africa/Johannesburg",
    "Namibia Standard Time": "Africa/Windhoek",
    "Egypt Standard Time": "Africa/Cairo",
    "Libya Standard Time": "Africa/Tripoli",
    "FLE Standard Time": "Europe/Kiev",
    "GTB Standard Time": "Europe/Bucharest",
    "Israel Standard Time": "Asia/Jerusalem",
    "E. Africa Standard Time": "Africa/Nairobi",
    "Turkey Standard Time": "Europe/Istanbul",
    "Russian Standard Time": "Europe/Moscow",
    "Arab Standard Time": "Asia/Riyadh",
    "Iran Standard Time": "Asia/Tehran",
    "Arabian Standard Time": "Asia/Dubai",
    "Mauritius Standard Time": "Indian/Mauritius",
    "Pakistan Standard Time": "Asia/Karachi",
    "India Standard Time": "Asia/Kolkata",
    "Nepal Standard Time": "Asia/Kathmandu",
    "Bangladesh Standard Time": "Asia/Dhaka",
    "SE Asia Standard Time": "Asia/Bangkok",
    "China Standard Time": "Asia/Shanghai",
    "Singapore Standard Time": "Asia/Singapore",
    "Tokyo Standard Time": "Asia/Tokyo",
    "AUS Eastern Standard Time": "Australia/Sydney",
    "New Zealand Standard Time": "Pacific/Auckland",
    "Azores Standard Time": "Atlantic/Azores",
    "Cape Verde Standard Time": "Atlantic/Cape_Verde",
    "E. South America Standard Time": "America/Sao_Paulo",
    "Newfoundland Standard Time": "America/St_Johns",
    "Atlantic Standard Time": "America/Halifax",
    "Eastern Standard Time": "America/New_York",
    "Central Standard Time": "America/Chicago",
    "Mountain Standard Time": "America/Denver",
    "Pacific Standard Time": "America/Los_Angeles",
    "Alaskan Standard Time": "America/Anchorage",
    "Hawaiian Standard Time": "Pacific/Honolulu",
}

_LOCAL = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(\.\d{1,7})?")


def zone_of(name: str, *, iana: bool) -> tzinfo:
    """Raises TimeZoneNotSupportedException. iana: whether names of the IANA database are taken."""
    windows = WINDOWS.get(name)
    if windows:
        return ZoneInfo(windows)
    if iana and name in _iana():
        return ZoneInfo(name)
    raise Refused(400, "TimeZoneNotSupportedException", f"A valid TimeZone value must be specified. '{name}' is not.")


def local_of(text: Any) -> datetime | None:
    """A naive time; None for dates alone and for times with an offset."""
    match = _LOCAL.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    try:
        return datetime.fromisoformat(match[1] + (match[2] or "")[:7])
    except ValueError:
        return None


def instant_of(value: Any, name: str, *, iana: bool) -> tuple[datetime, str]:
    """A {dateTime, timeZone} as UTC, and the zone's name. Without timeZone: UTC."""
    members: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    local = local_of(members.get("dateTime"))
    if local is None:
        raise invalid(f"The property '{name}' must be a dateTime without offset beside a timeZone.")
    zone_name = str(members.get("timeZone") or "UTC")
    zone = zone_of(zone_name, iana=iana)
    return local.replace(tzinfo=zone).astimezone(UTC), zone_name


def written(instant: datetime, zone_name: str, zone: tzinfo) -> dict[str, str]:
    """Seven digits of a second, no offset."""
    return {"dateTime": digits(instant.astimezone(zone)), "timeZone": zone_name}


def digits(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S.%f}0"


@cache
def _iana() -> frozenset[str]:
    return frozenset(available_timezones())
