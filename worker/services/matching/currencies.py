"""Currencies as employers and candidates write them."""

import re
from collections.abc import Mapping

from worker.services.matching.normalise import fold
from worker.services.matching.place_names import ZONES

DEFAULT_CURRENCY = "XAF"
# Everybody's name for the franc of both zones, which are worth the same: XAF in one, XOF in the other.
FCFA = "FCFA"

_SEPARATORS = re.compile(r"[\s._/()-]+")
_OTHER_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("€", "EURO", "EUROS"), "EUR"),
    **dict.fromkeys(("$", "US$", "$US", "USD$", "DOLLAR", "DOLLARS", "DOLLARUS", "DOLLARSUS"), "USD"),
    **dict.fromkeys(("£", "LIVRESTERLING", "POUND", "POUNDS"), "GBP"),
    **dict.fromkeys(("₦", "NAIRA", "NAIRAS"), "NGN"),
    **dict.fromkeys(("GH₵", "CEDI", "CEDIS"), "GHS"),
    **dict.fromkeys(("DH", "DHS", "DIRHAM", "DIRHAMS"), "MAD"),
    **dict.fromkeys(("FC", "FRANCCONGOLAIS", "FRANCSCONGOLAIS"), "CDF"),
    **dict.fromkeys(("FG", "FRANCGUINEEN", "FRANCSGUINEENS"), "GNF"),
}


def currency_code(text: str) -> str:
    """The ISO 4217 code that a text means, or FCFA; what is unknown in capitals, and nothing for a blank."""
    name = _SEPARATORS.sub("", fold(text)).upper()
    if "XAF" in name or "BEAC" in name:
        return "XAF"
    if "XOF" in name or "BCEAO" in name:
        return "XOF"
    return FCFA if "CFA" in name else _OTHER_NAMES.get(name, name)


def offered_currency(text: str | None, country: str | None) -> str:
    """The currency of an offer in the country of this ISO code."""
    code = currency_code(text or "")
    if code == FCFA:
        return "XOF" if country in ZONES["UEMOA"] else "XAF"
    return code or DEFAULT_CURRENCY


def accepted(currency: str | None) -> tuple[str, ...]:
    """The currencies of offers that a criterion's currency means."""
    return ("XAF", "XOF") if currency == FCFA else (currency or DEFAULT_CURRENCY,)
