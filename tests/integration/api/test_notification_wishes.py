"""What somebody wants to be told of, and the number that the bell shows while it changes."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api_min import badges
from api_min.context import EXTENSION
from tests.factories import main_web_app
from tests.factories.api import Answer, Api, token
from worker.kit.database import execute, raw

URL = "/api/notifications"
PREFERENCES = f"{URL}/preferences"
UNREAD = f"{URL}/unread-count"
RECRUITER, CANDIDATE = 1, 2


@pytest.fixture
def people(api: Api) -> Api:
    with api.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
    return api


def as_user(api: Api, user_id: int) -> Api:
    """With a client of its own: the test client is not shared between threads."""
    user = api.with_token(token(sub=str(user_id)))
    return Api(user.app, user.app.test_client(), user.database, user.worker, user.headers)


def told(api: Api, user_id: int) -> None:
    with api.database.transaction() as connection:
        main_web_app.insert_notification(raw(connection), user_id, is_read=False)


def choose(api: Api, **choice: object) -> Answer:
    return api.call("PATCH", PREFERENCES, json={"preferences": [choice]})


def test_everybody_chooses_for_himself_within_what_may_be_chosen(people: Api) -> None:
    recruiter, candidate = as_user(people, RECRUITER), as_user(people, CANDIDATE)
    shown = {each["kind"]: each for each in recruiter.get(PREFERENCES).json["preferences"]}
    assert shown["mention"] == {
        "kind": "mention",
        "name": "Mention dans une note",
        "in_app": True,
        "mail": True,
        "fixed": False,
        "mailable": True,
    }
    assert (shown["connection_lost"]["fixed"], shown["post_published"]["mail"]) == (True, False)
    theirs = {each["kind"] for each in candidate.get(PREFERENCES).json["preferences"]}
    assert theirs == {"status_change", "new_job", "message", "system", "matching_jobs"}
    everything = {each["kind"] for each in as_user(people, 5).get(PREFERENCES).json["preferences"]}
    assert everything >= {*shown, *theirs}

    answer = choose(recruiter, kind="Post-Published", mail=True)
    assert answer.status_code == 200, answer.text
    changed = {each["kind"]: each for each in answer.json["preferences"]}
    assert (changed.pop("post_published")["mail"], changed) == (
        True,
        {kind: each for kind, each in shown.items() if kind != "post_published"},
    )
    # What is not named stays; null decides nothing.
    choose(recruiter, kind="post_published", in_app=False, mail=None)
    again = {each["kind"]: each for each in recruiter.get(PREFERENCES).json["preferences"]}
    assert (again["post_published"]["mail"], again["post_published"]["in_app"]) == (True, False)
    assert {each["kind"] for each in candidate.get(PREFERENCES).json["preferences"]} == theirs
    with people.database.transaction() as connection:
        execute(connection, "insert into recipient_preferences (user_id, locale) values (%s, 'en')", (RECRUITER,))
    assert "Mention in a note" in recruiter.get(PREFERENCES).text


@pytest.mark.parametrize(
    ("choice", "place", "sentence"),
    [
        ({"kind": "connection_lost", "in_app": False}, "in_app", "ne peut pas être désactivé"),
        ({"kind": "new_application", "mail": True}, "mail", "n’est pas envoyée par e-mail"),
        ({"kind": "matching_jobs", "in_app": False}, "kind", "est inconnu"),
        ({"kind": "nothing"}, "kind", "choisissez parmi : new_application"),
        ({"kind": "mention", "mail": "perhaps"}, "mail", "bool"),
    ],
)
def test_what_cannot_be_chosen_is_refused_whole(
    people: Api, choice: dict[str, object], place: str, sentence: str
) -> None:
    wanted = [{"kind": "mention", "mail": False}, choice]
    answer = as_user(people, RECRUITER).call("PATCH", PREFERENCES, json={"preferences": wanted})
    assert answer.status_code == 422, answer.text
    assert answer.json["errors"][0]["loc"][-2:] == [1, place]
    assert sentence in answer.json["detail"]
    assert people.rows("select * from notification_preferences") == []


def test_a_number_is_answered_once_it_is_another(people: Api) -> None:
    user = as_user(people, CANDIDATE)
    wait = {"Prefer": "wait=20"}
    assert user.get(f"{UNREAD}?after=3", headers=wait).json == {"unread_count": 0}, "it is another already"
    began = time.monotonic()
    unchanged = user.get(f"{UNREAD}?after=0", headers={"Prefer": "wait=1"})
    assert (unchanged.json, unchanged.headers["Preference-Applied"]) == ({"unread_count": 0}, "wait=1")
    assert time.monotonic() - began > 0.9
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(as_user(people, CANDIDATE).get, f"{UNREAD}?after=0", headers=wait)
        place_taken(people)
        # Four threads: one request waits, and whoever comes then is answered at once.
        refused = as_user(people, RECRUITER).get(f"{UNREAD}?after=0", headers=wait)
        assert (refused.json, "Preference-Applied" in refused.headers) == ({"unread_count": 0}, False)
        told(people, RECRUITER)
        told(people, CANDIDATE)
        answer = waiting.result(timeout=15)
    assert (answer.json, answer.headers["Preference-Applied"]) == ({"unread_count": 1}, "wait=20")
    assert parts(people).count == 0


def parts(api: Api) -> badges.Badges:
    found: badges.Badges = api.app.extensions[EXTENSION].badges
    return found


def place_taken(api: Api) -> None:
    until = time.monotonic() + 10
    while parts(api).count == 0:
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=2147483648"])
def test_a_number_that_is_none_is_refused(people: Api, query: str) -> None:
    assert as_user(people, CANDIDATE).get(f"{UNREAD}?{query}").status_code == 422
