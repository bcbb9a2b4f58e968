"""An empty database becomes a stand-alone platform, in the main web app's production shape."""

import subprocess
import sys

import pytest
from alembic import command

from migrations.config import alembic_config
from models.base import metadata
from tests.factories import main_web_app
from tests.integration.migrations import catalogue
from tests.integration.migrations.conftest import Site

VERSION_TABLE = "platform_alembic_version"
CASCADES = {
    "notifications": {"user_id": "CASCADE", "related_job_id": "SET NULL", "related_application_id": "SET NULL"},
    "job_postings": {"job_id": "CASCADE"},
    "interview_schedules": {"application_id": "CASCADE", "created_by_user_id": "CASCADE"},
    "job_alerts": {"candidate_id": "CASCADE"},
    "email_templates": {"company_id": "CASCADE", "created_by_user_id": "CASCADE"},
    "integration_credentials": {"company_id": "CASCADE", "user_id": "CASCADE"},
}


def own_columns(table: str) -> set[str]:
    return {column.name for column in metadata.tables[table].columns if column.info.get("ours")}


def expected_constraints(table: str, constraints: dict[str, str]) -> dict[str, str]:
    actions = {f"{table}_{column}_fkey": f" ON DELETE {action}" for column, action in CASCADES.get(table, {}).items()}
    return {name: definition + actions.get(name, "") for name, definition in constraints.items()}


def test_upgrade_and_downgrade_leave_nothing(site: Site) -> None:
    before = catalogue.snapshot(site)
    site.upgrade()
    site.upgrade()
    site.downgrade()
    assert catalogue.snapshot(site) == before
    site.upgrade()


def test_the_models_describe_the_database(site: Site) -> None:
    site.upgrade()
    command.check(alembic_config(site.url))
    assert set(catalogue.schema_of(site)) == set(metadata.tables) | {VERSION_TABLE}


def test_shared_tables_have_the_production_shape(site: Site) -> None:
    site.upgrade()
    made = catalogue.schema_of(site)
    for table, parts in main_web_app.schema("production").items():
        theirs = {name: facts for name, facts in made[table]["cols"].items() if name not in own_columns(table)}
        assert theirs == parts["cols"], table
        constraints = {name: made[table]["con"][name] for name in parts["con"]}
        assert constraints == expected_constraints(table, parts["con"]), table
        assert made[table]["idx"].items() >= parts["idx"].items(), table


def test_enum_types_have_exactly_the_labels_of_the_main_web_app(site: Site) -> None:
    site.upgrade()
    labels = {name: definition for kind, name, definition in catalogue.everything_else(site) if kind == "type"}
    assert labels == {name: ", ".join(values) for name, values in main_web_app.described("production")["enums"].items()}


def test_models_repeat_the_production_schema() -> None:
    for table, parts in main_web_app.schema("production").items():
        declared = metadata.tables[table]
        assert {column.name for column in declared.columns} - own_columns(table) == set(parts["cols"])
        for name, (_, required, _) in parts["cols"].items():
            assert declared.columns[name].nullable != required, f"{table}.{name}"


def test_two_migrators_do_not_race(embedded_site: Site) -> None:
    migrate = [sys.executable, "-m", "alembic", "-x", f"url={embedded_site.url}", "upgrade", "head"]
    running = [subprocess.Popen(migrate, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    outcomes = [(process.communicate(timeout=120)[1], process.returncode) for process in running]
    assert outcomes == [("", 0), ("", 0)]
    assert len(embedded_site.rows(f"select * from {VERSION_TABLE}")) == 1


def test_a_held_table_stops_the_migration_with_a_sentence(embedded_site: Site) -> None:
    embedded_site.upgrade("0003")
    with embedded_site.connect() as holder, holder.transaction():
        holder.execute("lock table jobs in row exclusive mode")
        with pytest.raises(RuntimeError, match=f"to lock jobs and gave up.*: {holder.info.backend_pid}. What was"):
            embedded_site.upgrade(patience=0.5)
    embedded_site.upgrade()
