"""Addresses of servers: with a password in them, so they are shown without it, and refused in words of our own."""

import re
from urllib.parse import urlsplit

from pydantic import SecretStr
from typing_extensions import override

HIDDEN = "•••"
POSTGRES = ("postgresql", "postgres")
BROKERS = ("redis", "rediss", "amqp", "amqps")
# `memory://` counts in the process itself: for tests and for one process alone.
LIMITS = ("redis", "rediss", "memory")

_SECRET = re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*(?=@)|(?<=password=)[^&\s]+")
_RAW = "holds a raw @ : / or # in its user name or password: write %40 %3A %2F %23 in their place"


class Address(SecretStr):
    """An address that may hold a password; shown and logged without it."""

    @property
    def plain(self) -> str:
        """The whole address, for the program that connects."""
        return self.get_secret_value()

    @override
    def _display(self) -> str:
        return _SECRET.sub(HIDDEN, self.plain)


def check_address(text: str, schemes: tuple[str, ...]) -> None:
    """Refuse what is no address with one of these schemes; drivers (`postgresql+psycopg`) pass.

    Raises ValueError with a sentence's end that never repeats the text.
    """
    scheme, mark, rest = text.partition("://")
    if not mark:
        raise ValueError(f"has to begin with {_either(schemes)}, as in {schemes[0]}://user:password@host/name")
    if scheme.partition("+")[0] not in schemes:
        shown = f"{scheme}://" if re.fullmatch(r"[a-z0-9+.-]{1,30}", scheme) else "what it begins with"
        raise ValueError(f"has to begin with {_either(schemes)}, not with {shown}")
    if not _is_encoded(rest):
        raise ValueError(_RAW)
    try:
        _ = urlsplit(text).port
    except ValueError:
        raise ValueError("has a port or host that cannot be read") from None


def _either(schemes: tuple[str, ...]) -> str:
    shown = [f"{each}://" for each in schemes]
    return " or ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else shown[0]


def _is_encoded(rest: str) -> bool:
    """Whether the first / ? or # ends the host: raw ones in a password would end it too early."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user, mark, _ = authority.rpartition("@")
    if "@" in rest[len(authority) :].partition("?")[0]:
        return False
    return not mark or (user.count(":") <= 1 and "@" not in user)
