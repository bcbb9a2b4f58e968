"""What a Facebook account's access token is to the platform: the person's token with those of the pages, as one text.

A page's token does not end by itself, a person's does after 60 days; the latter is kept to take the access back with.
Source: Facebook, "Access tokens for Meta technologies", "Long-lived access tokens".
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from worker.contracts.accounts import AccessRefused, ScopeMissing

_TOKEN = re.compile(r"[\x21-\x7e]{1,1024}")
_PAGE = re.compile(r"[0-9]{1,32}")
MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class PageTokens:
    """pages: id to token."""

    person: str = field(repr=False)
    pages: Mapping[str, str] = field(repr=False)

    def packed(self) -> str:
        text = json.dumps({"person": self.person, "pages": dict(self.pages)}, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode()

    def of(self, page: str) -> str:
        """Raises ScopeMissing where the account was connected without this page."""
        token = self.pages.get(page)
        if token is None:
            raise ScopeMissing(
                "The Facebook account was connected without this page. Connect Facebook again and choose the page."
            )
        return token


def is_page(text: Any) -> TypeGuard[str]:
    return isinstance(text, str) and bool(_PAGE.fullmatch(text))


def is_token(text: Any) -> TypeGuard[str]:
    return isinstance(text, str) and bool(_TOKEN.fullmatch(text))


def unpacked(text: str) -> PageTokens:
    """Raises AccessRefused for anything that was not packed here."""
    try:
        told = json.loads(base64.urlsafe_b64decode(text.encode("ascii", "strict")))
    except (ValueError, RecursionError):
        told = None
    person, pages = (told.get("person"), told.get("pages")) if isinstance(told, dict) else (None, None)
    if not is_token(person) or not isinstance(pages, dict):
        raise AccessRefused("What is stored for this Facebook account is no access to pages: connect it again.")
    return PageTokens(person, {page: token for page, token in pages.items() if is_page(page) and is_token(token)})
