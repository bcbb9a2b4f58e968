"""What recruiters read about a posting that failed, in their language."""

import re
from pathlib import Path

import pytest

import worker
from worker.kit.localisation import LOCALES
from worker.services.publishing import failures

ROOT = Path(worker.__file__).parent
CODE = re.compile(r"code ?= ?\"([a-z_]+\.[a-z_]+)\"")
PARTNERS = ("facebook", "linkedin", "myjobmag", "webhooks", "x")
SAID = "X refused the post (403): nothing."


def codes(folder: Path) -> set[str]:
    return {code for file in folder.rglob("*.py") for code in codes_of(file)}


def codes_of(file: Path) -> set[str]:
    return set(CODE.findall(file.read_text()))


@pytest.mark.parametrize("partner", PARTNERS)
def test_every_error_of_a_channel_has_a_sentence(partner: str) -> None:
    of_pictures = {"publishing.picture"}
    found = codes(ROOT / "providers" / partner)
    assert found
    assert found - of_pictures <= failures.SENTENCES.keys()


def test_so_has_every_error_of_the_contracts_and_of_postings() -> None:
    contracts = ROOT / "contracts"
    found = {code for name in ("accounts", "channels", "partners") for code in codes_of(contracts / f"{name}.py")}
    found |= codes(ROOT / "kit") | codes(ROOT / "services" / "publishing")
    of_runs = {code for code in found if code.startswith(("run.", "delivery.", "statistics."))}
    # Of calendars, of postings in doubt, and of those that were never made.
    no_failure = {"account.no_mailbox", "effect.uncertain", "provider.unknown_outcome", "offer.gone"}
    assert found - of_runs - no_failure <= failures.SENTENCES.keys()


@pytest.mark.parametrize("code", [*failures.SENTENCES, None, "run.permanent"])
def test_a_sentence_says_where_and_what_to_do_in_both_languages(code: str | None) -> None:
    said = {locale: failures.sentence(locale, "la page carrières", code, SAID) for locale in LOCALES}
    assert said["fr"] != said["en"]
    for sentence in said.values():
        assert "%" not in sentence
        assert re.search(r"[.;:] \S", sentence), "what is wrong, then what to do"
    assert "carrières" not in said["en"]


def test_what_nobody_has_foreseen_is_handed_on() -> None:
    assert failures.sentence("fr", "X", "new.code", SAID).endswith(f"équipe : {SAID}")
    assert failures.sentence("en", "X", "provider.refused", SAID).endswith(f"Its answer: {SAID}")
    assert failures.about_picture("en", "LinkedIn", "It is 12 MB.").endswith("Cause: It is 12 MB.")
