"""A company's own receiver: what it is sent, once and signed; what it answers; what the company sees of that."""

import json
from typing import Any
from urllib.parse import urlsplit

from tests.factories.api import token
from tests.factories.emulators import ReceiverEmulator
from tests.integration.api import repeating
from tests.integration.api.integrations.conftest import CANDIDATE, COLLEAGUE, FOREIGNER, Connecting
from tests.integration.api.integrations.partnering import (
    CUSTOM,
    KEY,
    check_signature,
    connect,
    log,
    offer,
    posting,
    publish,
    send_again,
    try_until,
    withdraw,
)
from worker.catalogue.partners import SEND_AGAIN
from worker.catalogue.publishing import REMOVE_POSTS, Limited
from worker.catalogue.upkeep import ANONYMISE, Anonymise
from worker.ledger.enqueue import enqueue
from worker.services.publishing.boards import postings as boards
from worker.wiring import Wiring


def test_an_offer_is_handed_to_the_companys_receiver_signed_and_ended_there(
    connecting: Connecting, receiver: ReceiverEmulator
) -> None:
    assert connecting.recruiter.get(CUSTOM).json["kind"] is None
    secret = connect(connecting, receiver)
    shown = connecting.user(COLLEAGUE).get(CUSTOM)
    assert (shown.json["kind"], shown.json["is_connected"], shown.json["url"]) == ("webhook", True, receiver.address())
    assert secret not in shown.text
    kept = connecting.rows("select access_token, refresh_token, settings from channel_accounts")
    assert secret not in str(kept)

    text = "<p>Vous tenez les comptes.</p><script>alert(1)</script>"
    job = offer(connecting, "Comptable R&D <H/F>", description=text, salary_min=400000, currency="XAF")
    first = publish(connecting, job)
    assert (first["state"], first["external_id"]) == ("awaiting_partner", None)
    [came] = receiver.deliveries()
    check_signature(came, secret)
    event = json.loads(came["body"])
    assert (event["type"], event["timestamp"][-6:]) == ("offer.published", "+00:00")
    data = event["data"]
    assert (data["posting_id"], data["job_id"], data["title"]) == (first["id"], job, "Comptable R&D <H/F>")
    assert data["company"] == "Gabon Numérique"
    assert "Vous tenez les comptes." in data["description"]["html"]
    assert "script" not in data["description"]["html"]
    assert "alert" not in data["description"]["text"]
    assert data["salary"] == {"min": 400000, "max": None, "currency": "XAF", "period": "month"}
    assert set(data) >= {"location", "country", "remote", "job_type", "language", "published_at", "expires_at"}
    assert urlsplit(data["apply_url"]).path.startswith("/carrieres/1-")
    assert data["apply_url"].endswith(f"?ref=p-{first['id']}")

    receiver.faults(accepted={"id": "A-7", "url": "https://jobs.example/A-7"})
    seen = publish(connecting, offer(connecting, "Chauffeur"))
    assert (seen["state"], seen["external_id"]) == ("published", "A-7")
    assert seen["address"] == "https://jobs.example/A-7"

    withdraw(connecting, seen["id"])
    [closed] = [json.loads(each["body"]) for each in receiver.deliveries()[2:]]
    assert closed["type"] == "offer.closed"
    assert (closed["data"]["posting_id"], closed["data"]["external_id"]) == (seen["id"], "A-7")
    assert closed["data"]["reason"] == "withdrawn"
    assert posting(connecting, seen["job_id"])["state"] == "withdrawn"
    with connecting.api.database.transaction() as connection:
        boards.confirm(connection, first["id"], "https://jobs.example/7", "user:1")
    found = posting(connecting, job)
    assert (found["state"], found["address"]) == ("published", "https://jobs.example/7")
    assert [(each["event"], each["state"], each["last_status"]) for each in log(connecting)] == [
        ("offer.closed", "delivered", 200),
        ("offer.published", "delivered", 200),
        ("offer.published", "delivered", 204),
    ]


def test_what_is_tried_again_has_its_id_a_fresh_timestamp_and_the_same_bytes(
    connecting: Connecting, receiver: ReceiverEmulator
) -> None:
    """Refused for now, failed, lost on the way back, and sent again by hand when it had arrived."""
    connect(connecting, receiver)
    job = offer(connecting)
    receiver.faults(answer={"status": 429, "headers": {"Retry-After": "1"}}, times=1)
    assert publish(connecting, job)["state"] == "publishing"
    [waiting] = log(connecting)
    assert (waiting["state"], waiting["attempts"], waiting["last_status"]) == ("pending", 1, 429)
    assert waiting["next_try_at"] is not None
    receiver.faults(answer={"status": 503}, times=1)
    while len(receiver.deliveries()) < 2:
        try_until(connecting, job, "publishing")
    receiver.faults(drop_after=1.0, times=1)
    found = try_until(connecting, job, "awaiting_partner")
    [sent] = log(connecting)
    assert (sent["state"], sent["attempts"], sent["last_error"]) == ("delivered", 4, None)
    assert send_again(connecting, sent["id"]).json["attempts"] == 5
    came = receiver.deliveries()
    assert {each["headers"]["webhook-id"] for each in came} == {sent["webhook_id"]}
    assert len({each["body"] for each in came}) == 1
    assert [each["answer"] for each in came] == [429, 503, 204, 204, 204]
    assert posting(connecting, job) == found


def test_two_secrets_sign_while_the_receiver_changes_its_own(
    connecting: Connecting, receiver: ReceiverEmulator
) -> None:
    old = connect(connecting, receiver)
    answer = connecting.recruiter.post(f"{CUSTOM}/rotate-secret")
    assert answer.status_code == 200, answer.text
    new = answer.json["secret"]
    assert answer.json["previous_secret_until"] is not None
    publish(connecting, offer(connecting))
    check_signature(receiver.deliveries()[0], new, old)
    connecting.rows(
        "update channel_accounts set settings = settings || jsonb_build_object('previous_until', now()) returning id"
    )
    publish(connecting, offer(connecting, "Chauffeur"))
    check_signature(receiver.deliveries()[1], new)
    moved = connecting.recruiter.call("PUT", CUSTOM, json={"kind": "webhook", "url": receiver.address("elsewhere")})
    assert (moved.status_code, moved.json["secret"]) == (200, None)
    publish(connecting, offer(connecting, "Cuisinier"))
    check_signature(receiver.deliveries("elsewhere")[0], new)


def test_a_receiver_that_wants_nothing_more_is_switched_off_and_the_company_is_told(
    connecting: Connecting, receiver: ReceiverEmulator
) -> None:
    connect(connecting, receiver)
    standing = publish(connecting, offer(connecting, "Chauffeur"))
    receiver.faults(answer={"status": 410})
    failed = publish(connecting, offer(connecting))
    assert (failed["state"], failed["error_code"]) == ("failed", "webhook.gone")
    shown = connecting.recruiter.get(CUSTOM).json
    assert not shown["is_connected"]
    assert "410" in shown["off_reason"]
    told = [each for each in connecting.notifications() if each["title"].startswith("Webhook arrêté")]
    assert {each["user_id"] for each in told} == {1, COLLEAGUE}
    sent = log(connecting)[0]
    assert (sent["state"], sent["last_status"]) == ("failed", 410)
    assert send_again(connecting, sent["id"]).status_code == 409
    receiver.faults()
    assert publish(connecting, offer(connecting, "Cuisinier"))["error_code"] == "channel.off"
    withdraw(connecting, standing["id"])
    assert posting(connecting, standing["job_id"])["state"] == "withdrawn"
    assert len(receiver.deliveries()) == 2

    again = connecting.recruiter.call("PUT", CUSTOM, json={"kind": "webhook", "url": receiver.address()})
    assert (again.status_code, again.json["is_connected"]) == (200, True)
    assert send_again(connecting, sent["id"]).json["state"] == "delivered"
    assert posting(connecting, failed["job_id"])["state"] == "awaiting_partner"


def test_refusals_are_told_and_a_withdrawal_that_is_refused_is_not_tried_for_ever(
    connecting: Connecting, receiver: ReceiverEmulator
) -> None:
    connect(connecting, receiver)
    standing = publish(connecting, offer(connecting, "Chauffeur"))
    receiver.faults(answer={"status": 302, "headers": {"Location": receiver.address("inside")}})
    failed = publish(connecting, offer(connecting))
    assert (failed["state"], failed["error_code"]) == ("failed", "webhook.redirect")
    assert failed["error"].startswith("L’adresse de votre webhook renvoie à une autre")
    [told] = [each for each in connecting.notifications() if each["title"].startswith("Offre non publiée")]
    assert told["title"].endswith("127.0.0.1"), "whom the company knows, not our word for the channel"
    assert "L’adresse de votre webhook renvoie" in told["message"]
    connecting.rows("insert into recipient_preferences (user_id, locale) values (1, 'en') returning user_id")
    english = posting(connecting, failed["job_id"])
    assert english["error"].startswith("The address of your webhook redirects to another one")
    assert receiver.deliveries("inside") == []
    assert connecting.recruiter.get(CUSTOM).json["is_connected"]
    withdraw(connecting, standing["id"])
    ended = posting(connecting, standing["job_id"])
    assert (ended["state"], ended["error_code"]) == ("withdrawn", "webhook.redirect")

    receiver.faults()
    heard = len(receiver.deliveries())
    connecting.rows("update jobs set expires_at = now() where id = %s returning id", failed["job_id"])
    announcing = next(each for each in log(connecting) if each["posting_id"] == failed["id"])
    assert send_again(connecting, announcing["id"]).status_code == 409
    assert len(receiver.deliveries()) == heard
    assert posting(connecting, failed["job_id"])["state"] == "failed"

    # As anywhere but on a laptop. The system's resolver knows this name as 127.0.0.1.
    connecting.wiring.close()
    connecting.wiring = Wiring(connecting.settings.model_copy(update={"webhook_local_receivers": False}))
    connecting.rows("update channel_accounts set settings = jsonb_build_object('url', 'https://127.1/in') returning id")
    house = publish(connecting, offer(connecting, "Cuisinier"))
    assert (house["state"], house["error_code"]) == ("failed", "address.not_public")
    assert (log(connecting)[0]["state"], log(connecting)[0]["last_status"]) == ("failed", None)
    assert len(receiver.deliveries()) == 3


def test_a_delivery_in_doubt_is_settled_when_it_is_sent_again(
    connecting: Connecting, receiver: ReceiverEmulator
) -> None:
    connect(connecting, receiver)
    receiver.faults(drop_after=1.0)
    job = offer(connecting)
    assert publish(connecting, job)["state"] == "publishing"
    connecting.rows("update task_runs set max_attempts = attempt + 1 where task = 'publishing.publish' returning id")
    assert try_until(connecting, job, "unknown")["state"] == "unknown"
    receiver.faults(accepted={"id": "A-7", "url": "https://jobs.example/A-7"})
    [sent] = log(connecting)
    assert sent["state"] == "pending"
    assert send_again(connecting, sent["id"]).json["state"] == "delivered"
    [asked] = connecting.rows("select payload, result from task_runs where task = %s", SEND_AGAIN.name)
    assert asked["payload"] == {"delivery_id": sent["id"], "asked_by": 1}
    assert asked["result"]["delivered"]
    connecting.work()
    found = posting(connecting, job)
    assert (found["state"], found["external_id"]) == ("published", "A-7")
    assert {each["headers"]["webhook-id"] for each in receiver.deliveries()} == {sent["webhook_id"]}


def test_a_delivery_in_doubt_is_settled_by_a_person_who_sees_the_offer_there(
    connecting: Connecting, receiver: ReceiverEmulator
) -> None:
    connect(connecting, receiver)
    receiver.faults(drop_after=1.0)
    job = offer(connecting)
    publish(connecting, job)
    connecting.rows("update task_runs set max_attempts = attempt + 1 where task = 'publishing.publish' returning id")
    doubtful = try_until(connecting, job, "unknown")
    path = f"/api/postings/{doubtful['id']}/decide"
    assert connecting.recruiter.post(path, {"exists": True, "post": "javascript:alert(1)"}).status_code == 422
    answer = connecting.recruiter.post(path, {"exists": True, "post": "https://jobs.example/7"})
    assert (answer.status_code, answer.json["state"]) == (200, "published"), answer.text
    connecting.work()
    assert posting(connecting, job)["address"] == "https://jobs.example/7"
    assert {row["state"] for row in connecting.rows("select state from task_runs")} == {"succeeded"}


def test_what_ended_is_forgotten_and_nothing_is_published_there(
    connecting: Connecting, receiver: ReceiverEmulator
) -> None:
    connect(connecting, receiver)
    publish(connecting, offer(connecting))
    answer = connecting.recruiter.call("DELETE", f"{CUSTOM}/disconnect")
    assert answer.status_code == 200, answer.text
    assert connecting.recruiter.get(CUSTOM).json["kind"] is None
    [row] = connecting.rows("select access_token, refresh_token, state from channel_accounts")
    assert row == {"access_token": "", "refresh_token": None, "state": "disconnected"}
    asked = connecting.recruiter.post(f"/api/jobs/{offer(connecting)}/postings", {"channels": [{"channel": "custom"}]})
    assert asked.status_code == 400, asked.text
    [sent] = log(connecting)
    assert send_again(connecting, sent["id"]).status_code == 409
    connecting.rows("update webhook_deliveries set created_at = now() - interval '31 days' returning id")
    with connecting.api.database.transaction() as connection:
        enqueue(connection, ANONYMISE, Anonymise())
    connecting.work()
    assert log(connecting) == []


def test_the_partner_hears_of_a_posting_that_was_deleted(connecting: Connecting, receiver: ReceiverEmulator) -> None:
    connect(connecting, receiver)
    receiver.faults(accepted={"id": "A-7", "url": "https://jobs.example/A-7"})
    told = [publish(connecting, offer(connecting))]
    receiver.faults()
    told.append(publish(connecting, offer(connecting, "Chauffeur")))
    assert [each["state"] for each in told] == ["published", "awaiting_partner"]
    connecting.rows("delete from job_postings returning id")
    with connecting.api.database.transaction() as connection:
        enqueue(connection, REMOVE_POSTS, Limited())
    connecting.work()
    heard = [json.loads(each["body"]) for each in receiver.deliveries()[2:]]
    assert {each["type"] for each in heard} == {"offer.closed"}
    assert [each["data"] for each in heard] == [
        {"posting_id": told[0]["id"], "external_id": "A-7", "reason": "withdrawn"},
        {"posting_id": told[1]["id"], "external_id": None, "reason": "withdrawn"},
    ]
    assert [each["posting_id"] for each in log(connecting)] == [None, None]


def test_each_change_is_made_once_and_its_secret_lies_in_no_answer_that_is_kept(
    connecting: Connecting, receiver: ReceiverEmulator
) -> None:
    save, rotate, end = repeating.PARTNERS
    save = save._replace(body={"kind": "webhook", "url": receiver.address()})
    other = save._replace(body={"kind": "webhook", "url": receiver.address("other")})
    tables = ("channel_accounts", "audit_log")
    made = repeating.check(connecting.recruiter, save, other, *tables)
    kept = connecting.rows("delete from task_keys returning answer")
    turned = repeating.check(connecting.recruiter, rotate, other, *tables)
    kept += connecting.rows("select answer from task_keys")
    assert made.json["secret"] != turned.json["secret"]
    for secret in (made.json["secret"], turned.json["secret"]):
        assert secret.startswith("whsec_")
        assert secret not in str(kept)
    connecting.user(COLLEAGUE).post(f"{CUSTOM}/rotate-secret")
    late = rotate.send(connecting.recruiter)
    assert (late.status_code, late.json["secret"]) == (200, None)
    connecting.rows("delete from task_keys returning key")
    repeating.check(connecting.recruiter, end, other, *tables)


def test_what_cannot_be_connected_is_refused_with_its_place(connecting: Connecting) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"kind": "webhook"}, "url"),
        ({"kind": "webhook", "url": "ftp://hooks.example/"}, "url"),
        ({"kind": "webhook", "url": "https://user:word@hooks.example/"}, "url"),
        ({"kind": "webhook", "url": "x" * 2001}, "url"),
        ({"kind": "myjobmag"}, "token"),
        ({"kind": "myjobmag", "token": "mjm_fr_a1b2c3d4e5f6"}, "token"),
        ({"kind": "myjobmag", "token": KEY, "country": "ng"}, "country"),
        ({"kind": "fax"}, "kind"),
    ]
    for body, place in wrong:
        answer = connecting.recruiter.call("PUT", CUSTOM, json=body)
        assert answer.status_code == 422, answer.text
        assert place in answer.json["errors"][0]["loc"]
        assert KEY not in answer.text
    assert connecting.rows("select id from channel_accounts") == []


def test_nobody_else_reaches_a_companys_partner(connecting: Connecting, receiver: ReceiverEmulator) -> None:
    connect(connecting, receiver)
    publish(connecting, offer(connecting))
    [sent] = log(connecting)
    foreigner = connecting.user(FOREIGNER)
    assert foreigner.get(CUSTOM).json["kind"] is None
    assert foreigner.get(f"{CUSTOM}/deliveries").json == []
    assert foreigner.post(f"{CUSTOM}/deliveries/{sent['id']}/send-again").status_code == 404
    assert foreigner.post(f"{CUSTOM}/rotate-secret").status_code == 409
    assert foreigner.call("DELETE", f"{CUSTOM}/disconnect").status_code == 200
    assert connecting.recruiter.post(f"{CUSTOM}/deliveries/999999/send-again").status_code == 404
    assert connecting.recruiter.get(CUSTOM).json["is_connected"]
    candidate = connecting.api.with_token(token(sub=str(CANDIDATE), role="candidate"))
    for method, path in (("GET", ""), ("PUT", ""), ("POST", "/rotate-secret"), ("GET", "/deliveries")):
        options = {"json": {"kind": "webhook", "url": receiver.address()}} if method == "PUT" else {}
        assert candidate.call(method, f"{CUSTOM}{path}", **options).status_code == 403
        assert connecting.api.with_token("nobody's").call(method, f"{CUSTOM}{path}", **options).status_code == 401
