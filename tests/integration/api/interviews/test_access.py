"""Who sees and manages an interview: every route, tried by everybody else."""

from itertools import product
from typing import Any

from api_min.routes import interview_times, interviews
from tests.integration.api.interviews.conftest import (
    ABROAD,
    ADMIN,
    APPLICATION,
    COLLEAGUE,
    FOREIGNER,
    HOMELESS,
    LEA,
    LEAS,
    MARC,
    NO_CANDIDATE,
    PAUL,
    RECRUITER,
    URL,
    WITHOUT_PROFILE,
    Diary,
    day,
    detail,
)
from tests.integration.api.route_guards import Route, RouteGroup

FOR_EMPLOYERS = (
    Route("PUT", "/{id}", {"title": "Volé"}),
    Route("PATCH", "/{id}", {"title": "Volé"}),
    Route("PATCH", "/{id}/feedback", {"notes": "Volé"}),
    Route("DELETE", "/{id}"),
)
OF_ONE = (Route("GET", "/{id}"), Route("PATCH", "/{id}/status", {"status": "canceled"}), *FOR_EMPLOYERS)
OF_NONE = (
    Route("POST", "", {"application_id": APPLICATION, "title": "Entretien", "scheduled_at": day(5).isoformat()}),
    Route("GET", ""),
    Route("GET", "/application/{id}"),
    Route("GET", "/settings"),
    Route("PUT", "/settings", {}),
    Route("GET", "/suggestions"),
    Route("GET", "/overlaps"),
)
EVERY = (*OF_ONE, *OF_NONE)
GROUP = RouteGroup(URL, EVERY, frozenset({interviews.api.name, interview_times.api.name}))
call = GROUP.call


def everything(diary: Diary) -> list[Any]:
    return diary.rows("select to_jsonb(s) as row from interview_schedules s order by id")


def test_the_list_of_routes_is_complete(diary: Diary) -> None:
    assert GROUP.is_complete(diary.api.app, {"interview_id": "{id}", "application_id": "{id}"})


def test_another_companys_interview_is_refused_and_stays(diary: Diary) -> None:
    made = diary.plan()
    before = everything(diary)
    for route in OF_ONE:
        for stranger in (FOREIGNER, HOMELESS):
            answer = call(diary.user(stranger), route, made["id"])
            assert (answer.status_code, detail(answer)) == (403, "Vous n’avez pas accès à cet entretien."), route
    assert everything(diary) == before


def test_another_candidates_interview_is_refused(diary: Diary) -> None:
    made = diary.plan()
    for route in OF_ONE[:2]:
        for user_id in (LEA, MARC, NO_CANDIDATE):
            assert call(diary.user(user_id), route, made["id"]).status_code == 403
    assert diary.row(made["id"])["label"] == "SCHEDULED"


def test_an_employer_without_a_profile_is_refused(diary: Diary) -> None:
    made = diary.plan()
    for route in (*OF_ONE, *OF_NONE[:5]):
        answer = call(diary.user(WITHOUT_PROFILE), route, made["id"])
        assert (answer.status_code, detail(answer)) == (403, "Profil employeur introuvable."), route


def test_an_employer_without_a_company_lists_nothing_and_plans_nothing(diary: Diary) -> None:
    diary.plan()
    homeless = diary.user(HOMELESS)
    assert homeless.get(URL).json == {"interviews": [], "total": 0, "page": 1, "limit": 10, "total_pages": 0}
    assert homeless.post(URL, diary.body()).status_code == 400
    assert homeless.call("PUT", f"{URL}/settings", json={}).status_code == 400
    assert homeless.get(f"{URL}/settings").status_code == 200


def test_colleagues_see_and_manage(diary: Diary) -> None:
    made = diary.plan()
    assert diary.user(COLLEAGUE).get(f"{URL}/{made['id']}").json["id"] == made["id"]
    assert diary.change(made["id"], COLLEAGUE, title="Second").json["title"] == "Second"
    assert diary.set_status(made["id"], "canceled", COLLEAGUE).status_code == 200


def test_lists_hold_what_the_reader_may_see(diary: Diary) -> None:
    ours = diary.plan(day(3))["id"]
    leas = diary.plan(day(4), application_id=LEAS)["id"]
    theirs = diary.plan(day(5), application_id=ABROAD, user_id=FOREIGNER)["id"]
    expected = {
        RECRUITER: [leas, ours],
        COLLEAGUE: [leas, ours],
        FOREIGNER: [theirs],
        PAUL: [theirs, ours],
        LEA: [leas],
        MARC: [],
        NO_CANDIDATE: [],
        ADMIN: [theirs, leas, ours],
    }
    found = {user_id: [each["id"] for each in diary.user(user_id).get(URL).json["interviews"]] for user_id in expected}
    assert found == expected


def test_an_applications_interviews_are_for_its_people(diary: Diary) -> None:
    made = diary.plan()["id"]
    path = f"{URL}/application/{APPLICATION}"
    for user_id in (RECRUITER, COLLEAGUE, PAUL, ADMIN):
        assert [each["id"] for each in diary.user(user_id).get(path).json["interviews"]] == [made]
    for user_id in (FOREIGNER, LEA):
        answer = diary.user(user_id).get(path)
        assert (answer.status_code, detail(answer)) == (403, "Vous n’avez pas accès à cette candidature.")
    assert diary.user(ADMIN).get(f"{URL}/application/999").status_code == 404


def test_ids_that_name_nothing_are_not_found(diary: Diary) -> None:
    names = ("0", "-1", "999", "2147483648", "99999999999999999999")
    for route, identifier in product(OF_ONE, names):
        answer = call(diary.recruiter, route, identifier)
        assert (answer.status_code, detail(answer)) == (404, "Entretien introuvable"), route


def test_an_id_is_a_number(diary: Diary) -> None:
    for route in (*OF_ONE, OF_NONE[2]):
        assert call(diary.recruiter, route, "x1").status_code == 422, route


def test_a_candidate_reads_neither_addresses_of_interviewers_nor_opinions(diary: Diary) -> None:
    people = [{"user_id": COLLEAGUE, "name": "Rose Mba", "email": "rose.mba@example.org"}]
    made = diary.plan(interviewers=people)
    assert made["interviewers"] == people
    diary.set_status(made["id"], "completed")
    said = {"notes": "Ponctuel", "feedback": "À revoir", "rating": 4}
    assert diary.recruiter.call("PATCH", f"{URL}/{made['id']}/feedback", json=said).status_code == 200
    shown = [
        diary.user(PAUL).get(f"{URL}/{made['id']}").json,
        *diary.user(PAUL).get(URL).json["interviews"],
        *diary.user(PAUL).get(f"{URL}/application/{APPLICATION}").json["interviews"],
    ]
    for each in shown:
        assert each["interviewers"] == [{"name": "Rose Mba"}]
        assert each.keys().isdisjoint({"notes", "feedback", "rating", "event_url"})
    assert diary.user(ADMIN).get(f"{URL}/{made['id']}").json["notes"] == "Ponctuel"
