"""What changes a score is noted, what does not is not, and the main web app never fails because of a note."""

from typing import Any

from tests.factories import main_web_app
from tests.integration.migrations.conftest import Site, build

FACT = {"experiences": "title", "educations": "degree", "skills": "name", "candidate_cvs": "file_path"}


def noted(site: Site) -> list[tuple[Any, ...]]:
    sql = "with gone as (delete from recommendation_changes returning *) select * from gone order by id"
    return [(row["candidate_id"], row["job_id"]) for row in site.rows(sql)]


def test_what_changes_a_score_is_noted_once_per_statement(embedded_site: Site) -> None:
    build(embedded_site, "models")
    embedded_site.upgrade()
    assert noted(embedded_site) == []
    for table, column in FACT.items():
        embedded_site.run(f"update {table} set {column} = {column}, updated_at = now()")
        assert noted(embedded_site) == [], table
        embedded_site.run(f"update {table} set {column} = {column} || '.'")
        assert noted(embedded_site) == [(1, None)], table
        embedded_site.run(f"update {table} set candidate_id = 2")
        assert sorted(noted(embedded_site)) == [(1, None), (2, None)], table
        embedded_site.run(f"delete from {table} where '{table}' <> 'candidate_cvs'")
        assert noted(embedded_site) == ([] if table == "candidate_cvs" else [(2, None)]), table
    with embedded_site.connect() as connection:
        skills = [
            main_web_app.insert(connection, "skills", candidate_id=3, name=name, level=3, category="TECHNICAL")
            for name in ("SQL", "Python")
        ]
    assert (len(skills), noted(embedded_site)) == (2, [(3, None), (3, None)])
    embedded_site.run("update candidates set phone = '+241', updated_at = now(), profile_picture_url = 'x'")
    assert noted(embedded_site) == []
    embedded_site.run("update candidates set title = 'Comptable' where id in (1, 3)")
    assert sorted(noted(embedded_site)) == [(1, None), (3, None)]
    embedded_site.run("update jobs set views_count = 7, updated_at = now(), is_featured = true")
    assert noted(embedded_site) == []
    embedded_site.run("update jobs set profil_competences = 'Excel' where id in (1, 2)")
    assert sorted(noted(embedded_site)) == [(None, 1), (None, 2)]
    embedded_site.run("alter table recommendation_changes rename to elsewhere")
    embedded_site.run("update candidates set title = 'Juriste'; update jobs set title = title || '.'")
    embedded_site.run("insert into skills (candidate_id, name, level, category) values (1, 'Go', 2, 'TECHNICAL')")
    embedded_site.run("delete from skills")
