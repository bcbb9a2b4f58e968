"""The role that Compose makes for the platform: it owns its schema, and is no superuser."""

import os
import subprocess
from pathlib import Path

import psycopg
import yaml
from alembic import command
from sqlalchemy.engine import make_url

from migrations.config import alembic_config
from sandbox.postgres import EmbeddedPostgres, installed_programs
from tests.factories.databases import FAST
from tests.integration.deployment.files import COMPOSE, services
from worker.kit.database import libpq_url


def script() -> str:
    text: str = yaml.safe_load(COMPOSE.read_text())["configs"]["platform-role"]["content"]
    return text


def test_the_first_start_runs_the_script() -> None:
    postgres = services({"POSTGRES_PASSWORD": "secret", "FLOWER_BASIC_AUTH": "a:b"})["postgres"]
    assert postgres["configs"] == [
        {"source": "platform-role", "target": "/docker-entrypoint-initdb.d/platform-role.sql"}
    ]
    assert not {"POSTGRES_USER", "POSTGRES_DB"} & postgres["environment"].keys()


def test_the_platforms_role_owns_its_schema_and_migrates_it(server_folder: Path) -> None:
    server = EmbeddedPostgres(server_folder / "roles", options=FAST)
    try:
        superuser = server.start()
        psql = [str(installed_programs() / "psql"), "--set=ON_ERROR_STOP=1", "--no-psqlrc", "--dbname"]
        environment = {**os.environ, "POSTGRES_PASSWORD": "it's-secret"}
        subprocess.run([*psql, libpq_url(superuser)], input=script(), text=True, check=True, env=environment)
        url = make_url(superuser).set(username="intowork", password="it's-secret", database="intowork")
        address = url.render_as_string(hide_password=False)
        command.upgrade(alembic_config(address), "head")
        with psycopg.connect(libpq_url(address)) as connection:
            facts = connection.execute(
                """
                select current_user::text, (select rolsuper or rolcreaterole or rolcreatedb from pg_roles
                                             where rolname = current_user),
                       (select nspowner::regrole::text from pg_namespace where nspname = 'public'),
                       (select array_agg(distinct tableowner::text) from pg_tables where schemaname = 'public')
                """
            ).fetchone()
        assert facts == ("intowork", False, "intowork", ["intowork"])
    finally:
        server.stop("immediate")
