"""Addresses of people: one form in which they are written to, compared and kept, and the sender as a mail names it."""

import re
import unicodedata

import idna

LONGEST = 254

# What has its one form already, as nearly all have.
_PLAIN = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
# For Postgres, to find the rows that have not.
PLAIN = r"^[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$"
_ADDRESS = re.compile(r"[^@\s<>,;:\"\\\x00-\x20\x7f-\x9f]+@[^@\s<>,;:\"\\]+\.[^@\s<>,;:\".\\]+")
_MAILBOX = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>")
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_UNQUOTED = re.compile(r"[^\x00-\x1f\x7f\"(),.:;<>@\[\\\]]*")


def canonical(text: str | None) -> str:
    """The one form of an address: no blanks around it, NFC, lower case, its domain in ASCII without a final dot.

    Empty for what no mail can reach.
    """
    if text and _PLAIN.fullmatch(text) and len(text) <= LONGEST:
        return text
    local, _, domain = _trimmed(text or "").rpartition("@")
    found = f"{unicodedata.normalize('NFC', local.lower())}@{_ascii(domain)}"
    return found if _ADDRESS.fullmatch(found) and len(found) <= LONGEST else ""


def comparable(text: str | None) -> str:
    """`canonical`, or as near to it as something comes that is no address."""
    return canonical(text) or unicodedata.normalize("NFC", _trimmed(text or "").lower())


def _trimmed(text: str) -> str:
    """Without blanks and invisible characters at its ends."""
    kept = [place for place, each in enumerate(text) if unicodedata.category(each) not in _INVISIBLE]
    return text[kept[0] : kept[-1] + 1] if kept else ""


def _ascii(domain: str) -> str:
    """Empty for a domain that there cannot be."""
    try:
        return idna.encode(domain.rstrip(".。．｡"), uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        return ""


def mailbox(text: str) -> str:
    """One mailbox, `Name <a@example.org>` or an address alone; a name is quoted where it must be. Raises ValueError."""
    parts = _MAILBOX.fullmatch(text.strip())
    name, given = (parts["name"].strip(), parts["address"]) if parts else ("", text)
    address = given.strip()
    if not canonical(address) or "@" in name or any(unicodedata.category(each) in {"Cc", "Cs"} for each in name):
        raise ValueError("is not one mailbox: write it as INTOWORK <noreply@intowork.com>, or as the address alone")
    if not name:
        return address
    if _UNQUOTED.fullmatch(name) or _QUOTED.fullmatch(name):
        return f"{name} <{address}>"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'
