"""The time line of an application over HTTP: what may be asked, by whom, and how pages follow each other."""

from typing import Any

import pytest

from api_min.routes import timeline
from tests.factories.api import Api
from tests.integration.api.colleagues import (
    ADMIN,
    APPLICATION,
    COLLEAGUE,
    FOREIGNER,
    HOMELESS,
    PAUL,
    RECRUITER,
    URL,
    WITHOUT_PROFILE,
    as_user,
    populate,
)
from tests.integration.api.route_guards import Route, RouteGroup
from worker.kit.database import execute

LINE = f"{URL}/{APPLICATION}/timeline"
GROUP = RouteGroup(URL, (Route("GET", "/{id}/timeline"),), frozenset({timeline.api.name}))


@pytest.fixture
def office(api: Api) -> Api:
    populate(api)
    with api.database.transaction() as connection:
        for status in ("viewed", "interview", "accepted"):
            execute(connection, "update job_applications set status = %s where id = %s", (status, APPLICATION))
    return api


def seen(api: Api, query: str = "", user_id: int = RECRUITER) -> dict[str, Any]:
    answer = as_user(api, user_id).get(LINE + query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_a_line_is_read_page_by_page_and_by_kind(office: Api) -> None:
    card = {"criteria": {"motivation": 4}, "comment": "Très solide"}
    assert as_user(office, COLLEAGUE).call("PUT", f"{URL}/{APPLICATION}/scorecards/mine", json=card).status_code == 200
    whole = seen(office)
    assert (whole["application_id"], whole["next_cursor"]) == (APPLICATION, None)
    newest, *decisions, received = whole["entries"]
    assert newest["at"].endswith("Z")
    assert {name: value for name, value in newest.items() if name != "at"} == {
        "id": "scorecard:1",
        "kind": "score",
        "event": "own_scorecard",
        "by": {"user_id": COLLEAGUE, "user_name": "Rose Mba"},
        "details": {"overall": None},
    }
    assert [each["details"]["after"] for each in decisions] == ["accepted", "interview", "viewed"]
    assert (received["event"], received["by"]) == ("received", None)
    assert seen(office, user_id=COLLEAGUE)["entries"][0]["details"] == {"overall": 4.0}
    first = seen(office, "?limit=2")
    second = seen(office, f"?limit=3&cursor={first['next_cursor']}")
    assert (first["entries"] + second["entries"], second["next_cursor"]) == (whole["entries"], None)
    assert seen(office, "?kind=Decision,%20score")["entries"] == [newest, *decisions]
    assert seen(office, "?kind=tag")["entries"] == []


@pytest.mark.parametrize(
    "query",
    ["kind=love", "limit=0", "limit=101", "cursor=x", "cursor=1.a", "cursor=9999999999999999999999.mail.1", "cursor="],
)
def test_what_is_no_question_is_said_to_be_none(office: Api, query: str) -> None:
    answer = as_user(office, RECRUITER).get(f"{LINE}?{query}")
    assert (answer.status_code, isinstance(answer.json["detail"], str)) == (422, True)
    assert query.partition("=")[0] in answer.json["detail"]


def test_nobody_but_the_companys_own_recruiters(office: Api) -> None:
    assert GROUP.is_complete(office.app, {"application_id": "{id}"})
    assert GROUP.open_to_strangers(office) == []
    for user_id, status in ((PAUL, 403), (ADMIN, 403), (FOREIGNER, 403), (HOMELESS, 403), (WITHOUT_PROFILE, 404)):
        assert as_user(office, user_id).get(LINE).status_code == status, user_id
    for identifier, status in (("0", 404), ("999", 404), ("2147483648", 404), ("x1", 422)):
        assert as_user(office, RECRUITER).get(f"{URL}/{identifier}/timeline").status_code == status, identifier
