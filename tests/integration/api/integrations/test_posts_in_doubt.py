"""Posts of which nobody knows whether they were made, while what they belong to changes: never two, and never lost."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Answer
from tests.integration.api.integrations.conftest import URL, Connecting
from tests.integration.api.integrations.partnering import delete_postings_once_answered
from worker.catalogue.publishing import EXPIRE, RECONCILE, REMOVE_POSTS, After, Limited
from worker.kit.database import execute
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger import controls
from worker.ledger.enqueue import enqueue

PAGE = "urn:li:organization:2414183"
DAY = 86_400.0
CREATE, POSTS = {"only": "posts.create"}, {"only": ["posts.*"]}


@pytest.fixture
def job(connecting: Connecting) -> int:
    connecting.connect("linkedin")
    made: int = connecting.app(lambda connection: main_web_app.insert_job(connection, "Comptable (H/F) [CDI]"))
    return made


def publish(connecting: Connecting, job: int) -> None:
    body = {"job_id": job, "organization_ids": [PAGE]}
    answer = connecting.recruiter.post(f"{URL}/linkedin/publish-job", body, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202, answer.text
    connecting.work()


def later(connecting: Connecting, *seconds: float) -> None:
    for each in seconds:
        span = {"span": timedelta(seconds=each)}
        with connecting.api.database.transaction() as connection:
            execute(
                connection, "update effects set intended_at = intended_at - %(span)s where state = 'intended'", span
            )
            execute(connection, "update task_runs set run_at = run_at - %(span)s where state = 'queued'", span)
        connecting.work()


def do(connecting: Connecting, task: TaskDefinition, payload: Payload) -> None:
    with connecting.api.database.transaction() as connection:
        enqueue(connection, task, payload)
    connecting.work()


def posting(connecting: Connecting, job: int) -> dict[str, Any]:
    [found] = connecting.recruiter.get(f"/api/jobs/{job}/postings").json
    shown: dict[str, Any] = found
    return shown


def decide(connecting: Connecting, job: int, **members: Any) -> Answer:
    return connecting.recruiter.post(f"/api/postings/{posting(connecting, job)['id']}/decide", members)


def change(connecting: Connecting, statement: str, *values: Any) -> None:
    with connecting.api.database.transaction() as connection:
        execute(connection, statement, values)


def heal(connecting: Connecting) -> None:
    connecting.faults("linkedin", only=None, drop_before=0.0, drop_after=0.0)


def in_doubt(connecting: Connecting, job: int, **fault: float) -> dict[str, Any]:
    """Published with a lost answer, looked for in vain for a day, and given up."""
    connecting.faults("linkedin", **POSTS, **fault)
    publish(connecting, job)
    change(connecting, "update task_runs set max_attempts = 1 where task = 'publishing.publish'")
    later(connecting, 40, 120, 700, DAY)
    change(connecting, "update job_postings set publishing_at = now() - interval '1 hour'")
    do(connecting, RECONCILE, After())
    heal(connecting)
    found = posting(connecting, job)
    assert found["state"] == "unknown"
    return found


def test_a_post_is_found_although_its_offer_has_another_title_by_now(connecting: Connecting, job: int) -> None:
    connecting.faults("linkedin", **CREATE, drop_after=1.0)
    publish(connecting, job)
    heal(connecting)
    change(connecting, "update jobs set title = 'Chef comptable' where id = %s", job)
    later(connecting, 40, 120, 700, 10, 10)
    [post] = connecting.linkedin.posts()
    found = posting(connecting, job)
    assert (found["state"], found["external_id"]) == ("published", post["urn"])


def test_an_offer_that_closed_meanwhile_is_not_sent_again(connecting: Connecting, job: int) -> None:
    connecting.faults("linkedin", **CREATE, drop_before=1.0)
    publish(connecting, job)
    heal(connecting)
    change(connecting, "update jobs set status = 'closed' where id = %s", job)
    later(connecting, 40, 120, 700, 10, 10)
    assert connecting.linkedin.posts() == []
    do(connecting, RECONCILE, After())
    change(connecting, "update job_postings set publishing_at = now() - interval '1 hour'")
    do(connecting, RECONCILE, After())
    assert posting(connecting, job)["state"] == "unknown"
    answer = decide(connecting, job, exists=False)
    assert answer.status_code == 200, answer.text
    connecting.work()
    assert connecting.linkedin.posts() == []
    found = posting(connecting, job)
    assert (found["state"], found["error_code"]) == ("draft", "offer.closed")


def test_a_post_whose_posting_was_deleted_on_its_way_is_taken_away(connecting: Connecting, job: int) -> None:
    connecting.faults("linkedin", **CREATE, drop_after=1.0)
    publish(connecting, job)
    heal(connecting)
    change(connecting, "delete from jobs where id = %s", job)
    later(connecting, 40, 10)
    assert len(connecting.linkedin.posts(live=True)) == 1
    do(connecting, REMOVE_POSTS, Limited())
    assert connecting.linkedin.posts(live=True) == []
    states = connecting.rows("select state from task_runs where task = 'publishing.publish'")
    assert [each["state"] for each in states] == ["succeeded"]


def test_a_post_whose_posting_was_deleted_before_it_was_written_down_is_taken_away(
    connecting: Connecting, job: int
) -> None:
    delete_postings_once_answered(connecting)
    publish(connecting, job)
    assert len(connecting.linkedin.posts(live=True)) == 1
    do(connecting, REMOVE_POSTS, Limited())
    assert connecting.linkedin.posts(live=True) == []


def test_what_was_deleted_and_never_posted_is_not_posted(connecting: Connecting, job: int) -> None:
    connecting.faults("linkedin", **CREATE, drop_before=1.0)
    publish(connecting, job)
    heal(connecting)
    change(connecting, "delete from job_postings")
    later(connecting, 40, 120, 700, 10, 10)
    assert connecting.linkedin.posts() == []
    [run] = connecting.rows("select state from task_runs where task = 'publishing.publish'")
    assert run["state"] == "uncertain"


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_recruiter_still_decides_what_an_operator_settled_without_an_id(
    connecting: Connecting, job: int, forgotten: bool
) -> None:
    in_doubt(connecting, job, drop_after=1.0)
    [run] = connecting.rows("select id from task_runs where state = 'uncertain'")
    with connecting.api.database.transaction() as connection:
        controls.resolve(connection, run["id"], happened=True, reason="It is there.", actor="operator")
    connecting.work()
    assert posting(connecting, job)["error_code"] == "posting.no_id"
    if forgotten:
        change(connecting, "delete from task_runs where id = %s", run["id"])
    [post] = connecting.linkedin.posts()
    answer = decide(connecting, job, exists=True, post=post["urn"])
    assert (answer.status_code, answer.json["state"]) == (200, "published"), answer.text


def test_what_an_operator_settled_wrongly_is_made_once_a_recruiter_finds_nothing(
    connecting: Connecting, job: int
) -> None:
    in_doubt(connecting, job, drop_before=1.0)
    [run] = connecting.rows("select id from task_runs where state = 'uncertain'")
    with connecting.api.database.transaction() as connection:
        controls.resolve(connection, run["id"], happened=True, reason="It is there.", actor="operator")
    connecting.work()
    assert decide(connecting, job, exists=False).status_code == 200
    connecting.work()
    [post] = connecting.linkedin.posts()
    found = posting(connecting, job)
    assert (found["state"], found["external_id"]) == ("published", post["urn"])


def test_what_cannot_be_taken_away_is_tried_once_a_day_and_told(connecting: Connecting, job: int) -> None:
    publish(connecting, job)
    change(connecting, "update job_postings set credential_id = null")
    change(connecting, "update jobs set status = 'closed' where id = %s", job)
    for _ in range(3):
        do(connecting, EXPIRE, After())
    tried = "select count(*) as runs from task_runs where task = 'publishing.withdraw'"
    assert connecting.rows(tried) == [{"runs": 1}]
    found = posting(connecting, job)
    assert (found["state"], found["error_code"]) == ("published", "posting.standing")
    assert "encore sur LinkedIn" in found["error"]
    told = [each["title"] for each in connecting.notifications()]
    assert told[-1:] == ["Offre encore en ligne sur LinkedIn"]
    change(connecting, "update task_runs set finished_at = now() - interval '25 hours' where state = 'failed'")
    do(connecting, EXPIRE, After())
    assert connecting.rows(tried) == [{"runs": 2}]
    assert len(connecting.notifications()) == len(told)


def test_a_post_in_doubt_is_decided_by_a_person(connecting: Connecting, job: int) -> None:
    in_doubt(connecting, job, drop_after=1.0)
    assert decide(connecting, job, exists=True, post="nothing").status_code == 422
    [post] = connecting.linkedin.posts()
    answer = decide(connecting, job, exists=True, post=f"https://www.linkedin.com/feed/update/{post['urn']}")
    assert (answer.status_code, answer.json["state"]) == (200, "published"), answer.text
    connecting.work()
    assert posting(connecting, job)["external_id"] == post["urn"]
    assert decide(connecting, job, exists=False).status_code == 409


def test_a_number_that_a_posting_had_before_keeps_none_from_being_published(connecting: Connecting, job: int) -> None:
    """As after the main web app's tables were loaded anew beside our ledger."""
    publish(connecting, job)
    before = posting(connecting, job)
    change(connecting, "delete from job_postings")
    change(connecting, "truncate posting_removals")
    change(
        connecting,
        """insert into job_postings (id, job_id, channel, state, target, credential_id, publishing_at, created_at)
           select %s, %s, 'LINKEDIN', 'publishing', %s, id, now() + interval '10 minutes', now()
             from integration_credentials""",
        before["id"],
        job,
        PAGE,
    )
    for _ in range(3):
        change(
            connecting,
            "update job_postings set created_at = now() - interval '5 minutes',"
            " publishing_at = now() - interval '3 minutes'",
        )
        change(connecting, "delete from rate_limits")
        do(connecting, RECONCILE, After())
    found = posting(connecting, job)
    assert found["state"] == "published"
    runs = connecting.rows("select id from task_runs where task = 'publishing.publish'")
    assert len(runs) <= 3


def test_where_an_account_may_not_read_its_posts_a_lost_run_leaves_a_doubt(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin", scopes=["w_organization_social", "r_basicprofile"])
    change(
        connecting,
        """insert into job_postings (job_id, channel, state, target, credential_id, publishing_at, created_at)
           select %s, 'LINKEDIN', 'publishing', %s, id, now() - interval '3 minutes', now() - interval '3 minutes'
             from integration_credentials order by id desc limit 1""",
        job,
        PAGE,
    )
    for _ in range(2):
        do(connecting, RECONCILE, After())
    assert posting(connecting, job)["state"] == "unknown"
    assert connecting.linkedin.posts() == []
    assert decide(connecting, job, exists=False).status_code == 200
    connecting.work()
    [post] = connecting.linkedin.posts()
    found = posting(connecting, job)
    assert (found["state"], found["external_id"]) == ("published", post["urn"])
