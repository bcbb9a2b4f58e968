"""A company's account at a job board with an API: offers placed once, followed until the board has decided."""

from tests.factories.emulators import MyJobMagEmulator
from tests.integration.api.integrations.conftest import COLLEAGUE, Connecting
from tests.integration.api.integrations.partnering import (
    CUSTOM,
    KEY,
    OTHER_KEY,
    delete_postings_once_answered,
    offer,
    posting,
    publish,
    try_until,
    withdraw,
)
from worker.catalogue.partners import READ_BOARD, READ_BOARDS, ReadBoards
from worker.catalogue.publishing import REMOVE_POSTS, Limited
from worker.ledger.enqueue import enqueue


def read_boards(connecting: Connecting) -> None:
    with connecting.api.database.transaction() as connection:
        enqueue(connection, READ_BOARDS, ReadBoards())
    connecting.work()
    [run] = connecting.rows("select state from task_runs where task = %s", READ_BOARD.name)
    assert run["state"] == "succeeded"


def test_a_board_shows_an_offer_once_its_people_have_seen_it(
    connecting: Connecting, myjobmag: MyJobMagEmulator
) -> None:
    answer = connecting.recruiter.call("PUT", CUSTOM, json={"kind": "myjobmag", "token": KEY})
    assert (answer.status_code, answer.json["country"], answer.json["secret"]) == (201, "gh", None)
    assert KEY not in answer.text
    myjobmag.faults(drop_after=1.0, only="create", times=1)
    job, other = offer(connecting), offer(connecting, "Chauffeur")
    publish(connecting, job)
    waiting = try_until(connecting, job, "awaiting_partner")
    publish(connecting, other)
    [placed, _] = myjobmag.jobs()
    assert (placed["external_id"], placed["title"], placed["requests"]) == (
        waiting["external_id"],
        "Comptable (H/F)",
        2,
    )
    assert placed["apply_url"].endswith(f"?ref=p-{waiting['id']}")
    myjobmag.decide(waiting["external_id"], "published")
    myjobmag.decide(posting(connecting, other)["external_id"], "rejected")
    read_boards(connecting)
    shown = posting(connecting, job)
    assert (shown["state"], shown["address"]) == ("published", "https://www.myjobmag.example/job/1")
    assert posting(connecting, other)["error_code"] == "partner.rejected"
    assert posting(connecting, other)["error"].startswith("Le site d’emploi n’affiche pas cette offre")
    withdraw(connecting, shown["id"])
    assert posting(connecting, job)["state"] == "withdrawn"
    assert myjobmag.jobs()[0]["state"] == "closed"

    publish(connecting, offer(connecting, "Cuisinier"))
    connecting.rows("delete from job_postings returning id")
    with connecting.api.database.transaction() as connection:
        enqueue(connection, REMOVE_POSTS, Limited())
    connecting.work()
    assert [each["state"] for each in myjobmag.jobs()] == ["closed", "rejected", "closed"]


def test_a_key_that_was_replaced_stops_runs_until_the_new_one_is_given(
    connecting: Connecting, myjobmag: MyJobMagEmulator
) -> None:
    connecting.recruiter.call("PUT", CUSTOM, json={"kind": "myjobmag", "token": KEY})
    myjobmag.revoke(KEY)
    myjobmag.faults(auto_publish=True)
    job = offer(connecting)
    assert publish(connecting, job)["state"] == "publishing"
    shown = connecting.recruiter.get(CUSTOM).json
    assert not shown["is_connected"]
    assert "nouvelle clé" in shown["error"]
    told = [each for each in connecting.notifications() if each["title"].startswith("Clé refusée")]
    assert {each["user_id"] for each in told} == {1, COLLEAGUE}
    answer = connecting.recruiter.call("PUT", CUSTOM, json={"kind": "myjobmag", "token": OTHER_KEY})
    assert (answer.status_code, answer.json["is_connected"]) == (200, True)
    connecting.work()
    assert posting(connecting, job)["state"] == "published"
    assert [each["requests"] for each in myjobmag.jobs()] == [1]


def test_an_offer_whose_posting_was_deleted_while_it_was_placed_is_closed(
    connecting: Connecting, myjobmag: MyJobMagEmulator
) -> None:
    connecting.recruiter.call("PUT", CUSTOM, json={"kind": "myjobmag", "token": KEY})
    delete_postings_once_answered(connecting)
    body = {"channels": [{"channel": "custom"}]}
    connecting.recruiter.post(f"/api/jobs/{offer(connecting)}/postings", body, headers={"Prefer": "respond-async"})
    connecting.work()
    with connecting.api.database.transaction() as connection:
        enqueue(connection, REMOVE_POSTS, Limited())
    connecting.work()
    assert [each["state"] for each in myjobmag.jobs()] == ["closed"]
