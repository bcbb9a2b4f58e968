"""Why an account is of no use: stored in English, shown in the reader's language."""

import pytest

from worker.contracts.providers import AUTHORISED, FACEBOOK, GOOGLE, LINKEDIN, MICROSOFT, AuthorisedProvider, X
from worker.kit.localisation import translate
from worker.services.integrations import reasons


def test_every_stored_sentence_is_shown_in_french_and_in_english() -> None:
    for provider in AUTHORISED.values():
        for text in reasons._STORED:
            stored = reasons.in_english(text, provider)
            assert reasons.as_text(stored, provider) == text
            french = translate("fr", text, title=provider.title)
            assert french != stored
            assert "%(" not in french + stored


@pytest.mark.parametrize(
    ("stored", "provider", "french"),
    [
        (
            "LinkedIn must be reconnected every 60 days. Connect the account again.",
            LINKEDIN,
            "LinkedIn doit être reconnecté tous les 60 jours. Reconnectez le compte.",
        ),
        (
            "Outlook asks its owner to sign in again. Connect the account again.",
            MICROSOFT,
            "Outlook demande au titulaire de se connecter de nouveau. Reconnectez le compte.",
        ),
        (
            "The right to publish was not granted. Connect LinkedIn again and leave the boxes on its page ticked.",
            LINKEDIN,
            "Le droit de publier n’a pas été donné. Reconnectez LinkedIn en laissant cochées les cases de sa page.",
        ),
    ],
)
def test_what_earlier_releases_stored_is_shown_as_well(stored: str, provider: AuthorisedProvider, french: str) -> None:
    assert translate("fr", reasons.as_text(stored, provider), title=provider.title) == french


def test_a_sentence_that_nobody_knows_stays_as_it_is() -> None:
    stored = "Half of it, 50 %, is %(gone)s."
    assert translate("fr", reasons.as_text(stored, GOOGLE), title=GOOGLE.title) == stored
    assert translate("fr", reasons.as_text(stored, None), title="Jobberman") == stored


def test_what_ends_after_sixty_days_says_so() -> None:
    assert [reasons.ended(each) is reasons.ENDED_AFTER_SIXTY_DAYS for each in (LINKEDIN, FACEBOOK, X, GOOGLE)] == [
        True,
        True,
        False,
        False,
    ]
