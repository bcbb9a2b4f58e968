"""Lists stay fast however much there is: each comes page by page, and no question reads a large table to its end."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import psycopg
import pytest

from api_min.documents import openapi_document
from benchmarks import list_rows, lists
from sandbox.postgres import EmbeddedPostgres
from tests.integration.api.attempts import ATTEMPTS, ask
from tests.integration.api.world import ADMIN, CANDIDATE, EMPLOYER, World, built
from worker.kit.database import execute, raw

ROWS = 6_000
READERS = {"the candidate": CANDIDATE, "the employer": EMPLOYER, "an administrator": ADMIN}
PAGED = {"limit", "page", "cursor"}
# What cannot grow: why.
SHORT = {
    "/api/tasks/catalogue": "one entry for each task in the code",
    "/api/tasks/{run_id}": "attempts are bounded by the run's task",
    "/api/queues": "one entry for each queue",
    "/readyz": "one sentence for each part of the platform",
    "/api/email-templates/variables": "one entry for each variable in the code",
    "/api/email-templates/defaults": "one entry for each type in the code",
    "/api/interviews/{interview_id}": "at most 20 interviewers, three offered times",
    "/api/interviews/settings": "the days of a week",
    "/api/interviews/suggestions": "three times, at most 20 calendars",
    "/api/interviews/overlaps": "what one hour meets",
    "/api/applications/{application_id}/tags": "at most ten",
    "/api/applications/{application_id}/collaboration": "at most ten tags; notes as the main web app keeps them",
    "/api/integrations/linkedin/organizations": "the pages that one person administers",
    "/api/notifications/preferences": "one entry for each kind in the code",
    "/api/postings/{posting_id}/statistics": "one entry for each day that a posting is looked after",
}


@pytest.fixture(scope="module")
def world(postgres_server: EmbeddedPostgres, template_database: str, emulator_url: str) -> Iterator[World]:
    with built(postgres_server, template_database, emulator_url) as world:
        with world.api.database.transaction() as connection:
            list_rows.fill(connection, ROWS)
            execute(connection, "analyze")
        yield world


def shows_arrays(document: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    """Whether an answer is an array or has one among its members."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    several = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    members = schema.get("properties", {}).values()
    return (
        schema.get("type") == "array"
        or any(
            each.get("type") == "array" or any(inner.get("type") == "array" for inner in each.get("anyOf", ()))
            for each in members
        )
        or any(shows_arrays(document, each) for each in several)
    )


def test_every_list_comes_page_by_page(world: World) -> None:
    document = openapi_document(world.api.app)
    whole: set[str] = set()
    paged: set[str] = set()
    for path, methods in document["paths"].items():
        shown = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        asked = {each["name"] for each in methods.get("get", {}).get("parameters", ()) if each["in"] == "query"}
        if shown and shows_arrays(document, shown["schema"]):
            (paged if asked & PAGED else whole).add(path)
    assert whole == set(SHORT), "A list needs `limit`, or a reason in SHORT why it cannot grow."
    assert paged <= lists.LISTS.keys() | lists.COMPUTED, "benchmarks/lists.py measures every list."


PREPARED = "select name, cardinality(parameter_types) from pg_prepared_statements order by prepare_time limit 1"


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """What Postgres is asked from now on, with its parameters."""
    asked: list[tuple[Any, Any]] = []
    execute_it = psycopg.Cursor.execute

    def listen(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
        asked.append((query, params))
        return execute_it(cursor, query, params, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", listen)
    return asked


def large_tables(world: World) -> set[str]:
    rows = world.rows("select relname from pg_class where relkind = 'r' and reltuples >= %s", ROWS // 2)
    return {row["relname"] for row in rows}


def scans(world: World, asked: Sequence[tuple[Any, Any]], large: set[str]) -> Iterator[str]:
    """The statements that read one of the tables from its beginning to its end, by the plan that serves all values:
    connections of the platform keep no other.
    """
    with world.api.database.transaction() as connection:
        for query, params in asked:
            text = query.decode() if isinstance(query, bytes) else str(query)
            if not re.match(r"\s*(select|with)\b", text, re.IGNORECASE) or "enqueue_tasks" in text:
                continue
            plan = str(plan_of(raw(connection), query, params))
            if found := large.intersection(re.findall(r"Seq Scan on (\w+)", plan)):
                yield f"{', '.join(sorted(found))}: {' '.join(text.split())}"


def plan_of(connection: psycopg.Connection[Any], query: Any, params: Any) -> list[Any]:
    connection.execute("deallocate all")
    with psycopg.Cursor(connection) as cursor:
        cursor.execute(query, params, prepare=True)
        [(name, count)] = cursor.execute(PREPARED).fetchall()
        values = f"({', '.join(['null'] * count)})" if count else ""
        return cursor.execute(f"explain execute {name}{values}".encode()).fetchall()


def test_no_question_reads_a_large_table_to_its_end(world: World, statements: list[tuple[Any, Any]]) -> None:
    """Every route that is asked for something, by everybody whom it answers."""
    large, named = large_tables(world), world.named("Ouvert")
    found = []
    for route, who in product((each for each in ATTEMPTS if each.startswith("GET")), READERS):
        del statements[:]
        answer = ask(world.user(READERS[who]), route, named)
        asked = list(statements)
        if answer.status_code < 300:
            found += [f"{route} by {who}: {each}" for each in scans(world, asked, large)]
    assert found == [], "\n".join(found)
