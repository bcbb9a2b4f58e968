"""The compiled layouts are what their sources say."""

import re

import pytest

from sandbox import layouts
from worker.services.email.templating.environment import environment, fill

OFFER = {
    "title": "Responsable de la comptabilité et du contrôle de gestion pour l’Afrique centrale",
    "company": "Compagnie générale de transport maritime & fluvial",
    "facts": "Libreville, Gabon · Hybride · Temps plein",
    "salary": "850 000 – 1 100 000 FCFA par mois",
    "posted": "12 janvier 2027",
    "url": "https://www.example.com/offres/123456",
}


def digest(locale: str, count: int) -> str:
    return fill(
        f"job_alert/{locale}.html",
        locale=locale,
        first_name="Awa",
        alert_name="Comptabilité à Libreville",
        frequency="hebdomadaire",
        offers=[OFFER] * count,
        more=23,
        total=count + 23,
        manage_url=f"https://example.com/u/{'a' * 150}/preferences",
        unsubscribe_url=f"https://example.com/u/{'a' * 150}",
        all_url="https://example.com/dashboard/jobs",
    )


@pytest.mark.parametrize("name", ["digest.html", "message.html"])
def test_the_committed_layout_is_the_compiled_one(name: str) -> None:
    committed = (layouts.EMAIL / "templates" / name).read_text(encoding="utf-8")
    assert committed == layouts.compiled()[name], "Run `python -m sandbox.layouts`."


@pytest.mark.parametrize("name", ["digest.html", "message.html"])
def test_a_layout_loads_nothing_and_knows_both_themes(name: str) -> None:
    html = layouts.compiled()[name]
    assert not re.search(r"<script|<link|@import|@font-face|\ssrc=", html)
    assert '<meta name="color-scheme" content="light dark" />' in html
    assert "prefers-color-scheme: dark" in html
    assert "max-width:600px" in html


def test_an_element_that_mjml_does_not_know_is_refused() -> None:
    source = "<mjml><mj-body><mj-section><mj-nonsense>x</mj-nonsense></mj-section></mj-body></mjml>"
    with pytest.raises(ValueError, match="mj-nonsense"):
        layouts.compile_layout(source, "")


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_a_full_digest_is_not_cut_by_mail_programs(locale: str) -> None:
    html = digest(locale, 20)
    assert len(html.encode()) < 90_000
    assert html.count(OFFER["url"]) == 20


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_digest_ends_with_its_reason_and_the_way_out(locale: str) -> None:
    foot = digest(locale, 1).split("/dashboard/jobs", 1)[1]
    assert f'href="https://example.com/u/{"a" * 150}"' in foot
    assert f'href="https://example.com/u/{"a" * 150}/preferences"' in foot


def test_layouts_have_no_globals() -> None:
    """One alone would make every rendering copy them all, and a digest's a fifth dearer."""
    assert not environment().globals
