"""Values as people of a locale write them."""

import re
from collections.abc import Mapping
from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal

from worker.kit.words import decoded

# Blanks and control characters, but for a lone blank that fits into a line.
_GAPS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]{2,}|[\x00-\x1f\x7f-\x9f]|[^\S \xa0\u202f]")
_KEEPING = re.compile(r"[\xa0\u202f]")

# They turn the reading direction of what follows, so that a name could rewrite its line; and halves of characters.
_UNWRITABLE = re.compile("[\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

FRANC = {"XAF": "FCFA", "XOF": "FCFA"}

KINDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "full_time": "Temps plein",
        "part_time": "Temps partiel",
        "contract": "Contrat",
        "temporary": "Temporaire",
        "internship": "Stage",
        "on_site": "Sur site",
        "remote": "À distance",
        "hybrid": "Hybride",
    },
    "en": {
        "full_time": "Full-time",
        "part_time": "Part-time",
        "contract": "Contract",
        "temporary": "Temporary",
        "internship": "Internship",
        "on_site": "On site",
        "remote": "Remote",
        "hybrid": "Hybrid",
    },
}

RHYTHMS: Mapping[str, Mapping[str, str]] = {
    "fr": {"daily": "quotidienne", "weekly": "hebdomadaire", "monthly": "mensuelle", "instant": "immédiate"},
    "en": {"daily": "daily", "weekly": "weekly", "monthly": "monthly", "instant": "instant"},
}

PHRASES: Mapping[str, Mapping[str, str]] = {
    "fr": {"from": "dès", "up_to": "jusqu’à", "monthly_pay": "par mois"},
    "en": {"from": "from", "up_to": "up to", "monthly_pay": "per month"},
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
    unit = f"{FRANC.get(code, line(code, 10))} {PHRASES[locale]['monthly_pay']}"
    low_text = format_decimal(low, locale=locale) if low else ""
    high_text = format_decimal(high, locale=locale) if high else ""
    if not (low_text or high_text):
        return ""
    if not high_text:
        return f"{PHRASES[locale]['from']} {low_text} {unit}"
    if not low_text:
        return f"{PHRASES[locale]['up_to']} {high_text} {unit}"
    return f"{low_text} {unit}" if low == high else f"{low_text} – {high_text} {unit}"


def day(value: datetime | date | None, locale: str) -> str:
    """A date in words; empty for none. French counts the first of a month: `1er novembre 2026`."""
    if value is None:
        return ""
    pattern = "d'er' MMMM y" if locale == "fr" and value.day == 1 else "long"
    return format_date(value, format=pattern, locale=locale)


def kind(value: str | None, locale: str) -> str:
    """A label of the vocabulary, in any case, in words; an unknown one as it is."""
    return KINDS[locale].get((value or "").lower(), value or "")


def rhythm(frequency: str, locale: str) -> str:
    """A frequency as the adjective of an alert; empty for one that we do not know."""
    return RHYTHMS[locale].get(frequency.lower(), "")
