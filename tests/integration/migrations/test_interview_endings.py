"""What ends interviews is noted, and never fails the main web app."""

from typing import Any

import pytest

from tests.factories import main_web_app
from tests.integration.migrations.conftest import Site, build


@pytest.fixture
def adopted(embedded_site: Site, variant: main_web_app.Variant) -> Site:
    build(embedded_site, variant)
    embedded_site.upgrade()
    return embedded_site


def noted(site: Site) -> list[tuple[Any, ...]]:
    sql = "with gone as (delete from interview_endings returning *) select * from gone order by id"
    return [(row["cause"], row["application_id"], row["job_id"]) for row in site.rows(sql)]


def test_what_ends_interviews_is_noted_once(adopted: Site, variant: main_web_app.Variant) -> None:
    adopted.run("update job_applications set status = 'viewed', rating = 3")
    assert noted(adopted) == []
    adopted.run("update job_applications set status = 'rejected'")
    assert sorted(noted(adopted)) == [("rejected", 1, None), ("rejected", 2, None)]
    adopted.run("update job_applications set rating = 4")
    adopted.run("update jobs set status = 'closed' where id in (1, 5)")
    adopted.run("update jobs set status = 'archived', views_count = 1 where id in (1, 5)")
    assert noted(adopted) == [("closed", None, 1)]
    if variant == "models":
        adopted.run("update job_applications set status = 'withdrawn' where id = 2")
        assert noted(adopted) == [("withdrawn", 2, None)]


def test_an_application_leaves_a_copy_of_its_interviews(adopted: Site) -> None:
    adopted.run("update interview_schedules set status = 'CANCELED' where application_id = 1")
    with adopted.connect() as connection:
        for number in (1, 2):
            main_web_app.withdraw_application(connection, number)
    [row] = adopted.rows("select * from interview_endings")
    assert (row["cause"], row["application_id"], row["job_id"]) == ("deleted", 2, 2)
    assert (row["interview"]["title"], row["interview"]["candidate_id"]) == ("Entretien", 2)


def test_a_note_that_cannot_be_written_never_fails_the_app(adopted: Site) -> None:
    adopted.run("alter table interview_endings rename to elsewhere")
    adopted.run("update job_applications set status = 'rejected' where id = 1")
    adopted.run("update jobs set status = 'closed' where id = 1")
    with adopted.connect() as connection:
        main_web_app.withdraw_application(connection, 2)
    assert len(adopted.rows("select from job_applications")) == 1
