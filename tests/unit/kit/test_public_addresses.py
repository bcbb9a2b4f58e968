"""Whom strangers may name: no address of this machine, its network, or a cloud's own services, however written."""

import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.kit.errors import Unreachable
from worker.kit.public_addresses import BadUrl, NotPublic, Outside, is_public, listed_ports, resolved

PUBLIC = "93.184.216.34"
OUTSIDE = frozenset({443, 8443})


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "2a00:1450::1"])
def test_the_outside_world(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        f"::ffff:{PUBLIC}",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "100::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "5f00::1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "",
    ],
)
def test_the_inside_in_any_form(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_what_python_calls_private_is_never_public(address: IPv4Address) -> None:
    if not address.is_global or address.is_multicast:
        assert not is_public(str(address))


@given(st.ip_addresses(v=4))
def test_no_form_of_an_ipv4_address_in_ipv6_is_public(address: IPv4Address) -> None:
    number = int(address)
    forms = (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80, 0x20010000 << 96 | number)
    assert not any(is_public(str(IPv6Address(each))) for each in forms)


def outside(*addresses: str, local: bool = False) -> Outside:
    return Outside(OUTSIDE, local, resolve=lambda _host, _port: addresses)


def test_a_name_leads_where_it_was_looked_up_and_to_these_addresses_only() -> None:
    assert outside(PUBLIC, "2606:4700::1111").addresses("hooks.example", 443) == (PUBLIC, "2606:4700::1111")
    with pytest.raises(Unreachable, match=r"hooks\.example has no address"):
        outside().addresses("hooks.example", 443)


@pytest.mark.parametrize("found", [("127.0.0.1",), (PUBLIC, "10.0.0.7"), ("::ffff:10.0.0.7",), ("169.254.169.254",)])
def test_one_address_of_ours_condemns_the_name(found: tuple[str, ...]) -> None:
    with pytest.raises(NotPublic, match=r"hooks\.example is not a public address; nothing was sent"):
        outside(*found).addresses("hooks.example", 443)


def test_other_ports_are_other_programs() -> None:
    for port in (22, 80, 5432, 6379):
        with pytest.raises(NotPublic):
            outside(PUBLIC).addresses("hooks.example", port)


def test_a_laptop_may_name_itself() -> None:
    assert outside("127.0.0.1", local=True).addresses("localhost", 9000) == ("127.0.0.1",)
    outside(local=True).check("http://127.0.0.1:9000/receiver/offers")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example/", "begin with https"),
        ("ftp://hooks.example/", "begin with https"),
        ("file:///etc/passwd", "begin with https"),
        ("https:///path", "a host"),
        ("https://user:word@hooks.example/", "user name or password"),
        ("https://user@hooks.example/", "user name or password"),
        ("https://hooks.example@10.0.0.1/", "user name or password"),
        ("https://hooks.example/#part", "fragment"),
        ("https://hooks.example:5432/", "port 5432; only 443 or 8443"),
        ("https://hooks.example:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://hooks.example\\@10.0.0.1/", "encoded"),
        ("https://hooks.example/a b", "encoded"),
        ("https://hooks.example/\n", "encoded"),
        ("https://hôtes.example/", "encoded"),
        ("https://hooks.example/" + "a" * 2000, "too long"),
        ("https://127.0.0.1/", "not a public one"),
        ("https://[::ffff:127.0.0.1]/", "not a public one"),
        ("https://[fd00:ec2::254]/latest", "not a public one"),
        ("https://169.254.169.254/latest/meta-data", "not a public one"),
        ("https://localhost/", "not a public one"),
        ("https://localhost./", "not a public one"),
        ("https://redis/", "not a public one"),
        ("https://metadata.google.internal/", "not a public one"),
        ("https://printer.local/", "not a public one"),
        ("https://2130706433/", "not a public one"),
    ],
)
def test_what_could_never_be_delivered_is_refused_with_its_reason(url: str, said: str) -> None:
    with pytest.raises(BadUrl, match=said):
        outside(PUBLIC).check(url)


@pytest.mark.parametrize("url", ["https://hooks.example/in?key=1", "https://hooks.example:8443/", f"https://{PUBLIC}/"])
def test_what_can_be_delivered_is_taken(url: str) -> None:
    outside(PUBLIC).check(url)


def test_the_systems_resolver_is_asked() -> None:
    assert "127.0.0.1" in resolved("127.0.0.1", 443)
    assert set(resolved("localhost", 443)) <= {"127.0.0.1", "::1"}
    assert resolved("2130706433", 443) == ("127.0.0.1",)
    with pytest.raises(Unreachable):
        resolved("a" * 70 + ".example", 443)
    assert socket.getdefaulttimeout() is None


def test_a_list_of_ports() -> None:
    assert listed_ports("443, 8443") == OUTSIDE
    for text in ("", "https", "0", "65536", "443;8443"):
        with pytest.raises(ValueError, match=r"ports|invalid literal"):
            listed_ports(text)
