"""Own scorecards: the others' are hidden until one's own is handed in, and nobody outside the company sees any."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api_min.routes import own_scorecards
from tests.factories import main_web_app
from tests.factories.api import Answer, Api
from tests.integration.api.colleagues import (
    ADMIN,
    APPLICATION,
    COLLEAGUE,
    FOREIGNER,
    HOMELESS,
    OTHER,
    PAUL,
    RECRUITER,
    THIRD,
    URL,
    WITHOUT_PROFILE,
    as_user,
    populate,
)
from tests.integration.api.repeating import SCORECARDS, check
from tests.integration.api.route_guards import Route, RouteGroup
from worker.kit.database import execute, query, raw

FIVE = {"technical_skills": 5, "soft_skills": 4, "experience": 4, "culture_fit": 5, "communication": 4}
NOTHING = dict.fromkeys(("technical_skills", "soft_skills", "experience", "culture_fit", "communication", "motivation"))
EVERY = (
    Route("GET", "/{id}/scorecards"),
    Route("GET", "/{id}/scorecards/mine"),
    Route("PUT", "/{id}/scorecards/mine", {"overall": 3}),
)
GROUP = RouteGroup(URL, EVERY, frozenset({own_scorecards.api.name}))


@pytest.fixture
def office(api: Api) -> Api:
    populate(api)
    return api


def hand_in(api: Api, user_id: int, application: int = APPLICATION, **members: Any) -> Answer:
    return as_user(api, user_id).call("PUT", f"{URL}/{application}/scorecards/mine", json=members)


def seen(api: Api, user_id: int, query: str = "") -> dict[str, Any]:
    answer = as_user(api, user_id).get(f"{URL}/{APPLICATION}/scorecards{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_others_are_hidden_until_ones_own_is_handed_in(office: Api) -> None:
    first = hand_in(office, RECRUITER, criteria=FIVE, comment="Très solide")
    assert first.status_code == 200, first.text
    card = first.json["scorecard"]
    assert (first.json["state"], card["overall"], card["overall_sent"]) == ("submitted", 4.4, False)
    assert (card["author"], card["criteria"]) == ({"user_id": 1, "user_name": "Awa Mba"}, {**NOTHING, **FIVE})
    hidden = {"application_id": 1, "visible": False, "total": 1, "awaited": [], "scorecards": [], "mean": None}
    assert seen(office, COLLEAGUE) == hidden
    draft = hand_in(office, COLLEAGUE, criteria={"technical_skills": 2}, comment="À revoir", state="Draft")
    assert (draft.status_code, draft.json["state"], draft.json["scorecard"]["submitted_at"]) == (200, "draft", None)
    assert seen(office, COLLEAGUE) == hidden, "a draft opens nothing"
    assert [each["comment"] for each in seen(office, RECRUITER)["scorecards"]] == ["Très solide"]
    hand_in(office, COLLEAGUE, criteria={"technical_skills": 2, "soft_skills": 3, "motivation": 2}, overall=3)
    both = seen(office, COLLEAGUE)
    assert both == seen(office, RECRUITER)
    assert [(each["author"]["user_name"], each["overall"]) for each in both["scorecards"]] == [
        ("Awa Mba", 4.4),
        ("Rose Mba", 3.0),
    ]
    means = {"technical_skills": 3.5, "soft_skills": 3.5, "experience": 4.0, "culture_fit": 5.0}
    assert both["mean"] == {"criteria": {**means, "communication": 4.0, "motivation": 2.0}, "overall": 3.7}
    assert seen(office, THIRD) == {**hidden, "total": 2}
    page = seen(office, RECRUITER, "?limit=1&offset=1")
    assert ([each["author"]["user_id"] for each in page["scorecards"]], page["mean"]) == ([COLLEAGUE], both["mean"])


def test_who_held_an_interview_is_awaited_until_his_is_handed_in(office: Api) -> None:
    past, ahead = (datetime.now(UTC) + timedelta(days=days) for days in (-2, 2))
    rose, third = {"email": "ROSE.mba@example.org"}, {"user_id": THIRD}
    with office.database.transaction() as connection:
        for start, status, interviewers in (
            (past, "SCHEDULED", [rose]),
            (past, "COMPLETED", None),
            (past, "CANCELED", [third]),
            (ahead, "SCHEDULED", [third]),
        ):
            values = {"scheduled_at": start, "status": status, "interviewers": interviewers}
            main_web_app.insert_interview(raw(connection), APPLICATION, RECRUITER, **values)
    missing = seen(office, THIRD)["awaited"]
    assert missing == [{"user_id": 1, "user_name": "Awa Mba"}, {"user_id": COLLEAGUE, "user_name": "Rose Mba"}]
    hand_in(office, RECRUITER, overall=4)
    assert seen(office, RECRUITER)["awaited"] == missing[1:]


def test_what_was_handed_in_is_changed_and_never_taken_back(office: Api) -> None:
    mine = f"{URL}/{APPLICATION}/scorecards/mine"
    assert as_user(office, RECRUITER).get(mine).json == {"application_id": 1, "state": "none", "scorecard": None}
    handed_in = hand_in(office, RECRUITER, criteria={"motivation": 2}, comment="Bref").json["scorecard"]
    changed = hand_in(office, RECRUITER, overall=4).json["scorecard"]
    assert (changed["overall"], changed["criteria"], changed["comment"]) == (4.0, NOTHING, None), "the whole card"
    assert changed["submitted_at"] == handed_in["submitted_at"] < changed["updated_at"]
    refused = hand_in(office, RECRUITER, overall=1, state="draft")
    assert (refused.status_code, "cannot become a draft" in refused.json["detail"]) == (409, True)
    assert as_user(office, RECRUITER).get(mine).json["scorecard"] == changed
    [asked] = SCORECARDS
    check(
        as_user(office, COLLEAGUE),
        asked._replace(values=(APPLICATION,)),
        asked._replace(values=(OTHER,)),
        "own_scorecards",
    )


def test_what_a_scorecard_may_hold_is_bounded(office: Api) -> None:
    for members in (
        {},
        {"comment": "Sans note"},
        {"criteria": {"technical_skills": 0}},
        {"criteria": {"soft_skills": 6}},
        {"criteria": {"experience": 4.5}},
        {"criteria": [4]},
        {"overall": 6},
        {"overall": 4, "comment": "x" * 5001},
        {"overall": 4, "comment": "\0"},
        {"overall": 4, "state": "withdrawn"},
    ):
        answer = hand_in(office, RECRUITER, **members)
        assert (answer.status_code, isinstance(answer.json["detail"], str)) == (422, True), members
    assert office.rows("select id from own_scorecards") == []
    assert hand_in(office, RECRUITER, overall=4, comment="x" * 5000, unknown=1).status_code == 200
    assert hand_in(office, COLLEAGUE, state="draft").status_code == 200


def test_nobody_but_the_companys_own_recruiters(office: Api) -> None:
    hand_in(office, RECRUITER, criteria=FIVE, comment="Très solide")
    assert GROUP.is_complete(office.app, {"application_id": "{id}"})
    assert GROUP.open_to_strangers(office) == []
    for user_id in (PAUL, ADMIN, FOREIGNER):
        assert GROUP.not_answering(as_user(office, user_id), 403) == [], user_id
    assert GROUP.not_answering(office, 403) == [], "a service key"
    assert GROUP.not_answering(as_user(office, WITHOUT_PROFILE), 404) == []
    homeless = [GROUP.call(as_user(office, HOMELESS), route).status_code for route in EVERY]
    assert homeless == [403, 403, 400]
    for identifier, status in (("0", 404), ("999", 404), ("2147483648", 404), ("x1", 422)):
        answers = [GROUP.call(as_user(office, RECRUITER), route, identifier) for route in EVERY]
        assert [each.status_code for each in answers] == [status] * 3, identifier
    assert len(office.rows("select id from own_scorecards")) == 1


def test_a_card_outlives_its_author_and_goes_with_its_application(office: Api) -> None:
    for user_id in (RECRUITER, COLLEAGUE):
        hand_in(office, user_id, overall=4)
    with office.database.transaction() as connection:
        execute(connection, "delete from employers where user_id = %s", (COLLEAGUE,))
        execute(connection, "delete from users where id = %s", (COLLEAGUE,))
    [_, orphan] = seen(office, RECRUITER)["scorecards"]
    assert orphan["author"] == {"user_id": None, "user_name": None}
    with office.database.transaction() as connection:
        main_web_app.withdraw_application(raw(connection), APPLICATION)
        assert query(connection, "select id from own_scorecards") == []
