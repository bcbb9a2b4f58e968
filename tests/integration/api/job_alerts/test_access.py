"""Nobody but the candidate: every route, tried by everybody else."""

import pytest

from api_min.routes import job_alert_previews, job_alerts
from tests.integration.api.job_alerts.conftest import (
    BODY,
    LEA,
    PAUL,
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


def test_a_candidate_without_a_profile_finds_nothing(market: Market) -> None:
    for route in EVERY:
        answer = call(market.user(WITHOUT_PROFILE), route)
        assert (answer.status_code, detail(answer)) == (404, "Candidate profile not found"), route


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
