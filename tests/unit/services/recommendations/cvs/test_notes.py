"""What recruiters read about a CV, in their language."""

from worker.services.recommendations.cvs.notes import notes
from worker.services.recommendations.cvs.outcomes import CvOutcome, CvText


def test_a_cv_that_was_read_whole_needs_no_words() -> None:
    assert notes(CvText("Caissière", CvOutcome.READ), "fr") == []


def test_hidden_text_is_told_with_its_length() -> None:
    hidden, one = CvText("Caissière", CvOutcome.READ, 36), CvText("Caissière", CvOutcome.READ, 1)
    assert notes(hidden, "fr") == ["CV : texte caché ignoré (36 caractères)."]
    assert notes(hidden, "en") == ["CV: hidden text ignored (36 characters)."]
    assert (notes(one, "fr"), notes(one, "en")) == (
        ["CV : texte caché ignoré (1 caractère)."],
        ["CV: hidden text ignored (1 character)."],
    )


def test_every_other_outcome_is_said_in_both_languages() -> None:
    others = [each for each in CvOutcome if each is not CvOutcome.READ]
    french, english = ([notes(CvText(None, each), locale) for each in others] for locale in ("fr", "en"))
    assert all("CV" in each[0] for each in (*french, *english))
    assert len({each[0] for each in (*french, *english)}) == 2 * len(others)
