"""Offers on Facebook and X, with accounts whose rows have the numbers of others in the main web app's table."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.factories import main_web_app
from tests.factories.ledger import OpenTransaction, wait_for_lock
from tests.integration.api.integrations.conftest import COLLEAGUE, RECRUITER, URL, Connecting
from worker.catalogue.publishing import PUBLISH_OFFER
from worker.kit.database import query
from worker.wiring import Wiring

DUE = "update task_runs set run_at = now(), reserved_at = null where state = 'queued'"
ENDED = "select result from task_runs where task = 'publishing.publish_offer' and state = 'succeeded' order by id desc"


@pytest.fixture
def job(connecting: Connecting) -> int:
    made: int = connecting.app(lambda connection: main_web_app.insert_job(connection, "Comptable (H/F) [CDI]"))
    return made


def publish(connecting: Connecting, job: int, channel: str) -> str:
    """The state of the posting once nobody works on it any more, or why there is none."""
    path = f"/api/jobs/{job}/postings"
    body = {"channels": [{"channel": channel}]}
    answer = connecting.recruiter.post(path, body, headers={"Prefer": "respond-async"})
    assert answer.status_code in (200, 202), answer.text
    for _ in range(10):
        # X takes one call of an account in ten seconds.
        connecting.api.database.autocommit("delete from rate_limits", {})
        connecting.api.database.autocommit(DUE, {})
        connecting.work()
        ended = [row["result"] for row in connecting.rows(ENDED) if row["result"]["job_id"] == job]
        shown = {each["channel"]: each["state"] for each in connecting.recruiter.get(path).json}
        if ended and shown.get(channel) != "publishing":
            errors = ended[0]["errors"]
            return str(errors[0]["error"]) if errors else str(shown[channel])
    raise AssertionError("the posting is never published")


def test_an_offer_is_posted_with_the_companys_account_on_facebook(connecting: Connecting, job: int) -> None:
    connecting.connect()
    connecting.connect("facebook")
    connecting.work()
    assert publish(connecting, job, "facebook") == "published"
    assert len(connecting.facebook.posts(live=True)) == 1
    [row] = connecting.channel_accounts()
    assert row["last_used_at"] is not None
    assert connecting.rows("select credential_id, channel_account_id from job_postings") == [
        {"credential_id": None, "channel_account_id": row["id"]}
    ]
    assert connecting.credentials()[0]["last_used_at"] is None


def test_x_is_posted_on_until_its_credits_are_used_up_and_again_once_a_person_says_so(
    connecting: Connecting, job: int
) -> None:
    connecting.connect("linkedin")
    connecting.connect("twitter")
    connecting.work()
    connecting.api.database.autocommit("update channel_accounts set token_expires_at = now()", {})
    assert publish(connecting, job, "twitter") == "published"
    assert connecting.x.counters()["token.refresh"] == 1
    assert len(connecting.x.posts(live=True)) == 1

    connecting.x.faults(credits=0)
    other = connecting.app(lambda connection: main_web_app.insert_job(connection, "Chauffeur"))
    assert publish(connecting, other, "twitter").startswith("Plus rien n’est publié sur X :")
    shown = connecting.status()["twitter"]
    assert (shown["is_connected"], shown["off_since"] is not None) == (True, True)
    heard = [each["user_id"] for each in connecting.notifications() if each["title"] == "X : publication arrêtée"]
    assert heard == [RECRUITER, COLLEAGUE]
    asked = connecting.x.counters()
    third = connecting.app(lambda connection: main_web_app.insert_job(connection, "Soudeur"))
    assert publish(connecting, third, "twitter").startswith("Plus rien n’est publié sur X :")
    assert connecting.x.counters() == asked, "nothing is sent while it is off"

    connecting.x.faults()
    assert connecting.recruiter.post(f"{URL}/twitter/switch-on", {}).status_code == 200
    assert publish(connecting, third, "twitter") == "published"
    assert len(connecting.x.posts(live=True)) == 2
    assert {row["state"] for row in connecting.credentials()} == {"connected"}


def test_a_company_posts_on_x_as_often_as_is_set_in_a_calendar_month(connecting: Connecting) -> None:
    limited(connecting, 2)
    offers = [connecting.app(lambda connection: main_web_app.insert_job(connection, "Soudeur")) for _ in range(4)]
    assert [publish(connecting, offer, "twitter") for offer in offers[:2]] == ["published", "published"]
    third = f"/api/jobs/{offers[2]}/postings"
    assert "atteint pour ce mois" in publish(connecting, offers[2], "twitter")
    assert (connecting.recruiter.get(third).json, len(connecting.x.posts())) == ([], 2), "nothing is made"

    moved = """update job_postings set publishing_at = date_trunc('month', now(), 'UTC') - %s::interval
                where job_id = %s returning id"""
    connecting.rows(moved, "0", offers[0])
    assert "atteint pour ce mois" in publish(connecting, offers[2], "twitter"), "the month's first moment is in it"
    connecting.rows(moved, "1 microsecond", offers[0])
    assert publish(connecting, offers[2], "twitter") == "published", "what was made in another month is not counted"
    assert "atteint pour ce mois" in publish(connecting, offers[3], "twitter")
    assert len(connecting.x.posts(live=True)) == 3


def test_two_who_publish_at_once_do_not_share_the_months_last_post(connecting: Connecting) -> None:
    limited(connecting, 1)
    offers = [connecting.app(lambda connection: main_web_app.insert_job(connection, "Soudeur")) for _ in range(2)]
    [account] = connecting.channel_accounts()
    body = {"channels": [{"channel": "twitter", "targets": [account["account_id"]]}]}
    for offer in offers:
        connecting.recruiter.post(f"/api/jobs/{offer}/postings", body, headers={"Prefer": "respond-async"})
    runs = connecting.rows("select id from task_runs where task = %s and state = 'queued'", PUBLISH_OFFER.name)
    with ThreadPoolExecutor() as threads:
        with OpenTransaction(connecting.api.database) as holding:
            holding.do(lambda connection: query(connection, "select 1 from channel_accounts for no key update"))
            started = [threads.submit(connecting.execute, PUBLISH_OFFER.name, run["id"]) for run in runs]
            wait_for_lock(connecting.api.database, connections=len(runs))
        for each in started:
            each.result()
    assert len(connecting.rows("select id from job_postings")) == 1


def limited(connecting: Connecting, monthly_posts: int) -> None:
    """A company with an account on X, on a platform that lets it post so often."""
    connecting.connect("twitter")
    connecting.work()
    connecting.wiring.close()
    connecting.wiring = Wiring(connecting.settings.model_copy(update={"x_monthly_posts": monthly_posts}))
