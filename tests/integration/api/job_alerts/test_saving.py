"""Alerts saved, listed, changed, replaced, switched and deleted, in the shapes of the main web app."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Answer
from tests.integration.api.job_alerts.conftest import CANDIDATE_ID, LEA, PAUL, URL, Market, detail
from worker.kit.settings import Settings

SHAPE = {
    *("id", "candidate_id", "name", "criteria", "frequency", "is_active", "jobs_sent_count", "last_sent_at"),
    *("last_matching_job_id", "created_at", "updated_at", "next_send_at", "last_digest_count"),
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"alerts_per_candidate": 3})


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def test_a_new_alert_has_the_main_web_apps_shape_and_the_candidates_own_id(market: Market) -> None:
    made = market.make()
    assert made.keys() == SHAPE | {"warnings"}
    expected = {
        "candidate_id": CANDIDATE_ID[PAUL],
        "name": "Python à Libreville",
        "criteria": {"keywords": ["python"], "location": "Libreville"},
        "frequency": "daily",
        "is_active": True,
        "jobs_sent_count": 0,
        "last_sent_at": None,
        "last_matching_job_id": None,
        "last_digest_count": None,
        "warnings": [],
    }
    assert {name: made[name] for name in expected} == expected
    row = market.row(made["id"])
    assert (row["candidate_id"], row["origin"], row["frequency"], row["own_frequency"]) == (
        1,
        "platform",
        "DAILY",
        None,
    )
    assert (row["is_active"], row["jobs_sent_count"], row["last_number"]) == (True, 0, 0)
    shown = {name: made[name] for name in SHAPE}
    assert market.paul.get(f"{URL}/{made['id']}").json == shown
    assert market.paul.get(URL).json == [shown]


def test_what_the_front_end_sends_is_stored_in_lower_case(market: Market) -> None:
    made = market.paul.post(
        f"{URL}/",
        {
            "name": "Offres",
            "criteria": {
                "keywords": ["Comptable", "", " audit "],
                "location": None,
                "job_types": ["FULL_TIME", "INTERNSHIP"],
                "location_types": ["ON_SITE"],
                "salary_min": 300000,
                "salary_max": None,
            },
            "frequency": "WEEKLY",
            "notes": "unknown members are ignored",
        },
    ).json
    stored = {
        "keywords": ["Comptable", "audit"],
        "job_types": ["full_time", "internship"],
        "location_types": ["on_site"],
        "salary_min": 300000,
    }
    assert (made["criteria"], made["frequency"]) == (stored, "weekly")
    assert market.row(made["id"])["criteria"] == stored


@pytest.mark.parametrize(
    ("frequency", "label", "own"),
    [
        ("instant", "INSTANT", None),
        ("daily", "DAILY", None),
        ("weekly", "WEEKLY", None),
        ("Monthly", "WEEKLY", "monthly"),
    ],
)
def test_frequencies_are_stored_under_labels_that_the_main_web_app_knows(
    market: Market, frequency: str, label: str, own: str | None
) -> None:
    made = market.make(frequency=frequency)
    assert made["frequency"] == frequency.lower()
    row = market.row(made["id"])
    assert (row["frequency"], row["own_frequency"]) == (label, own)


def test_a_label_that_the_main_web_app_changed_is_the_truth(market: Market) -> None:
    made = market.make(frequency="monthly")
    market.rows("update job_alerts set frequency = 'DAILY' where id = %s returning id", made["id"])
    assert market.paul.get(f"{URL}/{made['id']}").json["frequency"] == "daily"


def test_the_next_sending_is_nine_oclock_in_libreville(market: Market) -> None:
    now = datetime.now(UTC)
    sent = {each: market.make(LEA if each == "monthly" else PAUL, frequency=each)["next_send_at"] for each in (
        "daily", "weekly", "instant", "monthly"
    )}  # fmt: skip
    assert sent["instant"] is None
    times = {each: instant(text) for each, text in sent.items() if text}
    assert {(each.hour, each.minute) for each in times.values()} == {(8, 0)}
    assert all(each > now for each in times.values())
    assert (times["weekly"].weekday(), times["monthly"].day) == (0, 1)


def test_an_inactive_alert_has_no_next_sending(market: Market) -> None:
    assert market.make(is_active=False)["next_send_at"] is None


def test_the_list_is_newest_first_paged_and_filtered(market: Market) -> None:
    first, second, third = (market.make(name=name, criteria={})["id"] for name in ("A", "B", "C"))
    market.paul.post(f"{URL}/{second}/toggle")

    def ids(query: str) -> tuple[list[int], str]:
        answer = market.paul.get(URL + query)
        return [each["id"] for each in answer.json], answer.headers["X-Total-Count"]

    assert ids("") == ([third, second, first], "3")
    assert ids("/?limit=1&offset=1") == ([second], "3")
    assert ids("?is_active=true") == ([third, first], "2")
    assert ids("?is_active=false") == ([second], "1")
    assert market.paul.get(f"{URL}?limit=501").status_code == 422


def test_nulls_of_the_main_web_app_read_as_their_defaults(market: Market) -> None:
    made = market.make()
    market.rows("update job_alerts set is_active = null, jobs_sent_count = null where id = %s returning id", made["id"])
    shown = market.paul.get(f"{URL}/{made['id']}").json
    assert (shown["is_active"], shown["jobs_sent_count"]) == (True, 0)
    assert [each["id"] for each in market.paul.get(f"{URL}?is_active=true").json] == [made["id"]]
    assert market.paul.post(f"{URL}/{made['id']}/toggle").json["is_active"] is False


def test_an_alert_that_waits_for_translation_is_its_users(market: Market) -> None:
    # users.id 2 is Paul; candidates.id 2 is Léa.
    theirs = market.app(lambda connection: main_web_app.insert_alert(connection, PAUL, "Ancienne", frequency="WEEKLY"))
    assert market.row(theirs)["origin"] == "main"
    assert market.user(LEA).get(f"{URL}/{theirs}").status_code == 404
    assert market.user(LEA).get(URL).json == []
    shown = market.paul.get(f"{URL}/{theirs}").json
    assert (shown["candidate_id"], shown["name"], shown["frequency"]) == (CANDIDATE_ID[PAUL], "Ancienne", "weekly")
    changed = market.paul.call("PATCH", f"{URL}/{theirs}", json={"name": "Nouvelle"}).json
    assert changed["candidate_id"] == CANDIDATE_ID[PAUL]
    assert (market.row(theirs)["origin"], market.row(theirs)["candidate_id"]) == ("main", PAUL)
    market.rows("select translate_job_alerts()")
    assert market.row(theirs)["candidate_id"] == CANDIDATE_ID[PAUL]
    assert market.paul.get(f"{URL}/{theirs}").json["name"] == "Nouvelle"
    assert market.user(LEA).get(f"{URL}/{theirs}").status_code == 404


def test_patch_changes_what_is_given_and_nothing_else(market: Market) -> None:
    made = market.make(frequency="monthly")
    path = f"{URL}/{made['id']}"
    for body in (
        {"name": "Autre"},
        {"frequency": "WEEKLY"},
        {"is_active": False},
        {"criteria": {"keywords": ["java"]}},
    ):
        before = market.paul.get(path).json
        after = market.paul.call("PATCH", path, json=body).json
        changed = {name for name in before if before[name] != after[name]} - {"updated_at", "next_send_at"}
        assert changed == set(body)
        assert after["updated_at"] > before["updated_at"]
    assert market.row(made["id"])["own_frequency"] is None
    assert market.paul.get(path).json["criteria"] == {"keywords": ["java"]}, "criteria are replaced as a whole"
    assert market.paul.call("PATCH", path, json={}).status_code == 200


@pytest.mark.parametrize("member", ["name", "criteria", "frequency", "is_active"])
def test_no_member_may_be_null(market: Market, member: str) -> None:
    made = market.make()
    answer = market.paul.call("PATCH", f"{URL}/{made['id']}", json={member: None})
    assert answer.status_code == 422
    assert member in detail(answer)


def test_put_replaces(market: Market) -> None:
    made = market.make(frequency="weekly", is_active=False)
    path = f"{URL}/{made['id']}/"
    after = market.paul.call("PUT", path, json={"name": "Autre", "criteria": {"location": "Douala"}}).json
    assert (after["name"], after["criteria"], after["frequency"]) == ("Autre", {"location": "Douala"}, "daily")
    assert after["is_active"] is False, "switched by its own member only"
    after = market.paul.call("PUT", path, json={"name": "A", "criteria": {}, "frequency": "MONTHLY", "is_active": True})
    assert (after.json["frequency"], after.json["is_active"], after.json["criteria"]) == ("monthly", True, {})
    answer = market.paul.call("PUT", path, json={"name": "A"})
    assert answer.status_code == 422
    assert "criteria" in detail(answer)


def test_toggle_switches_and_delete_removes(market: Market) -> None:
    made = market.make()
    path = f"{URL}/{made['id']}"
    assert market.paul.post(f"{path}/toggle").json["is_active"] is False
    assert market.paul.post(f"{path}/toggle/").json["is_active"] is True
    answer = market.paul.call("DELETE", path)
    assert (answer.status_code, answer.data) == (204, b"")
    assert market.paul.call("DELETE", path).status_code == 404
    assert market.rows("select id from job_alerts") == []


def test_a_digest_goes_with_its_alert_and_the_mail_stays(market: Market) -> None:
    made = market.make()
    send(market, made["id"], "2026-11-20T08:00:00Z", [])
    market.paul.call("DELETE", f"{URL}/{made['id']}")
    assert market.rows("select id from alert_digests") == []
    assert len(market.rows("select id from email_messages")) == 1


def test_criteria_that_ask_for_something_else_do_not_look_back(market: Market) -> None:
    made = market.make()
    market.publish("Développeur Python")
    path = f"{URL}/{made['id']}"

    def mark(body: dict[str, Any] | None = None, method: str = "PATCH") -> int:
        if body is not None:
            assert market.paul.call(method, path, json=body).status_code == 200
        return int(market.row(made["id"])["last_number"])

    assert mark() == 0
    same = {"keywords": ["PYTHON", "python", ""], "location": "LIBREVILLE"}
    assert mark({"name": "Autre", "frequency": "weekly", "criteria": same, "is_active": True}) == 0
    assert market.row(made["id"])["criteria"] == {"keywords": ["PYTHON"], "location": "LIBREVILLE"}
    assert mark({"name": "Encore", "criteria": same}, "PUT") == 0
    assert mark({"is_active": False}) == 0
    assert mark({"criteria": {"keywords": ["python"]}}) == 1
    market.publish("Développeuse Python")
    assert market.make(name="Autre", criteria={})["id"]
    assert market.rows("select last_number from job_alerts order by id desc limit 1")[0]["last_number"] == 2
    assert mark({"name": "Ruby", "criteria": {"keywords": ["ruby"]}}, "PUT") == 2


def test_a_double_is_saved_with_a_warning(market: Market) -> None:
    first = market.make(criteria={"keywords": ["Développeur", "java"], "location": "Libreville"})
    double = market.make(name="Autre", criteria={"keywords": ["java", "DEVELOPPEUSES"], "location": "libreville"})
    [warning] = double["warnings"]
    assert (warning["code"], warning["alert_id"]) == ("duplicate", first["id"])
    assert "même chose" in warning["message"]
    path = f"{URL}/{double['id']}"
    assert market.paul.call("PATCH", path, json={"frequency": "weekly"}).json["warnings"] == []
    english = market.paul.call("PATCH", f"{path}?lang=en", json={"frequency": "daily"}).json["warnings"]
    assert english[0]["message"].startswith("Another of your alerts")
    assert market.make(LEA, criteria=double["criteria"])["warnings"] == [], "of this candidate only"


def test_weekly_and_monthly_are_no_doubles(market: Market) -> None:
    market.make(frequency="weekly")
    assert market.make(frequency="monthly")["warnings"] == []


def test_there_may_be_only_so_many(market: Market) -> None:
    kept = [market.make(criteria={"keywords": [word]})["id"] for word in ("un", "deux", "trois")]
    answer = market.paul.post(URL, {"name": "Quatre", "criteria": {}})
    assert answer.status_code == 422
    assert "3 alerts" in detail(answer)
    market.make(LEA)
    market.paul.call("DELETE", f"{URL}/{kept[0]}")
    market.make(name="Quatre")


def test_two_requests_at_once_do_not_both_find_room(market: Market) -> None:
    market.make(criteria={"keywords": ["un"]})
    market.make(criteria={"keywords": ["deux"]})
    answers: list[Answer] = []

    def ask() -> None:
        client = market.api.app.test_client()
        answers.append(client.post(URL, json={"name": "A", "criteria": {}}, headers=market.paul.headers))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]
    assert len(market.rows("select id from job_alerts")) == 3


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"criteria": {}}, ["body", "name"]),
        ({"name": "A"}, ["body", "criteria"]),
        ({"name": "x" * 201, "criteria": {}}, ["body", "name"]),
        ({"name": "A", "criteria": {}, "frequency": "yearly"}, ["body", "frequency"]),
        ({"name": "A", "criteria": {"keywords": ["ok", "x" * 101]}}, ["body", "criteria", "keywords", 1]),
        ({"name": "A", "criteria": {"job_types": ["ceo"]}}, ["body", "criteria", "job_types", 0]),
        ({"name": "A", "criteria": {"salary_min": 2, "salary_max": 1}}, ["body", "criteria", "salary_max"]),
        ({"name": "A", "criteria": {"salary_min": -1}}, ["body", "criteria", "salary_min"]),
        ({"name": "A\0", "criteria": {}}, ["body"]),
        ({"name": "A", "criteria": {"keywords": ["\ud800"]}}, ["body"]),
    ],
)
def test_a_mistake_is_named(market: Market, body: dict[str, Any], place: list[Any]) -> None:
    answer = market.paul.post(URL, body)
    assert answer.status_code == 422
    assert ".".join(str(each) for each in place) in detail(answer)
    [error] = answer.json["errors"]
    assert error["loc"][: len(place)] == place
    assert market.rows("select id from job_alerts") == []


def send(market: Market, alert_id: int, period: str, job_ids: list[int], *, more: int = 0) -> None:
    """What a run stores for an alert."""
    market.rows(
        """
        with message as (
            insert into email_messages (template, recipient, state, user_id) values ('job_alert', 'x@example.org',
                                                                                    'delivered', 2) returning id)
        insert into alert_digests (alert_id, period, job_ids, total, more_count, message_id)
        select %s, %s, %s::integer[], %s, %s, id from message returning id
        """,
        alert_id, period, job_ids, len(job_ids) + more, more,
    )  # fmt: skip


def test_what_was_sent_is_listed_newest_first(market: Market) -> None:
    made = market.make()
    ours, theirs = market.publish("Développeur Python"), market.publish("Développeur Java", salary_min=500_000)
    gone = market.publish("Bientôt supprimée")
    send(market, made["id"], "2026-11-19T08:00:00Z", [ours])
    send(market, made["id"], "2026-11-20T08:00:00Z", [theirs, gone, ours], more=4)
    market.app(lambda connection: main_web_app.delete_job(connection, gone))
    path = f"{URL}/{made['id']}/digests"
    answer = market.paul.get(path)
    assert answer.headers["X-Total-Count"] == "2"
    newest, older = answer.json
    assert [each["id"] for each in newest["jobs"]] == [theirs, ours]
    assert (newest["total"], newest["more"], newest["mail_state"]) == (7, 4, "delivered")
    assert newest["period"] == "2026-11-20T08:00:00Z"
    job = newest["jobs"][0]
    assert (job["title"], job["salary_min"], job["currency"]) == ("Développeur Java", 500_000, "XAF")
    assert job["posted_at"].endswith("Z")
    assert [each["id"] for each in older["jobs"]] == [ours]
    assert market.paul.get(f"{path}?limit=1&offset=1").json == [older]
    assert market.paul.get(f"{URL}/{made['id']}").json["last_digest_count"] == 7
    assert market.user(LEA).get(path).status_code == 404


def test_writes_are_limited(market: Market) -> None:
    made = market.make()
    path = f"{URL}/{made['id']}/toggle"
    answers = {market.paul.post(path).status_code for _ in range(59)}
    assert answers == {200}
    refused = market.paul.post(path)
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
