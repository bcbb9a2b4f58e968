from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from worker.services.notifications.interviews import InterviewFacts, InterviewNews, wording

FACTS = InterviewFacts(
    title="Entretien technique",
    candidate="Paul Ndong",
    start=datetime(2026, 12, 1, 13, tzinfo=UTC),
    zone="Africa/Libreville",
    application_id=1,
    before=datetime(2026, 12, 1, 11, tzinfo=UTC),
)


def test_a_move_names_both_hours_on_the_interviews_own_clock() -> None:
    title, message = wording("fr", "moved_in_calendar", FACTS)
    assert title == "Entretien déplacé : Paul Ndong"
    assert "le mardi 1er décembre 2026 à 14:00 (Libreville), et non plus" in message
    assert "à 12:00 (Libreville)" in message
    english = wording("en", "moved_in_calendar", FACTS)
    assert english.title == "Interview moved: Paul Ndong"
    assert "on Tuesday, December 1, 2026 at 2:00" in english.message


@pytest.mark.parametrize("event", get_args(InterviewNews))
def test_everything_is_told_in_both_languages(event: InterviewNews) -> None:
    french, english = (wording(locale, event, FACTS) for locale in ("fr", "en"))
    assert "Paul Ndong" in french.title
    assert french.message != english.message
    assert "14:00" in french.message
    assert "2:00" in english.message


def test_without_a_name_the_interview_names_itself() -> None:
    nameless = InterviewFacts("Entretien R&amp;D", "", FACTS.start, FACTS.zone, None)
    assert wording("fr", "declined", nameless).title == "Invitation déclinée : Entretien R&D"


def test_who_cannot_come_says_why_in_one_line_or_not() -> None:
    why = replace(FACTS, reason="Je suis\nmalade.")
    assert wording("fr", "candidate_declined", why).message.endswith("annulé. Motif : Je suis malade.")
    assert wording("en", "candidate_declined", FACTS).message.endswith("Reason: not given")
