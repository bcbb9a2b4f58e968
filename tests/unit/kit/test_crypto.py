"""Tokens at rest: what each key opens, and that a key which is gone says nothing of what it sealed."""

import pytest
from cryptography.fernet import Fernet

from worker.kit.crypto import NoEncryptionKey, TokenCipher, UnreadableToken, fernet_keys, key_id

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))
THEIRS = "intowork-compat-test-secret-000000000000"
SEALED_BY_THEM = (
    "gAAAAABpVbkAOf4KimMnp4q03mx0hVN11PyqUgElQsgeKX0T13ZcsUYjcMvEPeKXVZzZXTOH70jjiYVts1au5n6Wq9f7Lt8RBNIwApVIlBFCGuw9"
    "-QzuJe4="
)


def test_the_first_key_seals_and_every_key_opens() -> None:
    before, now = TokenCipher((OLD,)), TokenCipher((NEW, OLD))
    assert now.open(before.seal("token")).key == key_id(OLD)
    opened = now.open(now.seal("token"))
    assert (opened.token, opened.key) == ("token", key_id(NEW))
    assert now.current_key == key_id(NEW)


def test_what_the_main_web_app_wrote_is_readable() -> None:
    cipher = TokenCipher((NEW,), THEIRS)
    assert cipher.open(SEALED_BY_THEM).token == "ya29.access-token-example"
    assert cipher.open("ya29.in-clear").token == "ya29.in-clear"
    assert TokenCipher((NEW,), THEIRS).open(cipher.seal("token", "main_app")).token == "token"
    assert cipher.seal("token", "main_app_clear") == "token"


@pytest.mark.parametrize("cipher", [TokenCipher((NEW,)), TokenCipher((NEW,), "another-secret" * 3), TokenCipher(())])
def test_a_token_of_a_key_that_is_gone_is_unreadable(cipher: TokenCipher) -> None:
    for stored in (TokenCipher((LOST,)).seal("token"), SEALED_BY_THEM, "gAAAAABcut-off"):
        with pytest.raises(UnreadableToken) as refused:
            cipher.open(stored)
        assert str(refused.value) == ""


def test_nothing_is_stored_without_a_key() -> None:
    with pytest.raises(NoEncryptionKey):
        TokenCipher(()).seal("token")
    with pytest.raises(NoEncryptionKey):
        TokenCipher((NEW,)).seal("token", "main_app")


def test_a_wrong_key_is_named_by_its_place_only() -> None:
    assert fernet_keys(f" {OLD} ,{NEW},") == (OLD, NEW)
    with pytest.raises(ValueError, match="key 2 is no Fernet key") as refused:
        fernet_keys(f"{OLD},{NEW[:-4]}")
    assert NEW[:8] not in str(refused.value)


def test_no_token_stands_in_what_a_cipher_answers_when_printed() -> None:
    assert "token-of-somebody" not in repr(TokenCipher((NEW,)).open("token-of-somebody"))
