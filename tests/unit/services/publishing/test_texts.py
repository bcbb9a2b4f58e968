"""The words of a post: the report's format, in the offer's language, cut where a reader expects it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.services.publishing.channels import facebook, linkedin, twitter, wording
from worker.services.publishing.channels.channel import Composition
from worker.services.publishing.offers import PublishableOffer, summary_of

LINK = "https://offres.example/carrieres/1-a/2-b?ref=p-3"
OFFER = PublishableOffer(
    id=2,
    company_id=1,
    title="Comptable (H/F) [CDI]",
    company_name="Société Générale & Fils",
    location="Douala, Cameroun",
    country="CM",
    location_type="on_site",
    job_type="full_time",
    language="fr",
    summary="Vous tenez la comptabilité de trois sociétés.",
    image_url="",
    is_open=True,
)
COMPOSERS = pytest.mark.parametrize("compose", [linkedin.compose, facebook.compose, twitter.compose])


def composed(message: str | None = None, language: str = "fr", **changes: object) -> str:
    offer = replace(OFFER, **changes)  # type: ignore[arg-type]
    return linkedin.compose(Composition(offer, LINK, language, message)).visible


def test_a_french_post_has_the_reports_format() -> None:
    assert composed() == (
        "📢 Nouvelle Opportunité : Comptable (H/F) [CDI]\n"
        "\n"
        "📍 Localisation : Douala, Cameroun\n"
        "💼 Type : Temps plein\n"
        "🏢 Entreprise : Société Générale & Fils\n"
        "\n"
        "Vous tenez la comptabilité de trois sociétés.\n"
        "\n"
        f"🔗 Postuler maintenant : {LINK}\n"
        "\n"
        "#Recrutement #Emploi #JobSearch #Hiring #SociétéGénéraleFils #Douala"
    )


def test_an_english_post_has_english_words_and_hashtags() -> None:
    assert composed(language="en") == (
        "📢 New opportunity: Comptable (H/F) [CDI]\n"
        "\n"
        "📍 Location: Douala, Cameroun\n"
        "💼 Type: Full-time\n"
        "🏢 Company: Société Générale & Fils\n"
        "\n"
        "Vous tenez la comptabilité de trois sociétés.\n"
        "\n"
        f"🔗 Apply now: {LINK}\n"
        "\n"
        "#Recruitment #Jobs #JobSearch #Hiring #SociétéGénéraleFils #Douala"
    )


def test_a_recruiters_words_stand_in_place_of_headline_and_summary() -> None:
    text = composed("  Rejoignez-nous !\r\n\r\n\r\n\r\nOn recrute.  ")
    assert text.startswith("Rejoignez-nous !\n\nOn recrute.\n\n📢 Comptable (H/F) [CDI]\n📍 Localisation : Douala")
    assert "trois sociétés" not in text
    assert "Nouvelle Opportunité" not in text
    assert LINK in text
    assert "#Recrutement" in text


@pytest.mark.parametrize(
    ("kind", "location", "line"),
    [
        ("remote", "", "📍 Localisation : À distance"),
        ("hybrid", "Libreville", "📍 Localisation : Libreville · Hybride"),
        ("on_site", "Libreville", "📍 Localisation : Libreville"),
    ],
)
def test_the_place_says_how_one_works(kind: str, location: str, line: str) -> None:
    assert line in composed(location_type=kind, location=location).splitlines()


def test_what_an_offer_does_not_say_has_no_line() -> None:
    lines = composed(location="", job_type="", company_name="", summary="").splitlines()
    assert lines[0] == "📢 Nouvelle Opportunité : Comptable (H/F) [CDI]"
    assert not any(line.startswith(("📍", "💼", "🏢")) for line in lines)
    assert "\n\n\n" not in "\n".join(lines)


def test_the_summary_is_the_main_mission_else_the_description_without_markup() -> None:
    assert summary_of("<p>Piloter&nbsp;la <b>paie</b></p>", "Autre") == "Piloter la paie"
    assert summary_of("<p> </p>", "<ul><li>Un</li><li>Deux</li></ul>") == "Un Deux"
    assert summary_of(None, None) == ""


def test_a_long_summary_ends_on_a_word() -> None:
    text = "mot " * 200
    cut = wording.cut(text, 500)
    assert len(cut) <= 500
    assert cut.endswith("mot…")


def test_a_text_of_the_longest_length_is_not_cut() -> None:
    assert wording.cut("a" * 500, 500) == "a" * 500


def test_a_word_without_end_is_cut_all_the_same() -> None:
    assert wording.cut("a" * 501, 500) == "a" * 499 + "…"


@given(st.text(), st.integers(2, 600))
def test_a_cut_is_never_longer_and_only_says_so_when_something_is_missing(text: str, most: int) -> None:
    cut = wording.cut(text, most)
    assert len(cut) <= most
    assert cut == text if len(text) <= most else cut.endswith("…")


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Société Générale & Fils", "SociétéGénéraleFils"),
        ("l’eau vive", "LeauVive"),
        ("2024", ""),
        ("C++ / C#", "CC"),
        ("   ", ""),
        ("日本", "日本"),
    ],
)
def test_a_hashtag_holds_letters_and_digits_only(name: str, tag: str) -> None:
    assert wording.hashtag(name) == tag


def test_a_hashtag_stands_once_whatever_its_capitals() -> None:
    tags = wording.hashtags(replace(OFFER, company_name="EMPLOI", location="Hiring"), "fr")
    assert tags == ("Recrutement", "Emploi", "JobSearch", "Hiring")


def test_characters_that_turn_a_line_around_are_left_out_and_joined_emoji_stay() -> None:
    assert composed(title="Chef\u202efr \u200bde 👩\u200d🍳").splitlines()[0].endswith("Cheffr de 👩\u200d🍳")


@COMPOSERS
def test_every_network_shows_title_and_link(compose: object) -> None:
    post = compose(Composition(OFFER, LINK, "fr", "Venez"))  # type: ignore[operator]
    assert "Comptable (H/F) [CDI]" in post.visible
    assert LINK in post.visible


@pytest.mark.parametrize(
    ("channel", "copied", "found"),
    [
        (linkedin, "https://www.linkedin.com/feed/update/urn:li:share:7265/?utm=1", "urn:li:share:7265"),
        (linkedin, "https://www.linkedin.com/feed/update/urn%3Ali%3AugcPost%3A99/", "urn:li:ugcPost:99"),
        (linkedin, "https://www.linkedin.com/in/awa", None),
        (facebook, "https://www.facebook.com/123_456", "123_456"),
        (facebook, "hello", None),
        (twitter, "https://x.com/intowork/status/1790000000000000000?s=20", "1790000000000000000"),
        (twitter, "https://x.com/intowork", None),
    ],
)
def test_the_id_of_a_post_is_found_in_its_address(channel: object, copied: str, found: str | None) -> None:
    assert channel.id_of(copied) == found  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["share", "ugcPost"])
def test_both_kinds_of_linkedin_post_have_the_same_address(kind: str) -> None:
    assert linkedin.address(f"urn:li:{kind}:7") == f"https://www.linkedin.com/feed/update/urn:li:{kind}:7/"
