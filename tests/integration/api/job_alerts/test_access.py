"""Nobody but the candidate: every route, tried by everybody else."""

import pytest

from api_min.routes import job_alert_previews, job_alerts
from tests.integration.api.job_alerts.conftest import (
    ADMIN,
    BODY,
    LEA,
    MARC,
    PAUL,
    RECRUITER,
    URL,
    WITHOUT_PROFILE,
    Market,
    detail,
)
from tests.integration.api.route_guards import Route, RouteGroup

OF_ONE = (
    Route("GET", "/{id}"),
    Route("PUT", "/{id}", {"name": "Volée", "criteria": {}}),
    Route("PATCH", "/{id}", {"name": "Volée", "candidate_id": 2}),
    Route("DELETE", "/{id}"),
    Route("POST", "/{id}/toggle"),
    Route("GET", "/{id}/digests"),
    Route("GET", "/{id}/preview"),
)
OF_NONE = (
    Route("POST", "", {**BODY, "candidate_id": 1}),
    Route("GET", ""),
    Route("POST", "/preview", {"criteria": {}}),
    Route("GET", "/stats/summary"),
)
EVERY = (*OF_ONE, *OF_NONE)
GROUP = RouteGroup(URL, EVERY, frozenset({job_alerts.api.name, job_alert_previews.api.name}))
call = GROUP.call


def test_the_list_of_routes_is_complete(market: Market) -> None:
    assert GROUP.is_complete(market.api.app, {"alert_id": "{id}"})


def test_credentials_come_first(market: Market) -> None:
    assert GROUP.open_to_strangers(market.api) == []


@pytest.mark.parametrize("user_id", [RECRUITER, ADMIN, None])
def test_other_roles_and_service_keys_are_refused(market: Market, user_id: int | None) -> None:
    assert GROUP.not_answering(market.user(user_id) if user_id else market.api, 403) == []


def test_a_candidate_without_a_profile_finds_nothing(market: Market) -> None:
    for route in EVERY:
        answer = call(market.user(WITHOUT_PROFILE), route)
        assert (answer.status_code, detail(answer)) == (404, "Candidate profile not found"), route


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("route", EVERY, ids=lambda route: f"{route.method} {route.path}")
def test_both_forms_of_an_address_are_served_without_redirect(market: Market, route: Route, end: str) -> None:
    made = market.make()
    assert call(market.paul, route, made["id"], end).status_code in {200, 201, 204}


@pytest.mark.parametrize("route", OF_ONE, ids=lambda route: f"{route.method} {route.path}")
def test_another_candidates_alert_does_not_exist(market: Market, route: Route) -> None:
    made = market.make()
    before = market.rows("select to_jsonb(a) as row from job_alerts a order by id")
    for stranger in (LEA, MARC):
        answer = call(market.user(stranger), route, made["id"])
        assert (answer.status_code, detail(answer)) == (404, "Job alert not found")
    assert market.rows("select to_jsonb(a) as row from job_alerts a order by id") == before


def test_an_orphan_is_nobodys(market: Market) -> None:
    # Written for user 1, a recruiter; candidates.id 1 is Paul.
    orphan = market.rows(
        """insert into job_alerts (candidate_id, name, criteria, frequency, origin)
           values (1, 'Test', '{}', 'DAILY', 'orphan') returning id"""
    )[0]["id"]
    for user_id in (PAUL, LEA):
        assert market.user(user_id).get(URL).json == []
        assert market.user(user_id).get(f"{URL}/{orphan}").status_code == 404


@pytest.mark.parametrize("identifier", ["0", "-1", "999", "2147483648", "99999999999999999999"])
def test_ids_that_name_nothing_are_not_found(market: Market, identifier: str) -> None:
    for route in OF_ONE:
        answer = call(market.paul, route, identifier)
        assert (answer.status_code, detail(answer)) == (404, "Job alert not found"), route


def test_an_id_is_a_number(market: Market) -> None:
    for route in OF_ONE:
        answer = call(market.paul, route, "x1")
        assert answer.status_code == 422, route
        assert "alert_id" in detail(answer)


def test_a_new_alert_is_the_callers_whatever_the_body_says(market: Market) -> None:
    made = call(market.user(LEA), OF_NONE[0]).json
    assert made["candidate_id"] == 2
    assert market.paul.get(URL).json == []
