"""The bell: a user sees, reads and deletes his own notifications, and nobody else's."""

from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Api, token
from tests.integration.api.repeating import NOTIFICATIONS, Asked, check
from worker.kit.database import execute, query, raw

URL = "/api/notifications"
RECRUITER, CANDIDATE = 1, 2
MANY = 1203


@pytest.fixture
def people(api: Api) -> Api:
    with api.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
    return api


def as_user(api: Api, user_id: int) -> Api:
    return api.with_token(token(sub=str(user_id)))


def insert(api: Api, user_id: int, count: int = 1, **values: Any) -> list[int]:
    """The oldest first, a second apart."""
    kept = {"type": "NEW_JOB", "title": "Titre", "message": "Texte", "related_job_id": None, **values}
    sentence = """
    insert into notifications (user_id, type, title, message, related_job_id, is_read, created_at)
    select %(user)s, %(type)s, %(title)s, %(message)s, %(related_job_id)s, false,
           now() - interval '1 day' + n * interval '1 s'
      from generate_series(1, %(count)s) n returning id
    """
    with api.database.transaction() as connection:
        return [row["id"] for row in query(connection, sentence, {**kept, "user": user_id, "count": count})]


def test_a_list_has_the_main_web_apps_shape_and_the_newest_first(people: Api) -> None:
    first, second = insert(people, CANDIDATE, 2)
    insert(people, RECRUITER)
    answer = as_user(people, CANDIDATE).get(URL)
    assert answer.status_code == 200, answer.text
    assert (answer.json["total"], answer.json["unread_count"]) == (2, 2)
    assert [each["id"] for each in answer.json["notifications"]] == [second, first]
    newest = answer.json["notifications"][0]
    assert newest.pop("created_at").endswith("Z")
    assert newest == {
        "id": second,
        "type": "new_job",
        "kind": "new_job",
        "count": 1,
        "title": "Titre",
        "message": "Texte",
        "related_job_id": None,
        "related_application_id": None,
        "is_read": False,
        "read_at": None,
    }


def test_a_badge_counts_down_to_nothing(people: Api) -> None:
    ids = insert(people, CANDIDATE, MANY)
    user = as_user(people, CANDIDATE)
    assert user.get(f"{URL}/unread-count").json == {"unread_count": MANY}
    with people.database.transaction() as connection:
        values = {"type": "NEW_APPLICATION", "related_job_id": main_web_app.insert_job(raw(connection), "Comptable")}
        for _ in range(7):
            main_web_app.insert_notification(raw(connection), CANDIDATE, is_read=False, **values)
    newest = user.get(f"{URL}?limit=1").json
    assert (newest["total"], newest["unread_count"]) == (MANY + 1, MANY + 1)
    assert (newest["notifications"][0]["count"], newest["notifications"][0]["title"]) == (7, "7 nouvelles candidatures")
    assert user.call("PUT", f"{URL}/{newest['notifications'][0]['id']}/read").status_code == 200
    opened = user.call("PUT", f"{URL}/{ids[0]}/read")
    assert (opened.status_code, "marquée comme lue" in opened.json["message"]) == (200, True)
    assert user.get(f"{URL}/unread-count").json == {"unread_count": MANY - 1}
    assert user.call("PUT", f"{URL}/mark-all-read").status_code == 200
    assert user.get(f"{URL}/unread-count").json == {"unread_count": 0}
    page = user.get(f"{URL}?limit=10&offset=1200").json
    assert (page["total"], page["unread_count"], len(page["notifications"])) == (MANY + 1, 0, 4)
    assert user.get(f"{URL}?unread_only=true").json["notifications"] == []


def test_when_it_was_first_read_stays(people: Api) -> None:
    [number] = insert(people, CANDIDATE)
    user = as_user(people, CANDIDATE)
    user.call("PUT", f"{URL}/{number}/read")
    with people.database.transaction() as connection:
        execute(connection, "update notifications set read_at = '2026-01-01T00:00:00Z'")
    for path in (f"{URL}/{number}/read", f"{URL}/mark-all-read"):
        assert user.call("PUT", path).status_code == 200
    assert user.get(URL).json["notifications"][0]["read_at"] == "2026-01-01T00:00:00Z"


def test_what_a_main_web_app_left_null_reads_as_unread(people: Api) -> None:
    insert(people, CANDIDATE)
    with people.database.transaction() as connection:
        execute(connection, "update notifications set is_read = null")
    page = as_user(people, CANDIDATE).get(f"{URL}?unread_only=true").json
    assert (page["unread_count"], page["notifications"][0]["is_read"]) == (1, False)


def test_one_whose_offer_was_deleted_stays_and_leads_nowhere(people: Api) -> None:
    with people.database.transaction() as connection:
        job = main_web_app.insert_job(raw(connection), "Comptable")
    insert(people, CANDIDATE, related_job_id=job)
    with people.database.transaction() as connection:
        execute(connection, "delete from jobs where id = %s", (job,))
    [shown] = as_user(people, CANDIDATE).get(URL).json["notifications"]
    assert shown["related_job_id"] is None


def test_others_notifications_are_not_there(people: Api) -> None:
    [number] = insert(people, CANDIDATE)
    other = as_user(people, RECRUITER)
    assert other.call("PUT", f"{URL}/{number}/read").status_code == 404
    assert other.call("DELETE", f"{URL}/{number}").status_code == 404
    assert other.call("PUT", f"{URL}/mark-all-read").status_code == 200
    assert as_user(people, CANDIDATE).get(f"{URL}/unread-count").json == {"unread_count": 1}


@pytest.mark.parametrize("number", [0, 2**31, 2**63])
def test_a_number_that_no_row_has_is_not_found(people: Api, number: int) -> None:
    answer = as_user(people, CANDIDATE).call("DELETE", f"{URL}/{number}")
    assert (answer.status_code, answer.json["detail"]) == (404, "Notification non trouvée")


@pytest.mark.parametrize("asked", NOTIFICATIONS, ids=lambda asked: asked.route)
def test_whoever_repeats_changes_nothing(people: Api, asked: Asked) -> None:
    number, other = insert(people, CANDIDATE, 2)
    another = Asked("DELETE", f"{URL}/{{notification_id}}", None, (other,))
    answer = check(as_user(people, CANDIDATE), asked._replace(values=(number,)), another, "notifications")
    assert answer.status_code == 200


SHOWN = "group_id is null and not hidden"
NEWEST = (
    f"select id from notifications where user_id = 1 and {SHOWN} order by created_at desc nulls last, id desc limit 20"
)
TOTAL = f"select count(*) from notifications where user_id = 1 and {SHOWN}"
GROUP = (
    "select id from notifications where user_id = 1 and group_key = 'mention:application:1' and group_id is null "
    "and group_began_at > now() - interval '10 minutes' order by group_began_at desc, id desc limit 1"
)
UNREAD = "select count(*) from notifications where user_id = 1 and is_read is not true"


@pytest.mark.parametrize("statement", [NEWEST, TOTAL, UNREAD, GROUP])
def test_pages_and_counts_are_found_by_indexes(people: Api, statement: str) -> None:
    insert(people, CANDIDATE, 3000)
    insert(people, RECRUITER, 30)
    with people.database.transaction() as connection:
        execute(connection, "analyze notifications")
        plan = query(connection, f"explain {statement}")
    assert "Seq Scan" not in str(plan)
