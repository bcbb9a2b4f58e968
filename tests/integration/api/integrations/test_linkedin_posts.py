"""Offers on LinkedIn, from the dialog to the post: once, wherever an answer is lost, and never where it may not."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Answer
from tests.integration.api.integrations.conftest import RECRUITER, URL, Connecting
from worker.catalogue.publishing import (
    EXPIRE,
    LIST_TARGETS,
    READ_STATISTICS,
    RECONCILE,
    REFRESH_STATISTICS,
    REMOVE_POST,
    REMOVE_POSTS,
    WITHDRAW,
    After,
    Limited,
)
from worker.catalogue.upkeep import ANONYMISE, Anonymise
from worker.kit.database import execute
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.enqueue import enqueue

PAGE, OTHER_PAGE = "urn:li:organization:2414183", "urn:li:organization:5515715"
TWO_PAGES = "direction@exemple.cm"
CREATE = {"only": "posts.create"}


@pytest.fixture
def job(connecting: Connecting) -> int:
    made: int = connecting.app(lambda connection: main_web_app.insert_job(connection, "Comptable (H/F) [CDI]"))
    return made


def publish(connecting: Connecting, job: int, **members: Any) -> Answer:
    with connecting.working():
        return connecting.recruiter.post(f"{URL}/linkedin/publish-job", {"job_id": job, **members})


def posting(connecting: Connecting, job: int) -> dict[str, Any]:
    """The only one."""
    answer = connecting.recruiter.get(f"/api/jobs/{job}/postings")
    [found] = answer.json
    shown: dict[str, Any] = found
    return shown


def do(connecting: Connecting, task: TaskDefinition, payload: Payload) -> None:
    with connecting.api.database.transaction() as connection:
        enqueue(connection, task, payload)
    connecting.work()


def later(connecting: Connecting, seconds: float) -> None:
    """So much time passes; what is due then is carried out."""
    span = {"span": timedelta(seconds=seconds)}
    with connecting.api.database.transaction() as connection:
        execute(
            connection,
            """update effects set intended_at = intended_at - %(span)s, first_intended_at = first_intended_at - %(span)s
                where state = 'intended'""",
            span,
        )
        execute(connection, "update task_runs set run_at = run_at - %(span)s where state = 'queued'", span)
    connecting.work()


def calls(connecting: Connecting, operation: str) -> int:
    found: dict[str, int] = connecting.linkedin.get("linkedin/counters")
    return found.get(operation, 0)


def test_the_dialog_gets_the_posts_address_and_the_offer_its_mark(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    answer = publish(connecting, job, organization_ids=[PAGE])
    assert answer.status_code == 200, answer.text
    [post] = connecting.linkedin.posts(live=True)
    urn = post["urn"]
    address = f"https://www.linkedin.com/feed/update/{urn}/"
    assert answer.json["published"] == [
        {"organization_id": PAGE, "target": "page", "post_id": urn, "post_url": address}
    ]
    assert (answer.json["post_id"], answer.json["post_url"], answer.json["errors"]) == (urn, address, [])
    shown = posting(connecting, job)
    assert (shown["state"], shown["external_id"], shown["address"]) == ("published", urn, address)
    assert connecting.rows("select linkedin_published_at is not null as marked from jobs where id = %s", job)[0][
        "marked"
    ]
    [note] = [each for each in connecting.notifications() if "publiée" in each["title"]]
    assert (note["user_id"], note["title"]) == (RECRUITER, "Offre publiée sur LinkedIn")


def test_readers_see_the_whole_text_and_a_card_with_the_tracked_link(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    publish(connecting, job, organization_ids=[PAGE])
    [post] = connecting.linkedin.posts(live=True)
    preview = connecting.recruiter.post(f"/api/jobs/{job}/postings/preview", {"channel": "linkedin"}).json
    mark = f"?ref=p-{posting(connecting, job)['id']}"
    assert post["visible"] == preview["text"].replace(preview["link"], preview["link"] + mark)
    assert post["hashtags"] == preview["hashtags"]
    assert post["card"]["source"] == preview["link"] + mark
    assert post["card"]["title"] == "Comptable (H/F) [CDI]"
    assert post["card"]["description"]


def test_an_offers_picture_stands_on_the_card_and_is_uploaded_once(connecting: Connecting) -> None:
    connecting.connect("linkedin")
    job = illustrated(connecting, "team.png")
    answer = publish(connecting, job, organization_ids=[PAGE])
    assert (answer.status_code, answer.json["errors"]) == (200, []), answer.text
    [post], [image] = connecting.linkedin.posts(live=True), connecting.linkedin.images()
    assert post["card"]["thumbnail"] == image["urn"]
    assert image["owner"] == PAGE
    assert post["visible"] == visible(connecting, job)


@pytest.mark.parametrize(
    ("name", "why"), [("large.png", "10 MB"), ("page.png", "no picture"), ("wide.png", "pixels"), ("none.png", "404")]
)
def test_a_picture_that_cannot_be_had_is_said_and_the_post_is_made(connecting: Connecting, name: str, why: str) -> None:
    connecting.connect("linkedin")
    job = illustrated(connecting, name)
    answer = publish(connecting, job, organization_ids=[PAGE])
    assert answer.status_code == 200, answer.text
    [error] = answer.json["errors"]
    assert error["organization_id"] == PAGE
    assert "sans son image" in error["error"]
    assert why in error["error"]
    [post] = connecting.linkedin.posts(live=True)
    assert post["card"]["thumbnail"] is None


def illustrated(connecting: Connecting, name: str) -> int:
    address = f"{connecting.emulators}/pictures/{name}"
    made: int = connecting.app(
        lambda connection: main_web_app.insert_job(connection, "Comptable (H/F) [CDI]", image_url=address)
    )
    return made


def visible(connecting: Connecting, job: int) -> str:
    """What a preview says, with the posting's mark."""
    shown = connecting.recruiter.post(f"/api/jobs/{job}/postings/preview", {"channel": "linkedin"}).json
    text: str = shown["text"].replace(shown["link"], f"{shown['link']}?ref=p-{posting(connecting, job)['id']}")
    return text


@pytest.mark.parametrize("fault", ["drop_after", "error_5xx_after", "no_id"])
def test_a_post_whose_answer_is_lost_is_found_and_not_made_again(connecting: Connecting, job: int, fault: str) -> None:
    connecting.connect("linkedin")
    connecting.faults("linkedin", **CREATE, **{fault: 1.0})
    answer = connecting.recruiter.post(
        f"{URL}/linkedin/publish-job",
        {"job_id": job, "organization_ids": [PAGE]},
        headers={"Prefer": "respond-async"},
    )
    assert answer.status_code == 202
    connecting.work()
    later(connecting, 20)
    assert posting(connecting, job)["state"] == "publishing"
    connecting.faults("linkedin", only=None, **{fault: 0.0})
    later(connecting, 60)
    [post] = connecting.linkedin.posts()
    assert posting(connecting, job)["external_id"] == post["urn"]
    assert posting(connecting, job)["state"] == "published"
    assert calls(connecting, "posts.create") == 1


def test_a_post_that_never_came_is_made_once_more_after_three_looks(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    connecting.faults("linkedin", **CREATE, drop_before=1.0)
    connecting.recruiter.post(
        f"{URL}/linkedin/publish-job",
        {"job_id": job, "organization_ids": [PAGE]},
        headers={"Prefer": "respond-async"},
    )
    connecting.work()
    connecting.faults("linkedin", only=None, drop_before=0.0)
    for seconds in (40, 120):
        later(connecting, seconds)
        assert calls(connecting, "posts.create") == 1
    later(connecting, 700)
    later(connecting, 5)
    later(connecting, 5)
    assert calls(connecting, "posts.create") == 2
    assert calls(connecting, "posts.find") == 3
    [post] = connecting.linkedin.posts()
    assert posting(connecting, job)["external_id"] == post["urn"]


def test_a_stuck_posting_of_a_dead_worker_is_adopted(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    stuck = stuck_posting(connecting, job)
    link = connecting.recruiter.post(f"/api/jobs/{job}/postings/preview", {}).json["link"]
    there = connecting.linkedin.post_behind(PAGE, text="Offre", link=f"{link}?ref=p-{stuck}", title="Comptable")
    do(connecting, RECONCILE, After())
    shown = posting(connecting, job)
    assert (shown["state"], shown["external_id"]) == ("published", there["urn"])
    assert calls(connecting, "posts.create") == 0


def test_a_stuck_posting_that_is_nowhere_is_made_once(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    stuck_posting(connecting, job)
    do(connecting, RECONCILE, After())
    [post] = connecting.linkedin.posts()
    assert posting(connecting, job)["external_id"] == post["urn"]
    assert (calls(connecting, "posts.find"), calls(connecting, "posts.create")) == (1, 1)


def stuck_posting(connecting: Connecting, job: int) -> int:
    [credential] = connecting.credentials()
    [row] = connecting.rows(
        """insert into job_postings (job_id, channel, state, target, credential_id, publishing_at, created_at)
           values (%s, 'LINKEDIN', 'publishing', %s, %s, now() - interval '20 minutes', now() - interval '20 minutes')
           returning id""",
        job,
        PAGE,
        credential["id"],
    )
    number: int = row["id"]
    return number


def test_the_only_page_is_found_and_of_two_the_recruiter_chooses(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    answer = publish(connecting, job)
    assert [each["organization_id"] for each in answer.json["published"]] == [PAGE]
    assert posting(connecting, job)["target_name"] == "Exemple SA"


def test_of_two_pages_the_recruiter_chooses(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin", account=TWO_PAGES)
    answer = publish(connecting, job)
    assert answer.status_code == 400
    assert "plusieurs pages" in answer.json["detail"]
    with connecting.working():
        pages = connecting.recruiter.get(f"{URL}/linkedin/organizations").json["organizations"]
    assert pages == [{"id": PAGE, "name": "Exemple SA"}, {"id": OTHER_PAGE, "name": "Exemple Conseil"}]
    assert connecting.rows("select state from task_runs where task = %s", LIST_TARGETS.name) == [{"state": "succeeded"}]
    chosen = publish(connecting, job, organization_ids=[OTHER_PAGE])
    assert [each["organization_id"] for each in chosen.json["published"]] == [OTHER_PAGE]
    [post] = connecting.linkedin.posts(live=True)
    assert post["author"] == OTHER_PAGE


def test_without_rights_nothing_is_posted_on_the_profile(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    answer = publish(connecting, job, organization_ids=["personal", PAGE])
    assert answer.status_code == 200, answer.text
    assert [each["organization_id"] for each in answer.json["published"]] == [PAGE]
    [error] = answer.json["errors"]
    assert error["organization_id"] is None
    assert "profil personnel" in error["error"]
    foreign = publish(connecting, job, organization_ids=["urn:li:organization:999"])
    assert foreign.status_code == 400
    assert [each["author"] for each in connecting.linkedin.posts()] == [PAGE]


def test_not_connected_is_said_at_once(connecting: Connecting, job: int) -> None:
    assert publish(connecting, job).status_code == 400
    assert connecting.recruiter.get(f"{URL}/linkedin/organizations").status_code == 400


def test_a_version_that_is_dead_is_a_matter_of_settings(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    connecting.faults("linkedin", versions=["202612"])
    answer = publish(connecting, job, organization_ids=[PAGE])
    shown = posting(connecting, job)
    assert shown["state"] == "failed", answer.text
    assert shown["error_code"] == "provider.configuration"
    assert shown["error"].startswith("LinkedIn n’accepte pas les publications de notre plateforme pour l’instant")
    [run] = connecting.rows("select error ->> 'message' as message from task_runs where task = 'publishing.publish'")
    assert "LINKEDIN_API_VERSION" in run["message"]
    assert calls(connecting, "posts.create") == 1
    assert connecting.status()["linkedin"]["is_connected"] is True
    told = [shown["error"], *(each["message"] for each in connecting.notifications())]
    assert not any("reconnect" in each.lower() for each in told)


def test_a_connection_that_ended_parks_the_post_and_goes_on_after_reconnection(
    connecting: Connecting, job: int
) -> None:
    connecting.connect("linkedin")
    connecting.rows(
        """update integration_credentials set refresh_token = null, token_expires_at = now() - interval '1 hour'
           returning id"""
    )
    answer = connecting.recruiter.post(
        f"{URL}/linkedin/publish-job",
        {"job_id": job, "organization_ids": [PAGE]},
        headers={"Prefer": "respond-async"},
    )
    assert answer.status_code == 202
    for _ in range(3):
        later(connecting, 2)
    assert posting(connecting, job)["state"] == "publishing"
    assert connecting.linkedin.posts() == []
    assert connecting.status()["linkedin"]["state"] == "needs_reconnect"
    connecting.connect("linkedin")
    connecting.work()
    assert len(connecting.linkedin.posts(live=True)) == 1
    assert posting(connecting, job)["state"] == "published"


def test_withdrawn_it_is_deleted_there_and_its_figures_stay(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    publish(connecting, job, organization_ids=[PAGE])
    [post] = connecting.linkedin.posts(live=True)
    with connecting.working():
        answer = connecting.recruiter.post(f"/api/postings/{posting(connecting, job)['id']}/withdraw", {})
    assert (answer.status_code, answer.json["state"]) == (200, "withdrawn"), answer.text
    assert connecting.linkedin.posts(live=True) == []
    assert posting(connecting, job)["external_id"] == post["urn"]
    assert [run["state"] for run in connecting.rows("select state from task_runs where task = %s", WITHDRAW.name)] == [
        "succeeded"
    ]


def test_a_post_of_an_offer_that_ended_is_deleted(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    publish(connecting, job, organization_ids=[PAGE])
    connecting.app(lambda connection: connection.execute("update jobs set expires_at = now() where id = %s", (job,)))
    do(connecting, EXPIRE, After())
    assert connecting.linkedin.posts(live=True) == []
    assert posting(connecting, job)["state"] == "expired"


def test_a_post_whose_offer_was_deleted_is_deleted(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    publish(connecting, job, organization_ids=[PAGE])
    connecting.app(lambda connection: connection.execute("delete from jobs where id = %s", (job,)))
    do(connecting, REMOVE_POSTS, Limited())
    assert connecting.linkedin.posts(live=True) == []
    [run] = connecting.rows("select state from task_runs where task = %s", REMOVE_POST.name)
    assert run["state"] == "succeeded"


def test_figures_are_kept_as_a_snapshot_and_a_history(connecting: Connecting, job: int) -> None:
    connecting.connect("linkedin")
    publish(connecting, job, organization_ids=[PAGE])
    [post] = connecting.linkedin.posts(live=True)
    path = f"/api/postings/{posting(connecting, job)['id']}/statistics"
    assert connecting.recruiter.get(path).json["current"] is None
    connecting.linkedin.steer(
        "POST", f"posts/{post['urn']}", impressionCount=90, likeCount=-1, clickCount=7, commentCount=2
    )
    do(connecting, REFRESH_STATISTICS, After())
    connecting.linkedin.steer(
        "POST", f"posts/{post['urn']}", impressionCount=120, likeCount=3, clickCount=9, commentCount=2
    )
    do(connecting, REFRESH_STATISTICS, After())
    told = connecting.recruiter.get(path).json
    assert (told["current"]["impressions"], told["current"]["likes"]) == (120, 3)
    assert [(each["impressions"], each["likes"]) for each in told["history"]] == [(120, 3), (90, 0)]
    runs = connecting.rows("select state from task_runs where task = %s", READ_STATISTICS.name)
    assert [run["state"] for run in runs] == ["succeeded", "succeeded"]
    connecting.rows(
        """insert into posting_clicks (job_id, mark, day)
           select %s, 'whatsapp', current_date - days from unnest(array[399, 401]) days returning 1""",
        job,
    )
    connecting.rows(
        """update posting_statistics set fetched_at = now() - interval '401 days'
            where fetched_at = (select min(fetched_at) from posting_statistics) returning 1"""
    )
    do(connecting, ANONYMISE, Anonymise())
    told = connecting.recruiter.get(path).json
    assert [each["impressions"] for each in told["history"]] == [120]
    assert (told["current"]["impressions"], told["visits"]) == (120, {"whatsapp": 1})
