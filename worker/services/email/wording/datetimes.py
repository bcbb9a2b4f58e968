"""An interview's day and hour in words, on the clock of its own place."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_location

HOME = "Africa/Libreville"

_DAYS: Mapping[str, str] = {"fr": "EEEE d MMMM y", "en": "EEEE, MMMM d, y"}
# Zones that are named by an offset count it westwards, and nobody else does.
_TURNED = str.maketrans("+-", "\u2212+")
_VOWELS = frozenset("aeiouy")


def zone(name: str | None) -> ZoneInfo:
    """The IANA zone of this name; an unknown one, or none, is that of the platform's home."""
    try:
        return ZoneInfo((name or HOME).strip())
    except (ValueError, OSError, LookupError):
        return ZoneInfo(HOME)


def day(moment: datetime, place: ZoneInfo, locale: str) -> str:
    """`mardi 1er décembre 2026`."""
    local = moment.astimezone(place)
    pattern = "EEEE d'er' MMMM y" if locale == "fr" and local.day == 1 else _DAYS[locale]
    return format_date(local, pattern, locale=locale)


def hour(moment: datetime, place: ZoneInfo, locale: str) -> str:
    """`10:00 (heure de Libreville)`: readers may live elsewhere."""
    clock = format_time(moment.astimezone(place), "short", locale=locale).replace("\u202f", " ")
    city = get_timezone_location(place, locale=locale, return_city=True)
    return f"{clock} ({_clock_of(city, locale)})"


def _clock_of(city: str, locale: str) -> str:
    if city in ("UTC", "GMT"):
        return "temps universel" if locale == "fr" else "universal time"
    if city.startswith("GMT"):
        return city.translate(_TURNED)
    if locale != "fr":
        return f"{city} time"
    vowel = unicodedata.normalize("NFKD", city)[:1].casefold() in _VOWELS
    return f"heure d’{city}" if vowel else f"heure de {city}"
