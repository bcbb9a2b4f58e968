"""Addresses, marks and links for sharing."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from worker.services.publishing.careers import sharing
from worker.services.publishing.careers.addresses import number_of, offer_path, slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Comptable (H/F) [CDI]", "comptable-h-f-cdi"),
        ("Ingénieur·e œuvre d’Été", "ingenieure-oeuvre-dete"),
        ("R&amp;D <b>Lead</b>", "r-d-lead"),
        ("Ɛwe & ŋaoundéré", "ewe-ngaoundere"),
        ("محاسب", ""),
        ("../../etc/passwd?x#y", "etc-passwd-x-y"),
        ("\u202e\0\n", ""),
        (None, ""),
        ("x" * 100, "x" * 60),
        ("responsable administratif et financier de la direction generale adjointe", None),
    ],
)
def test_slugs(name: str | None, expected: str | None) -> None:
    made = slug(name)
    assert made == (expected if expected is not None else "responsable-administratif-et-financier-de-la-direction")
    assert made.isascii()


@pytest.mark.parametrize(
    ("part", "number"),
    [
        ("12", 12), ("12-acme", 12), ("12-", 12), ("2147483647-x", 2147483647), ("2147483648", None), ("012", None),
        ("0", None), ("-1", None), ("acme", None), ("12acme", None), ("٣", None), ("1" * 6000, None), ("", None),
        ("7-a\nb", 7),
    ],
)  # fmt: skip
def test_only_the_number_finds(part: str, number: int | None) -> None:
    assert number_of(part) == number


def test_an_offer_lies_below_its_company() -> None:
    assert offer_path(3, "Douala Conseil", 12, "Comptable") == "/carrieres/3-douala-conseil/12-comptable"
    assert offer_path(3, "", 12, "…") == "/carrieres/3/12"


@pytest.mark.parametrize("mark", ["whatsapp", "linkedin", "facebook", "email", "p-1", "p-2147483647"])
def test_marks_of_ours(mark: str) -> None:
    assert sharing.known_mark(mark) == mark


@pytest.mark.parametrize(
    "mark", [None, "", "twitter", "p-", "p-0", "p-01", "p-2147483648", "P-1", "p-1 ", "p-1\n", "x" * 999]
)
def test_marks_of_others(mark: str | None) -> None:
    assert sharing.known_mark(mark) is None


def test_a_mark_stands_in_the_query() -> None:
    assert sharing.marked("https://a.example/1", None) == "https://a.example/1"
    assert sharing.marked("https://a.example/1?x=2#y", "p-7") == "https://a.example/1?x=2&ref=p-7#y"


def test_shared_links_hold_title_and_address_with_the_channel_s_mark() -> None:
    address = "https://p.example/carrieres/1-a/7-r-d"
    links = {each.mark: each.address for each in sharing.share_links("R&D « chef » #1", "A+B", address)}
    assert list(links) == ["whatsapp", "linkedin", "facebook", "email"]
    assert links["whatsapp"].startswith("https://wa.me/?text=")
    [said] = parse_qs(urlsplit(links["whatsapp"]).query)["text"]
    assert said == f"R&D « chef » #1 – A+B\n{address}?ref=whatsapp"
    assert parse_qs(urlsplit(links["linkedin"]).query) == {"url": [f"{address}?ref=linkedin"]}
    assert parse_qs(urlsplit(links["facebook"]).query) == {"u": [f"{address}?ref=facebook"]}
    assert unquote(links["email"]).endswith(f"{address}?ref=email")
    assert "+" not in links["email"]
