"""Times as Google Calendar writes and reads them (RFC 3339)."""

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?")
# Beyond these a zone's offset may leave the calendar.
_YEARS = (1900, 9000)


def naive_or_aware(value: Any) -> datetime | None:
    """None: it is no date-time at all."""
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        return None
    try:
        found = datetime.fromisoformat(value.upper())
    except ValueError:
        return None
    return found if _YEARS[0] <= found.year <= _YEARS[1] else None


def rfc3339(value: Any) -> datetime | None:
    """None: it is no date-time, or has no offset."""
    found = naive_or_aware(value)
    return found if found is not None and found.tzinfo is not None else None


def day(value: Any) -> date | None:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None
    return found if found is not None and _YEARS[0] <= found.year <= _YEARS[1] else None


def zone_named(value: Any) -> ZoneInfo | None:
    try:
        return ZoneInfo(value) if isinstance(value, str) and value else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def written(moment: datetime, zone: tzinfo = UTC) -> str:
    """To the second, with the zone's offset; UTC as `Z`."""
    return moment.astimezone(zone).isoformat(timespec="seconds").replace("+00:00", "Z")


def stamp(moment: datetime) -> str:
    """As in `created` and `updated`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
