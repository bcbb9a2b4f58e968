"""Links by which a reader hands an offer on, and the marks by which we know where the next reader comes from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.localisation import message

MARK = "ref"
LONGEST_TITLE = 100

# In the order in which they are shown: most readers of the region share by WhatsApp.
WAYS: Mapping[str, str] = {
    "whatsapp": "WhatsApp",
    "linkedin": "LinkedIn",
    "facebook": "Facebook",
    "email": message("E-mail"),
}
_POSTING = re.compile(r"p-([1-9][0-9]{0,9})")


@dataclass(frozen=True, slots=True)
class ShareLink:
    """label: a French text of the catalogue."""

    mark: str
    label: str
    address: str


def known_mark(text: str | None) -> str | None:
    """The mark when it is one of ours: of a way to share, or `p-` and the number of a posting."""
    if text in WAYS:
        return text
    return text if posting_of(text) is not None else None


def mark_of(posting_id: int) -> str:
    """Of a posting's own link, which no other one has."""
    return f"p-{posting_id}"


def posting_of(mark: str | None) -> int | None:
    """The posting that a mark names."""
    found = _POSTING.fullmatch(mark or "")
    number = int(found[1]) if found else 0
    return number if 0 < number <= LARGEST_ROW_ID else None


def marked(address: str, mark: str | None) -> str:
    """The address with the mark in its query."""
    if mark is None:
        return address
    page, sharp, fragment = address.partition("#")
    return f"{page}{'&' if '?' in page else '?'}{MARK}={mark}{sharp}{fragment}"


def share_links(title: str, company: str, address: str) -> tuple[ShareLink, ...]:
    """title, company: plain text. address: the page's canonical one; each way gets it with its own mark."""
    words = f"{title[:LONGEST_TITLE]} – {company[:LONGEST_TITLE]}"
    targets = {mark: quote(marked(address, mark), safe="") for mark in WAYS}
    said = quote(words, safe="")
    addresses = {
        "whatsapp": f"https://wa.me/?text={said}%0A{targets['whatsapp']}",
        "linkedin": f"https://www.linkedin.com/sharing/share-offsite/?url={targets['linkedin']}",
        "facebook": f"https://www.facebook.com/sharer/sharer.php?u={targets['facebook']}",
        "email": f"mailto:?subject={said}&body={said}%0A%0A{targets['email']}",
    }
    return tuple(ShareLink(mark, label, addresses[mark]) for mark, label in WAYS.items())
