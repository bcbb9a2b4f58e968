"""Who sees what was said about an application: every route, tried by everybody else and with whatever else."""

from itertools import product
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.integration.api.collaboration.conftest import (
    ABROAD,
    ADMIN,
    APPLICATION,
    FOREIGNER,
    HOMELESS,
    PAUL,
    RECRUITER,
    ROSE,
    URL,
    WITHOUT_PROFILE,
    Team,
    detail,
)
from tests.integration.api.repeating import COLLABORATION, Asked, check
from tests.integration.api.route_guards import Route, RouteGroup
from worker.kit.database import execute, query
from worker.services.collaboration import notes
from worker.services.collaboration.retention import RETENTION

EVERY = (
    Route("GET", "/{id}/notes"),
    Route("POST", "/{id}/notes", {"note": "Volé @[x](user:1)"}),
    Route("DELETE", "/{id}/notes/0"),
    Route("PATCH", "/{id}/rating", {"rating": 1}),
    Route("GET", "/{id}/tags"),
    Route("PATCH", "/{id}/tags", {"tags": ["volé"]}),
    Route("POST", "/{id}/tags/volé"),
    Route("DELETE", "/{id}/tags/volé"),
    Route("GET", "/{id}/scorecard"),
    Route("PATCH", "/{id}/scorecard", {"overall": 1}),
    Route("GET", "/{id}/collaboration"),
    Route("GET", "/{id}/collaboration/colleagues"),
    Route("GET", "/{id}/history"),
)
GROUP = RouteGroup(URL, EVERY, frozenset({"collaboration"}))
RULES = {"application_id": "{id}", "note_id": "0", "path:tag": "volé"}
TABLES = ("job_applications", "application_changes", "notifications")


def everything(team: Team) -> list[Any]:
    return [team.api.rows(f"select to_jsonb(t) as row from {table} t order by 1") for table in TABLES]


def test_the_list_of_routes_is_complete(team: Team) -> None:
    assert GROUP.is_complete(team.api.app, RULES)
    assert GROUP.open_to_strangers(team.api) == []


def test_only_employers_of_the_company_are_let_in(team: Team) -> None:
    before = everything(team)
    for stranger in (PAUL, ADMIN):
        assert GROUP.not_answering(team.user(stranger), 403) == [], stranger
    assert GROUP.not_answering(team.api, 403) == [], "a service key is nobody"
    for route in EVERY:
        answer = GROUP.call(team.user(FOREIGNER), route, APPLICATION)
        assert (answer.status_code, detail(answer)) == (403, "Not authorized to access this application"), route
        answer = GROUP.call(team.user(RECRUITER), route, ABROAD)
        assert answer.status_code == 403, route
        answer = GROUP.call(team.user(WITHOUT_PROFILE), route)
        assert (answer.status_code, detail(answer)) == (404, "Employer profile not found"), route
        homeless = GROUP.call(team.user(HOMELESS), route)
        assert homeless.status_code == (403 if route.method == "GET" else 400), route
    assert everything(team) == before
    assert team.row(ABROAD)["tags"] is None


def test_an_application_is_named_by_a_number_that_it_has(team: Team) -> None:
    team.api.app.extensions["intowork.tally"].hit = lambda *_, **__: True
    for route, identifier in product(EVERY, ("0", "-1", "999", "2147483647", "2147483648", "9" * 90)):
        answer = GROUP.call(team.user(RECRUITER), route, identifier)
        assert (answer.status_code, detail(answer)) == (404, "Application not found"), (route, identifier)
    for route, identifier in product(EVERY, ("x1", "1.0", "my", "%ff", "1e3")):
        assert GROUP.call(team.user(RECRUITER), route, identifier).status_code == 422, (route, identifier)


def test_both_forms_of_an_address_are_served_without_redirect(team: Team) -> None:
    for route, end in product(EVERY, ("", "/")):
        team.note("À supprimer")
        answer = GROUP.call(team.user(RECRUITER), route, APPLICATION, end)
        assert answer.status_code in {200, 201, 204}, (route, answer.text)
    assert "volé/" not in team.get("/tags")["tags"]


BODIES: tuple[tuple[str, str, bytes], ...] = (
    ("POST", "/notes", b'{"note": "a\\u0000b"}'),
    ("POST", "/notes", b'{"note": "a\\ud800b"}'),
    ("POST", "/notes", b'{"note": "\xff"}'),
    *(("POST", "/notes", b'{"note": %s}' % each) for each in (b"5", b"null", b"[]", b'""', b'" \\n "', b"true")),
    ("POST", "/notes", b'{"note": "%s"}' % (b"x" * 2001)),
    ("POST", "/notes", b"{}"),
    ("POST", "/notes", b"[]"),
    *(
        ("PATCH", "/rating", b'{"rating": %s}' % each)
        for each in (b"0", b"6", b"2147483648", b"3.5", b'"3"', b"true", b"null", b"[3]", b"-1", b"9" * 300)
    ),
    *(
        ("PATCH", "/tags", b'{"tags": %s}' % each)
        for each in (b"null", b'"a"', b"[1]", b"[null]", b'["a\\u0000"]', b'["\\udfff"]', b'["%s"]' % (b"x" * 51))
    ),
    ("PATCH", "/tags", b"{}"),
    *(
        ("PATCH", "/scorecard", b'{"%s": %s}' % each)
        for each in (
            *((b"overall", value) for value in (b"0", b"6", b"4.6", b'"4"', b"true", b"{}", b"2147483648")),
            *((name, b"6") for name in (b"technical_skills", b"communication", b"motivation", b"culture_fit")),
        )
    ),
)


def test_what_cannot_be_kept_is_refused_in_a_sentence(team: Team) -> None:
    team.api.app.extensions["intowork.tally"].hit = lambda *_, **__: True
    before = everything(team)
    for method, path, body in BODIES:
        answer = team.user(RECRUITER).call(
            method, f"{URL}/{APPLICATION}{path}", data=body, content_type="application/json"
        )
        assert answer.status_code == 422, (path, body[:60], answer.text)
        assert detail(answer)
        assert answer.json["errors"]
    assert everything(team) == before
    assert team.call("PATCH", "/scorecard", {"leadership": "unknown"}).json["scorecard"] == {}
    assert everything(team) == before
    assert len(team.note("é" * 2000)["note"]["note"]) == 2000


def test_notes_have_an_end_and_so_has_haste(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MOST_NOTES", 2)
    team.note("un")
    team.note("deux")
    full = team.call("POST", "/notes", {"note": "trois"})
    assert (full.status_code, "delete one first" in detail(full)) == (409, True)
    assert len(team.get("/notes")) == 2
    answers = [team.call("PATCH", "/rating", {"rating": 3}, ROSE) for _ in range(61)]
    assert [each.status_code for each in answers] == [200] * 60 + [429]
    assert answers[-1].headers["Retry-After"] == "60"


@pytest.mark.parametrize("asked", COLLABORATION, ids=lambda asked: asked.route)
def test_whoever_repeats_changes_nothing(team: Team, asked: Asked) -> None:
    team.note("À supprimer")
    team.note("À garder")
    team.set("tags", '["python"]')
    other = Asked("PATCH", f"{URL}/{{application_id}}/rating", {"rating": 2}, (APPLICATION,))
    check(team.user(RECRUITER), asked, other, *TABLES)


def test_history_goes_in_time_and_what_a_deleted_note_said_before(team: Team) -> None:
    for text in ("vieux", "récent"):
        team.note(text)
        team.call("DELETE", "/notes/0")
    team.call("PATCH", "/rating", {"rating": 1})
    with team.api.database.transaction() as connection:
        execute(connection, "update application_changes set created_at = now() - interval '31 days' where id = 1")
        execute(
            connection, "update application_changes set created_at = now() - interval '731 days' where kind = 'rating'"
        )
        entry = next(each for each in RETENTION if each.table == "application_changes")
        assert entry.step(connection, 10) == (2, False)
        assert entry.step(connection, 10) == (0, False)
        assert entry.step(connection, 0).rows == 0
    shown = team.get("/history")
    assert [each["before"].get("note") for each in shown] == ["récent", None]
    team.app(lambda connection: main_web_app.withdraw_application(connection, APPLICATION))
    assert team.api.rows("select id from application_changes") == []


FOUND = {
    "application_changes": (
        "select * from application_changes where application_id = 2 order by id desc limit 500",
        "select count(*) from application_changes where application_id = 2",
    ),
    "employers": ("select e.user_id from employers e where e.company_id = 1",),
}


def test_histories_and_colleagues_are_found_by_indexes(team: Team) -> None:
    with team.api.database.transaction() as connection:
        execute(
            connection,
            """insert into application_changes (application_id, user_id, kind, after)
               select 1 + (n % 100 = 0)::int, 1, 'rating', '1' from generate_series(1, 5000) n""",
        )
        execute(
            connection,
            """insert into users (id, email, role, first_name, last_name)
               select n, n || '@example.org', 'EMPLOYER', 'A', 'B' from generate_series(1001, 4000) n""",
        )
        execute(connection, "insert into employers (user_id, company_id) select id, 2 from users where id > 1000")
        for table, statements in FOUND.items():
            execute(connection, f"analyze {table}")
            plans = [query(connection, f"explain {statement}") for statement in statements]
            assert not [plan for plan in plans if "Seq Scan" in str(plan)], table
