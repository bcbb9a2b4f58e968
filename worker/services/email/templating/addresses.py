"""Placeholders that hold a whole address, behind a scheme that a link dialog put before them."""

import re

from worker.services.email.wording import variables
from worker.services.email.wording.variables import Form

_LINKS = "|".join(variables.named(Form.LINK))
_ADDRESSES = "|".join(variables.named(Form.ADDRESS))
_SCHEME_IN_TEXT = re.compile(rf"\b(?:https?:/{{0,3}}|www\.){{1,4}}(?=\{{(?:{_LINKS}|{_ADDRESSES})\}})", re.IGNORECASE)
_BEFORE_LINK = re.compile(rf"(?:https?:|/|www\.)+(?=\{{(?:{_LINKS})\}})", re.IGNORECASE)
_BEFORE_ADDRESS = re.compile(rf"(?:mailto:|https?:|/|www\.)*(?=\{{(?:{_ADDRESSES})\}})", re.IGNORECASE)
_ENCODED = re.compile(r"%7b([a-z_]{2,40})%7d", re.IGNORECASE)
# Blanks that editors put around an address, and marks that nobody sees.
_AROUND = " \xa0\u200b\u200c\u200d\u2060\ufeff\xad"
_BREAKS = re.compile(r"[\t\n\r\f]")


def without_scheme(words: str) -> str:
    """Words without the scheme before a placeholder that holds a whole address."""
    return _SCHEME_IN_TEXT.sub("", words)


def mended(value: str) -> str:
    """A link's address: no blanks around it, braces as braces, nothing before a placeholder that is a whole address."""
    plain = _ENCODED.sub(lambda found: f"{{{found[1].lower()}}}", _BREAKS.sub("", value).strip(_AROUND))
    if found := _BEFORE_ADDRESS.match(plain):
        return f"mailto:{plain[found.end() :]}"
    found = _BEFORE_LINK.match(plain)
    plain = plain[found.end() :] if found else plain
    return f"https://{plain}" if plain.lower().startswith("www.") else plain
