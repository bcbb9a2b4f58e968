"""An interview's instants, from the clock of a place, by IANA names only.

Twice a year a clock is not a line. An hour that it leaps over is nobody's hour and is refused; of an hour that it shows
twice the first is meant, as in RFC 5545 (3.3.5), and whoever means the second writes the offset.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DEFAULT_ZONE = "Europe/Paris"
DEFAULT_MINUTES = 60
# Files of the database that are copies or placeholders, no places.
NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})
FURTHEST = timedelta(days=3660)


class UnknownZone(ValueError):
    """No zone of the IANA database has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name[:100]!r} is no time zone: write an IANA name, such as Africa/Libreville.")


class NoSuchTime(ValueError):
    """The clocks of the zone leap over this hour on that day."""

    def __init__(self, local: datetime, name: str) -> None:
        super().__init__(
            f"{local:%Y-%m-%d %H:%M} does not exist in {name}: the clocks go forward over it. Choose another hour."
        )


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    return frozenset(available_timezones()) - NO_PLACES


def known_zone(name: str) -> ZoneInfo:
    """Raises UnknownZone."""
    if name not in zone_names():
        raise UnknownZone(name)
    return ZoneInfo(name)


def instant(written: datetime, zone: str | None) -> datetime:
    """The instant that is meant: one with an offset says it itself, one without is local to `zone`, or UTC without.

    Raises UnknownZone and NoSuchTime, and OverflowError at the ends of the calendar.
    """
    if written.tzinfo is not None:
        return written.astimezone(UTC)
    if zone is None:
        return written.replace(tzinfo=UTC)
    return local_instant(written, known_zone(zone))


def local_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """local: without an offset. Raises NoSuchTime and OverflowError."""
    found = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != local.replace(fold=0):
        raise NoSuchTime(local, zone.key)
    return found


def is_ambiguous(written: datetime, zone: str | None) -> bool:
    """Whether the clocks of the zone show this hour twice on that day."""
    if written.tzinfo is not None or zone is None:
        return False
    place = known_zone(zone)
    offsets = [written.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1)]
    return offsets[0] != offsets[1] and exists(written, place)


def exists(local: datetime, zone: ZoneInfo) -> bool:
    try:
        local_instant(local, zone)
    except NoSuchTime:
        return False
    return True


def is_plannable(start: datetime, now: datetime) -> bool:
    """Whether an instant lies ahead, and not further than anybody plans."""
    return now < start < now + FURTHEST
