"""One form for an address, however it was typed; and a sender that is one mailbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from worker.kit.mailboxes import canonical, comparable, mailbox
from worker.kit.settings import Settings

SPELLINGS = [
    (" paul.ndong@example.org ", "paul.ndong@example.org"),
    ("\u00a0paul.ndong@example.org\u200b\n", "paul.ndong@example.org"),
    ("Jose.Mba@Example.CM", "jose.mba@example.cm"),
    ("JOSÉ@exemple.cm", "josé@exemple.cm"),
    ("jose\u0301@exemple.cm", "josé@exemple.cm"),
    ("awa@exämple.cm", "awa@xn--exmple-cua.cm"),
    ("awa@XN--EXMPLE-CUA.cm", "awa@xn--exmple-cua.cm"),
    ("awa@exa\u0308mple.cm", "awa@xn--exmple-cua.cm"),
    ("awa@ｅxample.cm", "awa@example.cm"),
    ("awa@example.cm.", "awa@example.cm"),
    ("awa@example。cm", "awa@example.cm"),
    ("a+b@sub.example.org", "a+b@sub.example.org"),
]


@pytest.mark.parametrize(("typed", "form"), SPELLINGS)
def test_an_address_has_one_form(typed: str, form: str) -> None:
    assert canonical(typed) == canonical(form) == form


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "ohne-at",
        "a@b",
        "a b@example.org",
        "a@@example.org",
        "a@exa mple.org",
        "a@.org",
        "a@example..org",
        "a@example.org, b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "A <a@example.org>",
        "a\x01b@example.org",
        "a\u2028b@example.org",
        f"{'a' * 250}@b.cm",
    ],
)
def test_what_no_mail_reaches_has_none(text: str | None) -> None:
    assert canonical(text) == ""


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[a-zA-ZéÉ. ]{1,8}@[a-zA-Zä.ｅ]{1,9}\.?")))
def test_a_form_is_its_own_form(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)
    assert comparable(comparable(text)) == comparable(text)
    assert comparable(text) == comparable(text).lower()


@pytest.mark.parametrize(
    ("given_as", "written"),
    [
        ("Emploi, IntoWork <noreply@intowork.com>", '"Emploi, IntoWork" <noreply@intowork.com>'),
        ("INTOWORK (Gabon) <noreply@intowork.com>", '"INTOWORK (Gabon)" <noreply@intowork.com>'),
        ('"Emploi, IntoWork" <noreply@intowork.com>', '"Emploi, IntoWork" <noreply@intowork.com>'),
        ('Le "Job" <noreply@intowork.com>', '"Le \\"Job\\"" <noreply@intowork.com>'),
        ("INTOWORK <noreply@intowork.com>", "INTOWORK <noreply@intowork.com>"),
        ("Équipe IntoWork <noreply@intowork.com>", "Équipe IntoWork <noreply@intowork.com>"),
        (" noreply@intowork.com ", "noreply@intowork.com"),
        ("<noreply@intowork.com>", "noreply@intowork.com"),
    ],
)
def test_a_sender_is_one_mailbox(given_as: str, written: str) -> None:
    assert mailbox(given_as) == written
    assert Settings(database_url="postgresql:///unused", from_email=given_as).from_email == written


@pytest.mark.parametrize(
    "text",
    [
        "Intowork noreply@intowork.com",
        "IntoWork <noreply@intowork.com>, Autre <x@intowork.com>",
        "a@intowork.com, b@intowork.com",
        "IntoWork <noreply@intowork.com",
        "IntoWork <>",
        "Into\nWork <noreply@intowork.com>",
        "IntoWork",
    ],
)
def test_a_sender_that_is_none_stops_the_start_with_its_name(text: str) -> None:
    with pytest.raises(ValidationError, match="is not one mailbox") as caught:
        Settings(database_url="postgresql:///unused", from_email=text)
    assert [error["loc"] for error in caught.value.errors()] == [("from_email",)]
