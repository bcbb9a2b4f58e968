"""Criteria as SQL: what a statement costs does not grow with every phrase that is asked for."""

from worker.services.alerts.conditions import selection
from worker.services.matching.criteria import MOST_KEYWORDS, Criteria
from worker.services.matching.normalise import LANGUAGES


def test_the_texts_of_a_document_are_read_once_per_language_however_many_phrases_are_asked() -> None:
    phrases = tuple(f"chargé de la mission numéro {number}" for number in range(MOST_KEYWORDS - 1))
    found = selection(Criteria(keywords=(*phrases, "python")))
    assert found is not None
    assert sum("jsonb_array_elements" in arm for arm in found.arms) == len(LANGUAGES)
    assert len(found.arms) == len(LANGUAGES) + 1
