"""Templates that stood in the main web app's database before: each has its first version, each type one default."""

from tests.factories import main_web_app
from tests.factories.main_web_app import Variant
from tests.integration.migrations.conftest import Site, build

BEFORE = "0006"


def test_every_template_has_its_first_version(site: Site, variant: Variant) -> None:
    build(site, variant)
    site.upgrade()
    versions = site.rows(
        "select template_id, version, type, subject, body_format, author_user_id"
        "  from email_template_versions order by template_id"
    )
    assert [tuple(row.values()) for row in versions] == [
        (1, 1, "WELCOME_CANDIDATE", "Bienvenue {candidate_name}", "html", 1),
        (2, 1, "WELCOME_CANDIDATE", "Bienvenue {candidate_name}", "html", 1),
        (3, 1, "APPLICATION_REJECTED", "Bienvenue {candidate_name}", "html", 1),
        (4, 1, "CUSTOM", "Bienvenue {candidate_name}", "html", 1),
    ]


def defaults(site: Site, column: str) -> list[int]:
    return [row["id"] for row in site.rows(f"select id from email_templates where {column} order by id")]


def test_defaults_of_two_languages_are_one_for_the_app(site: Site, variant: Variant) -> None:
    build(site, variant)
    site.upgrade("0014")
    english = {"type": "APPLICATION_REJECTED", "is_default": True, "locale": "en"}
    with site.connect() as connection:
        main_web_app.insert_template(connection, "Rejection", **english)
        main_web_app.insert_template(connection, "Gone", **english, deleted_at="2026-01-01")
    assert defaults(site, "is_default") == [2, 3, 5, 6]
    site.upgrade()
    assert defaults(site, "is_default and deleted_at is null") == [2, 3]
    assert defaults(site, "own_default") == [2, 3, 5]
    changes = "select row_id, old_value, new_value, reason from adoption_changes where row_id = 5"
    assert [tuple(row.values()) for row in site.rows(changes)] == [
        (5, True, False, "default of another language or of a type of ours")
    ]
    site.downgrade("0014")
    assert defaults(site, "is_default") == [2, 3, 5, 6]
    assert site.rows(changes) == []


def test_defaults_written_since_the_adoption_are_put_right_and_given_back(site: Site) -> None:
    with site.connect() as connection:
        main_web_app.build(connection, "production")
        main_web_app.populate_people(connection)
    site.upgrade(BEFORE)
    with site.connect() as connection:
        for own_type in (None, None, "follow_up"):
            main_web_app.insert_template(connection, "Libre", type="CUSTOM", is_default=True, own_type=own_type)
        main_web_app.insert_template(connection, "Free", type="CUSTOM", is_default=True, locale="en")
    site.upgrade()
    assert defaults(site, "is_default") == [2], "the main web app finds one"
    assert defaults(site, "own_default") == [2, 3, 4]
    site.downgrade(BEFORE)
    site.upgrade()
    site.downgrade()
    assert len(site.rows("select id from email_templates where is_default")) == 4


def test_the_app_deletes_a_template_with_its_versions(site: Site, variant: Variant) -> None:
    build(site, variant)
    site.upgrade()
    site.run("delete from email_templates where id = 2")
    kept = site.rows("select template_id from email_template_versions order by template_id")
    assert [row["template_id"] for row in kept] == [1, 3, 4]
