"""Values as people of a locale write them."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_location
from babel.numbers import format_decimal

from worker.kit.localisation import message, translate
from worker.kit.words import decoded

# Blanks and control characters, but for a lone blank that fits into a line.
_GAPS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]{2,}|[\x00-\x1f\x7f-\x9f]|[^\S \xa0\u202f]")
_KEEPING = re.compile(r"[\xa0\u202f]")

# They turn the reading direction of what follows, so that a name could rewrite its line; and halves of characters.
_UNWRITABLE = re.compile("[\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

FRANC = {"XAF": "FCFA", "XOF": "FCFA"}

KINDS: Mapping[str, str] = {
    "full_time": message("Temps plein"),
    "part_time": message("Temps partiel"),
    "contract": message("Contrat"),
    "temporary": message("Temporaire"),
    "internship": message("Stage"),
    "on_site": message("Sur site"),
    "remote": message("À distance"),
    "hybrid": message("Hybride"),
}

FREQUENCY_LABELS: Mapping[str, str] = {
    "daily": message("quotidienne"),
    "weekly": message("hebdomadaire"),
    "monthly": message("mensuelle"),
    "instant": message("immédiate"),
}


def line(text: str | None, most: int) -> str:
    """One line of text: control characters, line breaks and runs of blanks become a blank; cut at `most`.

    A blank that keeps words together, as French sets before `»` and `:`, stays one.
    """
    words = _GAPS.sub(_blank, _UNWRITABLE.sub("", text or "")).strip()
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def stored(text: str | None, most: int) -> str:
    """One line of a text that the main web app may have stored with entities of HTML (`R&amp;D`)."""
    return line(decoded(text or ""), most)


def _blank(gap: re.Match[str]) -> str:
    kept = _KEEPING.search(gap[0])
    return kept[0] if kept else " "


def salary(low: int | None, high: int | None, currency: str | None, locale: str) -> str:
    """A monthly salary range (whole units; 0 counts as missing); empty when neither bound is known."""
    code = (currency or "XAF").strip().upper()
    unit = " ".join((FRANC.get(code, line(code, 10)), translate(locale, "par mois")))
    low_text = format_decimal(low, locale=locale) if low else ""
    high_text = format_decimal(high, locale=locale) if high else ""
    if low_text and high_text:
        return f"{low_text} {unit}" if low == high else f"{low_text} – {high_text} {unit}"
    if low_text:
        return " ".join((translate(locale, "dès"), low_text, unit))
    return " ".join((translate(locale, "jusqu’à"), high_text, unit)) if high_text else ""


def day(value: datetime | date | None, locale: str) -> str:
    """A date in words; empty for none. French counts the first of a month: `1er novembre 2026`."""
    if value is None:
        return ""
    pattern = "d'er' MMMM y" if locale == "fr" and value.day == 1 else "long"
    return format_date(value, format=pattern, locale=locale)


def moment(instant: datetime, zone: str, locale: str) -> str:
    """A day and an hour on the clock of a place, which is named: `lundi 9 novembre 2026 à 14:00 (Libreville)`.

    instant: aware. zone: an IANA name.
    """
    place = ZoneInfo(zone)
    local = instant.astimezone(place)
    weekday = format_date(local, format="EEEE", locale=locale)
    hour = format_time(local, format="short", locale=locale)
    city = get_timezone_location(place, locale=locale, return_city=True)
    return translate(
        locale,
        "%(weekday)s %(day)s à %(hour)s (%(city)s)",
        weekday=weekday,
        day=day(local, locale),
        hour=hour,
        city=city,
    )


def kind(value: str | None, locale: str) -> str:
    """A label of the vocabulary, in any case, in words; an unknown one as it is."""
    words = KINDS.get((value or "").lower())
    return translate(locale, words) if words else value or ""


def frequency_label(frequency: str, locale: str) -> str:
    """A frequency as the adjective of an alert; empty for one that we do not know."""
    return translate(locale, FREQUENCY_LABELS.get(frequency.lower(), ""))
