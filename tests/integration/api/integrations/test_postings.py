"""Offers on channels of our own: published, listed, taken away, and found again where a run was lost."""

from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Answer
from tests.integration.api.integrations.conftest import FOREIGNER, RECRUITER, Connecting
from tests.integration.api.repeating import POSTINGS, Asked, check
from worker.catalogue.publishing import EXPIRE, RECONCILE, After
from worker.kit.database import execute
from worker.kit.tasks import TaskDefinition
from worker.ledger.enqueue import enqueue

OWN = [{"channel": "company_career_page"}, {"channel": "Jobberman"}, {"channel": "brightermonday"}]


@pytest.fixture
def feeds(connecting: Connecting) -> None:
    for board in ("jobberman", "brightermonday"):
        made = connecting.recruiter.post(f"/api/integrations/{board}/feed", {})
        assert made.status_code in (200, 201), made.text


@pytest.fixture
def job(connecting: Connecting) -> int:
    made: int = connecting.app(lambda connection: main_web_app.insert_job(connection, "Comptable (H/F) [CDI]"))
    return made


def publish(connecting: Connecting, job: int, channels: list[dict[str, Any]], **members: Any) -> Answer:
    with connecting.working():
        return connecting.recruiter.post(f"/api/jobs/{job}/postings", {"channels": channels, **members})


def listed(connecting: Connecting, job: int) -> dict[str, dict[str, Any]]:
    """By channel."""
    answer = connecting.recruiter.get(f"/api/jobs/{job}/postings")
    assert answer.status_code == 200, answer.text
    return {each["channel"]: each for each in answer.json}


def do(connecting: Connecting, task: TaskDefinition) -> None:
    with connecting.api.database.transaction() as connection:
        enqueue(connection, task, After())
    connecting.work()


@pytest.mark.usefixtures("feeds")
def test_one_call_publishes_on_several_channels_each_with_its_own_state(connecting: Connecting, job: int) -> None:
    answer = publish(connecting, job, OWN)
    assert answer.status_code == 200, answer.text
    states = {each["channel"]: each["state"] for each in answer.json["postings"]}
    assert states == {"intowork": "published", "jobberman": "exported", "brightermonday": "exported"}
    assert answer.json["errors"] == []
    career_page = next(each["address"] for each in answer.json["postings"] if each["channel"] == "intowork")
    assert career_page.startswith("https://platform.example/carrieres/1-")
    path = career_page.removeprefix("https://platform.example")
    assert "Comptable (H/F) [CDI]" in connecting.api.app.test_client().get(path).text
    assert {name: each["state"] for name, each in listed(connecting, job).items()} == states
    stored = connecting.rows("select channel::text as channel, is_active from job_postings order by id")
    assert {row["channel"] for row in stored} == {"INTOWORK", "JOBBERMAN", "BRIGHTERMONDAY"}
    assert all(row["is_active"] for row in stored)


def test_without_a_feed_a_board_gets_nothing_and_the_recruiter_hears_how(connecting: Connecting, job: int) -> None:
    answer = publish(connecting, job, OWN)
    assert [each["channel"] for each in answer.json["postings"]] == ["intowork"]
    assert [each["error"].partition(" ")[0] for each in answer.json["errors"]] == ["Jobberman", "BrighterMonday"]
    assert all("Créez le flux" in each["error"] for each in answer.json["errors"])


@pytest.mark.usefixtures("feeds")
def test_a_board_counts_as_published_once_a_person_says_where(connecting: Connecting, job: int) -> None:
    publish(connecting, job, OWN[1:2])
    posting = listed(connecting, job)["jobberman"]
    path = f"/api/postings/{posting['id']}/confirm"
    assert connecting.recruiter.post(path, {"external_url": "javascript:alert(1)"}).status_code == 422
    answer = connecting.recruiter.post(path, {"external_url": "https://www.jobberman.com/listings/1"})
    assert (answer.status_code, answer.json["state"]) == (200, "published"), answer.text
    assert answer.json["address"] == "https://www.jobberman.com/listings/1"
    [own] = publish(connecting, job, OWN[:1]).json["postings"]
    refused = connecting.recruiter.post(
        f"/api/postings/{own['id']}/confirm", {"external_url": "https://www.jobberman.com/listings/1"}
    )
    assert refused.status_code == 409


def test_an_offer_stands_once_on_a_channel(connecting: Connecting, job: int) -> None:
    first = publish(connecting, job, OWN[:1]).json["postings"]
    again = publish(connecting, job, OWN[:1]).json["postings"]
    assert [each["id"] for each in again] == [each["id"] for each in first]
    assert connecting.rows("select count(*) as count from job_postings")[0]["count"] == 1


def test_what_is_not_connected_is_said_and_keeps_nothing_from_the_others(connecting: Connecting, job: int) -> None:
    answer = publish(connecting, job, [{"channel": "linkedin"}, *OWN[:1]])
    assert answer.status_code == 200, answer.text
    assert [each["channel"] for each in answer.json["postings"]] == ["intowork"]
    [error] = answer.json["errors"]
    assert error["channel"] == "linkedin"
    assert error["error"].startswith("LinkedIn n’est pas connecté.")
    assert publish(connecting, job, [{"channel": "linkedin"}]).status_code == 400


@pytest.mark.parametrize("state", ["draft", "closed", "archived"])
def test_an_offer_that_is_not_open_is_published_nowhere(connecting: Connecting, state: str) -> None:
    job = connecting.app(lambda connection: main_web_app.insert_job(connection, "Comptable", status=state))
    assert publish(connecting, job, OWN).status_code == 409
    assert connecting.rows("select id from job_postings") == []


def test_asked_twice_under_one_key_it_is_one_run(connecting: Connecting, job: int) -> None:
    keyed = {"Idempotency-Key": "a click", "Prefer": "respond-async"}
    path, body = f"/api/jobs/{job}/postings", {"channels": OWN[:1]}
    first, again = (connecting.recruiter.post(path, body, headers=keyed) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.headers["Location"] == again.headers["Location"]
    assert connecting.recruiter.post(path, {"channels": OWN[1:2]}, headers=keyed).status_code == 409
    connecting.work()
    assert len(listed(connecting, job)) == 1
    withdrawal = f"/api/postings/{listed(connecting, job)['intowork']['id']}/withdraw"
    first, again = (connecting.recruiter.post(withdrawal, {}, headers=keyed) for _ in range(2))
    assert first.status_code == 409
    other = {**keyed, "Idempotency-Key": "another click"}
    first, again = (connecting.recruiter.post(withdrawal, {}, headers=other) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]


@pytest.mark.usefixtures("feeds")
@pytest.mark.parametrize("asked", POSTINGS, ids=lambda asked: asked.route)
def test_a_recruiter_who_repeats_changes_nothing(connecting: Connecting, job: int, asked: Asked) -> None:
    publish(connecting, job, OWN[1:2])
    number = listed(connecting, job)["jobberman"]["id"]
    other = Asked("POST", asked.path, {"external_url": "https://board.example/offers/2"}, (number,))
    check(connecting.recruiter, asked._replace(values=(number,)), other, "job_postings", "audit_log")


def test_withdrawn_it_stands_nowhere_and_may_be_published_again(connecting: Connecting, job: int) -> None:
    [posting] = publish(connecting, job, OWN[:1]).json["postings"]
    with connecting.working():
        answer = connecting.recruiter.post(f"/api/postings/{posting['id']}/withdraw", {})
    assert (answer.status_code, answer.json["state"]) == (200, "withdrawn"), answer.text
    assert answer.json["withdrawn_at"] is not None
    [again] = publish(connecting, job, OWN[:1]).json["postings"]
    assert again["id"] != posting["id"]


@pytest.mark.usefixtures("feeds")
def test_what_stands_for_an_offer_that_ended_is_taken_away(connecting: Connecting, job: int) -> None:
    publish(connecting, job, OWN)
    connecting.app(lambda connection: connection.execute("update jobs set status = 'closed' where id = %s", (job,)))
    do(connecting, EXPIRE)
    assert {each["state"] for each in listed(connecting, job).values()} == {"expired"}
    assert {row["is_active"] for row in connecting.rows("select is_active from job_postings")} == {False}


def test_a_posting_whose_run_nobody_knows_is_carried_on(connecting: Connecting, job: int) -> None:
    connecting.app(
        lambda connection: connection.execute(
            """insert into job_postings (job_id, channel, state, publishing_at)
               values (%s, 'INTOWORK', 'publishing', now() - interval '20 minutes')""",
            (job,),
        )
    )
    do(connecting, RECONCILE)
    assert listed(connecting, job)["intowork"]["state"] == "published"


@pytest.mark.parametrize(("state", "becomes"), [("failed", "failed"), ("uncertain", "unknown"), ("cancelled", "draft")])
def test_a_posting_follows_its_run_to_the_end(connecting: Connecting, job: int, state: str, becomes: str) -> None:
    connecting.recruiter.post(f"/api/jobs/{job}/postings", {"channels": OWN[:1]}, headers={"Prefer": "respond-async"})
    parent = connecting.rows("select id, task from task_runs where state = 'queued'")[0]
    connecting.execute(parent["task"], parent["id"])
    with connecting.api.database.transaction() as connection:
        execute(
            connection,
            """update task_runs set state = %s, finished_at = now(), error = '{"code": "x.y", "message": "Voilà."}'
                where task = 'publishing.publish'""",
            (state,),
        )
        execute(connection, "update job_postings set publishing_at = now() - interval '20 minutes'", ())
        execute(connection, "delete from task_runs where task = 'publishing.publish_offer'", ())
    do(connecting, RECONCILE)
    posting = listed(connecting, job)["intowork"]
    assert posting["state"] == becomes
    assert posting["error"]
    told = [note["user_id"] for note in connecting.notifications()]
    assert told == ([] if becomes == "draft" else [RECRUITER])


def test_a_preview_is_the_text_that_is_sent_and_changes_nothing(connecting: Connecting, job: int) -> None:
    answer = connecting.recruiter.post(f"/api/jobs/{job}/postings/preview", {"channel": "linkedin"})
    assert answer.status_code == 200, answer.text
    shown = answer.json
    assert shown["text"].startswith("📢 Nouvelle Opportunité : Comptable (H/F) [CDI]\n\n📍 Localisation : Libreville")
    assert shown["length"] == len(shown["text"])
    assert (shown["longest"], shown["fold"]) == (3000, 210)
    assert shown["link"] in shown["text"]
    assert shown["link"].startswith("https://platform.example/carrieres/1-")
    assert connecting.rows("select id from job_postings") == []
    assert connecting.recruiter.post(f"/api/jobs/{job}/postings/preview", {"channel": "custom"}).status_code == 422


def test_another_companys_offers_and_postings_are_not_there(connecting: Connecting, job: int) -> None:
    [posting] = publish(connecting, job, OWN[:1]).json["postings"]
    foreigner = connecting.user(FOREIGNER)
    for answer in (
        foreigner.get(f"/api/jobs/{job}/postings"),
        foreigner.post(f"/api/jobs/{job}/postings", {"channels": OWN}),
        foreigner.post(f"/api/jobs/{job}/postings/preview", {}),
        foreigner.post(f"/api/postings/{posting['id']}/withdraw", {}),
        foreigner.post(f"/api/postings/{posting['id']}/decide", {"exists": False}),
        foreigner.get(f"/api/postings/{posting['id']}/statistics"),
    ):
        assert answer.status_code == 404, answer.text


def test_a_company_publishes_twenty_times_an_hour(connecting: Connecting, job: int) -> None:
    statuses = [
        connecting.recruiter.post(
            f"/api/jobs/{job}/postings", {"channels": OWN[:1]}, headers={"Prefer": "respond-async"}
        ).status_code
        for _ in range(21)
    ]
    assert statuses == [202] * 20 + [429]
