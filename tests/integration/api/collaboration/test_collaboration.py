"""What the people of a company note, rate and tag on an application: nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Api, token
from tests.factories.ledger import OpenTransaction, wait_for_lock
from tests.integration.api.collaboration.conftest import (
    APPLICATION,
    FOREIGNER,
    GONE,
    LUC,
    NAMESAKE,
    PAUL,
    RECRUITER,
    ROSE,
    URL,
    Team,
    detail,
)
from worker.kit.database import query

WRITERS = 100


def test_notes_are_in_the_name_of_who_writes_them_and_go_with_their_author_only(team: Team) -> None:
    first = team.note("  À revoir \U0001f600\n<b>demain</b>  ")
    assert (first["message"], first["total_notes"]) == ("Note added successfully", 1)
    assert first["note"]["note"] == "À revoir \U0001f600\n<b>demain</b>", "as it was written, without blanks around it"
    assert (first["note"]["user_id"], first["note"]["user_name"]) == (RECRUITER, "Awa Mba")
    second = team.note("Deuxième", ROSE)["note"]
    assert second["user_name"] == "Rosé Mba", "first and last name stand in for a name"
    shown = team.get("/notes")
    assert shown == [first["note"], second]
    assert [each["index"] for each in shown] == [0, 1]
    assert shown[0]["created_at"] == shown[0]["timestamp"]
    assert shown[0]["created_at"].endswith("Z")
    stored = team.row()["recruiter_notes"]
    assert stored[1].keys() == {"id", "user_id", "user_name", "note", "created_at"}
    assert stored[1]["created_at"].endswith("+00:00")
    page = team.call("GET", "/notes?limit=1&offset=1")
    assert (page.json, page.headers["X-Total-Count"]) == ([second], "2")
    refused = team.call("DELETE", "/notes/1")
    assert (refused.status_code, detail(refused)) == (403, "You can only delete your own notes")
    for place in (2, -1, 2**31, second["id"][:-1] + ("0" if second["id"][-1] != "0" else "1")):
        missing = team.call("DELETE", f"/notes/{place}")
        assert (missing.status_code, detail(missing)) == (404, "Note not found"), place
    for place in ("x1", "null", "1.0", "é"):
        assert team.call("DELETE", f"/notes/{place}").status_code == 422, place
    assert team.call("DELETE", "/notes/0").status_code == 204
    assert [each["index"] for each in team.get("/notes")] == [0]
    assert team.call("DELETE", f"/notes/{second['id']}", user_id=ROSE).status_code == 204
    assert team.get("/notes") == []


def test_a_hundred_who_write_at_once_leave_a_hundred_notes(team: Team) -> None:
    def hire(connection: Any) -> list[int]:
        users = [main_web_app.insert_user(connection, f"n{n}.n@example.org", "EMPLOYER") for n in range(WRITERS)]
        for user_id in users:
            main_web_app.insert(connection, "employers", user_id=user_id, company_id=1)
        return users

    users = team.app(hire)
    ready = Barrier(WRITERS)

    def write(user_id: int) -> int:
        api = Api(team.api.app, team.api.app.test_client(), team.api.database, team.api.worker)
        ready.wait()
        answer = api.with_token(token(sub=str(user_id))).post(
            f"{URL}/{APPLICATION}/notes", {"note": f"Note de {user_id}"}
        )
        return int(answer.status_code)

    with ThreadPoolExecutor(WRITERS) as pool:
        assert set(pool.map(write, users)) == {201}
    notes = team.get("/notes")
    assert sorted(each["user_id"] for each in notes) == sorted(users)
    assert all(each["note"] == f"Note de {each['user_id']}" for each in notes)
    assert len({each["id"] for each in notes}) == WRITERS
    moments = [each["created_at"] for each in notes]
    assert moments == sorted(moments)


def test_two_who_delete_the_same_place_at_once_delete_one_note(team: Team) -> None:
    for text in ("premier", "deuxième", "troisième"):
        team.note(text)

    def delete(_: int) -> int:
        api = Api(team.api.app, team.api.app.test_client(), team.api.database, team.api.worker)
        answer = api.with_token(token(sub=str(RECRUITER))).call("DELETE", f"{URL}/{APPLICATION}/notes/0")
        return int(answer.status_code)

    # Whoever holds the row lets both look before either deletes.
    with ThreadPoolExecutor(2) as pool, OpenTransaction(team.api.database) as holder:
        holder.do(lambda connection: query(connection, "select id from job_applications for no key update"))
        answers = [pool.submit(delete, number) for number in range(2)]
        wait_for_lock(team.api.database, connections=2)
        holder.commit()
        assert sorted(each.result() for each in answers) == [204, 404]
    assert [each["note"] for each in team.get("/notes")] == ["deuxième", "troisième"]


def test_whatever_the_main_web_app_wrote_is_read_and_stays(team: Team) -> None:
    for column in ("recruiter_notes", "tags", "scorecard"):
        team.set(column, "null")
    empty = {"application_id": APPLICATION, "recruiter_notes": [], "rating": None, "tags": [], "scorecard": None}
    assert team.get("/collaboration") == empty
    theirs = (
        '[{"user_id": 1, "user_name": "Awa Mba", "note": "À revoir", "created_at": "2026-07-01T09:00:00+01:00"},'
        ' {"user_id": "9", "user_name": null, "note": 5, "timestamp": "2026-07-02"}, "en toutes lettres", null,'
        ' {"user_id": true, "note": {"a": 1}, "created_at": "hier", "other": 1.50}, 7]'
    )
    team.set("recruiter_notes", theirs)
    team.set("tags", '["Python", 2026, null, {"a": 1}, " senior "]')
    team.set("scorecard", '{"experience": 4, "leadership": 3, "motivation": "5", "average": 9, "communication": null}')
    before = team.row()
    shown = team.get("/collaboration")
    assert [each["note"] for each in shown["recruiter_notes"]] == [
        "À revoir",
        "5",
        "en toutes lettres",
        "",
        '{"a": 1}',
        "7",
    ]
    assert [each["user_id"] for each in shown["recruiter_notes"]] == [1, 9, None, None, None, None]
    assert shown["recruiter_notes"][0]["created_at"] == "2026-07-01T08:00:00Z"
    assert shown["recruiter_notes"][1]["timestamp"] == "2026-07-02T00:00:00Z"
    assert shown["tags"] == ["Python", "2026", " senior "]
    assert shown["scorecard"] == {"leadership": 3, "experience": 4, "overall": 4.0}
    team.note("Et nous")
    assert team.call("POST", "/tags/PYTHON").json["tags"] == shown["tags"], "there in another case"
    assert team.call("POST", "/tags/nouveau").json["tags"] == [*shown["tags"], "nouveau"]
    assert team.call("DELETE", "/tags/senior").status_code == 204
    assert team.call("PATCH", "/scorecard", {"soft_skills": 5}).json["scorecard"]["overall"] == 4.5
    after = team.row()
    assert after["recruiter_notes"][:-1] == before["recruiter_notes"]
    assert after["tags"] == ["Python", 2026, None, {"a": 1}, "nouveau"]
    assert after["scorecard"] == {
        **{name: value for name, value in before["scorecard"].items() if name != "average"},
        "soft_skills": 5,
    }
    assert team.call("PATCH", "/tags", {"tags": ["b"]}).json["tags"] == ["b"]
    assert team.row()["tags"] == ["b", None, {"a": 1}], "what nobody sees is not replaced"
    # By an id that is made of what the note holds, wherever it stands.
    assert team.call("DELETE", f"/notes/{shown['recruiter_notes'][0]['id']}").status_code == 204
    assert [each["id"] for each in team.get("/notes")][:-1] == [each["id"] for each in shown["recruiter_notes"]][1:]


def test_a_list_that_is_none_is_read_and_becomes_one(team: Team) -> None:
    for odd in ('"un seul"', '{"user_id": 1, "note": "un seul"}'):
        team.set("recruiter_notes", odd)
        assert team.get("/notes")[0]["note"] == "un seul"
        assert team.note("deux")["total_notes"] == 2
    for odd in ('"un seul"', "7", "[[[1]]]"):
        team.set("tags", odd)
        assert team.call("POST", "/tags/deux").json["tags"][-1] == "deux"
        team.set("scorecard", odd)
        assert team.get("/scorecard")["scorecard"] == {}
        assert team.call("PATCH", "/scorecard", {"overall": 2}).json["scorecard"] == {"overall": 2}
    deep = "[" * 300 + "]" * 300
    for column in ("recruiter_notes", "tags", "scorecard"):
        team.set(column, deep)
    assert len(team.get("/collaboration")["recruiter_notes"]) == 1
    assert team.note("Encore")["note"]["note"] == "Encore"
    assert team.call("POST", "/tags/encore").status_code == 200


def test_tags_are_kept_once_in_lower_case_and_in_order(team: Team) -> None:
    sent = {"tags": ["  A contacter ", "Profil senior", "", "a CONTACTER", "\t", "Compétences   techniques"]}
    kept = ["a contacter", "profil senior", "compétences techniques"]
    assert team.call("PATCH", "/tags", sent).json == {"message": "Tags updated successfully", "tags": kept}
    assert team.get("/tags") == {"application_id": APPLICATION, "tags": kept}
    added = team.call("POST", "/tags/C%2B%2B%2FC%23")
    assert (added.status_code, added.json) == (
        200,
        {"message": "Tag added successfully", "tags": [*kept, "c++/c#"]},
    )
    assert team.call("POST", "/tags/c%2b%2b/C%23/").json["tags"] == [*kept, "c++/c#"], "adding twice is harmless"
    assert team.call("POST", "/tags/%C3%89t%C3%A9").json["tags"][-1] == "été"
    assert team.call("POST", "/tags/E%CC%81te%CC%81").json["tags"].count("été") == 1, "however its accents are written"
    for blank in ("%20", "%09", "%20%2F%20", "%E2%80%AE"):
        answer = team.call("POST", f"/tags/{blank}")
        assert (answer.status_code, detail(answer)) == (400, "Tag cannot be empty"), blank
    for tag in ("x" * 51, "%FF"):
        assert team.call("POST", f"/tags/{tag}").status_code == 422, tag
    assert team.call("POST", "/tags/a%00b").status_code == 404
    for tag in ("c++%2fc%23", "%C3%89t%C3%A9", "never-there", "%20"):
        answer = team.call("DELETE", f"/tags/{tag}")
        assert (answer.status_code, answer.data) == (204, b""), tag
    assert team.get("/tags")["tags"] == kept
    ten = [f"tag {number}" for number in range(10)]
    assert team.call("PATCH", "/tags", {"tags": [*ten, "TAG 1", " "]}).json["tags"] == ten
    assert team.call("PATCH", "/tags", {"tags": [*ten, "one more"]}).status_code == 422
    full = team.call("POST", "/tags/one-more")
    assert (full.status_code, "10 tags" in detail(full)) == (422, True)
    assert team.call("POST", "/tags/TAG%202").status_code == 200
    assert team.call("PATCH", "/tags", {"tags": []}).json["tags"] == []


def test_a_scorecard_has_the_mean_of_what_was_entered(team: Team) -> None:
    assert team.get("/scorecard") == {"application_id": APPLICATION, "scorecard": {}, "rating": None}

    def patch(**scores: int | None) -> dict[str, Any]:
        answer = team.call("PATCH", "/scorecard", scores)
        assert (answer.status_code, answer.json["message"]) == (200, "Scorecard updated successfully"), answer.text
        found: dict[str, Any] = answer.json["scorecard"]
        return found

    # As the report has it.
    first = {"technical_skills": 4, "soft_skills": 5, "culture_fit": 4, "experience": 5, "communication": 5}
    assert patch(**first) == {**first, "overall": 4.6, "average": 4.6}
    assert team.row()["scorecard"] == {**first, "average": 4.6}, "only what was given is taken for given"
    assert patch(overall=2) == {**first, "overall": 2, "average": 4.6}, "what was given stays and enters no mean"
    assert patch(motivation=1) == {**first, "motivation": 1, "overall": 2, "average": 4.0}
    assert patch(overall=None)["overall"] == 4.0
    assert patch(**dict.fromkeys([*first, "motivation"])) == {}
    assert patch(technical_skills=5, soft_skills=5) == {"technical_skills": 5, "soft_skills": 5, "overall": 5.0}
    assert patch(experience=2)["average"] == 4.0
    assert patch(culture_fit=1)["average"] == pytest.approx(3.25, abs=0.051), "of four, not of an earlier mean"
    assert team.call("PATCH", "/rating", {"rating": 5}).json == {"message": "Rating updated successfully", "rating": 5}
    assert team.get("/scorecard")["rating"] == 5
    assert team.row()["rating"] == 5


def test_a_mentioned_colleague_is_told_and_nobody_else(team: Team) -> None:
    people = f'@[x](user:{ROSE}) @ROSE.mba, @"Rosé Mba" @awa.mba @awa.mba.Merci'
    outside = (
        f"@[Jean Obiang](user:{FOREIGNER}) @jean.obiang @[Paul](user:{PAUL}) @[x](user:{GONE}) @[x](user:9999999999)"
    )
    made = team.note(f"{people} {outside} @luc.ndong awa@rose.mba @ @[](user:1)")
    assert made["mentions"] == [
        {"user_id": ROSE, "user_name": "Rosé Mba"},
        {"user_id": RECRUITER, "user_name": "Awa Mba"},
    ]
    assert made["unknown_mentions"] == [
        f"@[Jean Obiang](user:{FOREIGNER})",
        "@jean.obiang",
        f"@[Paul](user:{PAUL})",
        f"@[x](user:{GONE})",
        "@[x](user:9999999999)",
        "@luc.ndong",
    ], "a name that two have means neither"
    [told] = team.api.rows("select * from notifications")
    assert (told["user_id"], told["type"], told["related_application_id"]) == (ROSE, "SYSTEM", APPLICATION)
    assert told["title"] == "Awa Mba vous a mentionné dans une note"
    assert told["message"] == (
        "Candidature de Paul Ndong pour « Développeur Python ». Ouvrez-la pour lire la note et y répondre."
    )
    team.api.rows(f"insert into recipient_preferences (user_id, locale) values ({RECRUITER}, 'en') returning user_id")
    team.note(f"@[Awa](user:{RECRUITER})", LUC)
    [english] = team.api.rows(f"select title from notifications where user_id = {RECRUITER}")
    assert english["title"].endswith("mentioned you in a note")
    colleagues = team.call("GET", "/collaboration/colleagues?limit=3")
    assert colleagues.headers["X-Total-Count"] == "4"
    assert [each["user_id"] for each in colleagues.json] == [RECRUITER, LUC, NAMESAKE]
    [rose] = team.get("/collaboration/colleagues?search=ROS")
    assert rose == {"user_id": ROSE, "user_name": "Rosé Mba", "mention": f"@[Rosé Mba](user:{ROSE})"}
    assert team.note(rose["mention"])["mentions"] == [{"user_id": ROSE, "user_name": "Rosé Mba"}]


def test_the_history_says_who_changed_what(team: Team) -> None:
    for rating in (4, 4, 2):
        team.call("PATCH", "/rating", {"rating": rating})
    team.call("PATCH", "/tags", {"tags": ["a", "b"]}, ROSE)
    team.call("PATCH", "/tags", {"tags": ["a", "b"]})
    team.call("DELETE", "/tags/a")
    team.call("DELETE", "/tags/a")
    team.call("PATCH", "/scorecard", {"overall": 3})
    team.call("PATCH", "/scorecard", {"overall": 3, "experience": None})
    gone = team.note("Une erreur")["note"]
    team.call("DELETE", f"/notes/{gone['id']}")
    answer = team.call("GET", "/history")
    assert answer.headers["X-Total-Count"] == "6", "what changes nothing is no change"
    shown = [(each["kind"], each["user_id"], each["before"], each["after"]) for each in answer.json]
    written = gone["created_at"].replace("Z", "+00:00")
    assert shown == [
        ("note_deleted", RECRUITER, {"id": gone["id"], "note": "Une erreur", "created_at": written}, None),
        ("scorecard", RECRUITER, None, {"overall": 3}),
        ("tags", RECRUITER, ["a", "b"], ["b"]),
        ("tags", ROSE, [], ["a", "b"]),
        ("rating", RECRUITER, 4, 2),
        ("rating", RECRUITER, None, 4),
    ]
    assert (answer.json[3]["user_name"], answer.json[3]["application_id"]) == ("Rosé Mba", APPLICATION)
    [page] = team.get("/history?limit=1&offset=5")
    assert page["id"] == answer.json[-1]["id"]
