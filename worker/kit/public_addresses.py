"""Whom strangers may name as a host: the outside world, never this machine, its network, or what a cloud keeps for it.

Names are looked up when they are connected to, and only what was looked up is connected to: a name that means something
else a moment later changes nothing.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

from worker.kit.errors import Refused, Unreachable

LONGEST_URL = 2000
LONGEST_LOOKUP = 5.0
MOST_ADDRESSES = 8

# IANA's registries of special-purpose addresses (RFC 6890), and the one public address of a cloud's own services.
_SPECIAL = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    )
)
# All else is not handed out: loopback, mapped and translated IPv4 (NAT64), link-local, unique-local, multicast.
_GIVEN_OUT = IPv6Network("2000::/3")
# IETF's own with Teredo, documentation, 6to4.
_SPECIAL_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as numbers, in the order of trying. Raises Unreachable."""


class NotPublic(Refused):
    """The host is not one of the outside world; nothing was sent."""

    code = "address.not_public"


class BadUrl(ValueError):
    """An address that nothing is delivered to; the message is a sentence."""


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the outside world."""
    try:
        known = ip_address(address)
    except ValueError:
        return False
    if isinstance(known, IPv4Address):
        return not any(known in each for each in _SPECIAL)
    return known in _GIVEN_OUT and not any(known in each for each in _SPECIAL_6)


def listed_ports(text: str) -> frozenset[int]:
    """Of a list separated by commas. Raises ValueError."""
    ports = frozenset(int(each) for each in text.split(","))
    if not all(0 < each < 65536 for each in ports):
        raise ValueError("ports are numbers from 1 to 65535, separated by commas")
    return ports


def resolved(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says, within five seconds."""
    answer: SimpleQueue[Sequence[str]] = SimpleQueue()
    Thread(target=lambda: answer.put(_looked_up(host, port)), daemon=True, name="lookup").start()
    try:
        found = answer.get(timeout=LONGEST_LOOKUP)
    except Empty:
        found = ()
    if not found:
        raise Unreachable(f"{host} has no address; nothing was sent.")
    return found


def _looked_up(host: str, port: int) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class Outside:
    """The hosts that strangers may name. ports: on which ones. local: any host and port, and http: for emulators on a
    laptop.
    """

    ports: frozenset[int]
    local: bool = False
    resolve: Resolve = resolved

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """Where a connection to the host may go. One address of ours among others condemns them all.

        Raises NotPublic, and Unreachable for a host that has no address.
        """
        found = self.resolve(host, port)[:MOST_ADDRESSES]
        if not self.local and (port not in self.ports or not all(map(is_public, found))):
            raise NotPublic(f"{host} is not a public address; nothing was sent.")
        if not found:
            raise Unreachable(f"{host} has no address; nothing was sent.")
        return found

    def check(self, url: str) -> None:
        """Raises BadUrl for an address that could never be delivered to; nothing is looked up."""
        host, port, scheme = _parts(url)
        if scheme != "https" and not self.local:
            raise BadUrl("The address has to begin with https://.")
        if not self.local and port not in self.ports:
            allowed = " or ".join(map(str, sorted(self.ports)))
            raise BadUrl(f"The address names port {port}; only {allowed} can be reached.")
        if not self.local and _names_the_inside(host):
            raise BadUrl("The address is not a public one.")


def _parts(url: str) -> tuple[str, int, str]:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise BadUrl("The address is too long, or holds blanks or characters that have to be encoded.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadUrl("The address cannot be read.") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise BadUrl("The address has to begin with https:// and a host.")
    if "@" in parts.netloc:
        raise BadUrl("The address holds a user name or password; leave it out: deliveries are signed.")
    if parts.fragment:
        raise BadUrl("The address ends in a fragment (#); leave it out.")
    return parts.hostname, port or (443 if parts.scheme == "https" else 80), parts.scheme


def _names_the_inside(host: str) -> bool:
    """A numeric address that is not public, or a name that only a local network knows."""
    try:
        ip_address(host)
    except ValueError:
        bare = host.rstrip(".")
        return "." not in bare or bare.endswith((".localhost", ".local", ".internal", ".home.arpa", ".lan"))
    return not is_public(host)
