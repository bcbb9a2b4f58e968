"""Values as people of a locale write them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

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
        "daily": "Quotidien",
        "weekly": "Hebdomadaire",
        "monthly": "Mensuel",
        "instant": "Immédiat",
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
        "daily": "Daily",
        "weekly": "Weekly",
        "monthly": "Monthly",
        "instant": "Instant",
    },
}


def money(low: int | None, high: int | None, currency: str | None, locale: str) -> str:
    """A monthly salary range (whole units; 0 counts as missing); empty when neither bound is known."""
    unit = FRANC.get(currency or "XAF", currency or "XAF")
    low_text = format_decimal(low, locale=locale) if low else ""
    high_text = format_decimal(high, locale=locale) if high else ""
    if low_text and high_text and low != high:
        return f"{low_text} – {high_text} {unit}"
    if not (low_text or high_text):
        return ""
    if not high_text or low == high:
        return f"{'dès ' if locale == 'fr' and not high_text else ''}{low_text} {unit}"
    return f"{'jusqu’à' if locale == 'fr' else 'up to'} {high_text} {unit}"


def day(value: datetime | date | None, locale: str) -> str:
    """A date in words; empty for none."""
    return format_date(value, format="long", locale=locale) if value else ""


def kind(value: str | None, locale: str) -> str:
    """A label of the vocabulary in words; an unknown one as it is."""
    return KINDS[locale].get(value or "", value or "")


FILTERS: Mapping[str, Callable[..., Any]] = {"money": money, "day": day, "kind": kind}
