"""Changed criteria do not look back, whoever changes them; the main web app's writes never fail because of us."""

import pytest

from tests.factories import main_web_app
from tests.integration.migrations.conftest import Site, build

PYTHON = '{"keywords": ["python"], "location": "Libreville"}'
LEGAL = '{"keywords": ["juriste"]}'


@pytest.fixture
def adopted(embedded_site: Site, variant: main_web_app.Variant) -> Site:
    build(embedded_site, variant)
    embedded_site.upgrade()
    embedded_site.run("update job_alerts set last_number = 1")
    return embedded_site


def mark(site: Site) -> int | None:
    [row] = site.rows("select last_number from job_alerts where id = 1")
    number: int | None = row["last_number"]
    return number


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (f"criteria = '{LEGAL}'", 3),
        (f"criteria = '{LEGAL}', name = 'Droit'", 3),
        (f"criteria = '{PYTHON}', name = 'Python'", 1),
        ("name = 'Autre', frequency = 'WEEKLY', is_active = false", 1),
        (f"criteria = '{LEGAL}', last_number = 2", 2),
    ],
)
def test_only_other_criteria_move_the_mark(adopted: Site, change: str, expected: int) -> None:
    adopted.run(f"update job_alerts set {change} where id = 1")
    assert mark(adopted) == expected


def test_an_alert_without_mark_gets_one(adopted: Site) -> None:
    adopted.run("update job_alerts set last_number = null where id = 1")
    adopted.run(f"update job_alerts set criteria = '{LEGAL}' where id = 1")
    assert mark(adopted) == 3


def test_a_broken_search_never_fails_the_app(adopted: Site) -> None:
    adopted.run("alter table job_search rename to elsewhere")
    adopted.run(f"update job_alerts set criteria = '{LEGAL}' where id = 1")
    assert mark(adopted) == 1
