import pytest

from worker.services.notifications.wording import LONGEST_LINE, new_jobs


@pytest.mark.parametrize(
    ("locale", "total", "title", "message"),
    [
        ("fr", 1, "Nouvelles offres pour « Python »", "1 nouvelle offre, dont la plus récente : Développeur."),
        ("fr", 3, "Nouvelles offres pour « Python »", "3 nouvelles offres, dont la plus récente : Développeur."),
        ("en", 1, "New jobs for “Python”", "1 new job, the latest: Développeur."),
        ("en", 3, "New jobs for “Python”", "3 new jobs, the latest: Développeur."),
    ],
)
def test_new_jobs_are_told_in_the_readers_language(locale: str, total: int, title: str, message: str) -> None:
    assert new_jobs(locale, "Python", total, "Développeur") == (title, message)


def test_names_are_one_line_of_plain_text() -> None:
    title, message = new_jobs("fr", "R&amp;D\n à 100 %", 2, "x" * 500)
    assert title == "Nouvelles offres pour « R&D à 100 % »"
    assert len(message) < LONGEST_LINE + 60
