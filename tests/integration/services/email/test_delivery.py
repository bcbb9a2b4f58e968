"""Delivering a batch: what is sent, what is not, and what is written down of it."""

import hashlib
import json
import zlib

import pytest

from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.catalogue import email
from worker.services.alerts.eligibility import subscriptions
from worker.services.email.delivery.batch_delivery import BatchDelivery

NO_LINE_BREAK = (
    "The message cannot be put into a mail: a mail's addresses, subject and headers may hold no line break or control "
    "character."
)


def counted(platform: Platform) -> dict[str, int]:
    return {state: platform.states().count(state) for state in set(platform.states())}


def reasons(platform: Platform) -> list[str]:
    return [row["error"] for row in platform.mails() if row["error"]]


def test_every_message_is_sent_and_keeps_its_own_id(platform: Platform, emulator: ResendEmulator) -> None:
    run = platform.step(platform.batch(100))
    assert (run["task"], run["state"]) == (email.DELIVER_BATCH.name, "succeeded")
    assert run["result"]["messages"] == {"sent": 100}
    assert [(mail["to"], mail["id"]) for mail in emulator.mails()] == [
        ([row["recipient"]], row["provider_id"]) for row in platform.mails()
    ]
    assert len({row["provider_id"] for row in platform.mails()}) == 100
    assert all(row["sent_at"] and row["subject"].startswith("1 nouvelle offre") for row in platform.mails())


def test_ids_follow_the_order_of_the_batch_and_not_of_the_rows(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = platform.batch(10)
    platform.change("update email_messages set ordinal = 100 - ordinal")
    assert platform.step(run_id)["state"] == "succeeded"
    by_id = {mail["id"]: mail for mail in emulator.mails()}
    assert all(by_id[row["provider_id"]]["to"] == [row["recipient"]] for row in platform.mails())
    assert all(by_id[row["provider_id"]]["tags"]["message"] == str(row["id"]) for row in platform.mails())


def test_the_bytes_are_dropped_once_the_outcome_is_known_and_their_hash_stays(
    platform: Platform, emulator: ResendEmulator
) -> None:
    emulator.faults(error_5xx=1, times=1)
    run_id = platform.batch(3)
    platform.step(run_id)
    batch = platform.row("select * from email_batches")
    body = zlib.decompress(batch["payload"])
    assert (batch["state"], [mail["to"] for mail in json.loads(body)]) == (
        "sending",
        [[row["recipient"]] for row in platform.mails()],
    )
    platform.step(run_id)
    batch = platform.row("select * from email_batches")
    assert (batch["state"], batch["payload"], batch["count"]) == ("sent", None, 3)
    assert bytes(batch["payload_sha256"]) == hashlib.sha256(body).digest()
    assert batch["sent_at"] is not None
    [effect] = platform.effects()
    assert json.loads(bytes(effect["request"])) == {"batch": batch["id"], "sha256": hashlib.sha256(body).hexdigest()}


def test_the_sender_and_the_tags(platform: Platform, emulator: ResendEmulator) -> None:
    platform.step(platform.batch(1))
    [mail] = emulator.mails()
    assert mail["from"] == platform.settings.from_email
    born = platform.row("select (extract(epoch from created_at) * 1000000)::bigint as at from email_batches")["at"]
    assert mail["key"] == f"email.batch:{mail['tags']['batch']}/1/{born}"
    assert mail["tags"] == {
        "message": str(platform.mails()[0]["id"]),
        "batch": mail["tags"]["batch"],
        "kind": "job_alert",
    }


def test_a_batch_that_was_sent_is_not_sent_again(platform: Platform, emulator: ResendEmulator) -> None:
    platform.step(platform.batch(2))
    batch_id = platform.row("select id from email_batches")["id"]
    again = platform.enqueue(email.DELIVER_BATCH, email.DeliverBatch(batch_id=batch_id))
    assert platform.step(again)["result"] == {"state": "sent"}
    gone = platform.enqueue(email.DELIVER_BATCH, email.DeliverBatch(batch_id=4_000_000))
    assert platform.step(gone)["result"] == {"state": "gone"}
    assert len(emulator.requests()) == 1


def test_without_a_key_nothing_is_fixed_and_the_run_says_what_to_set(platform: Platform) -> None:
    run_id = platform.batch(1)
    platform.connect_provider(key=" ")
    run = platform.step(run_id)
    assert (run["state"], run["error"]["code"]) == ("queued", "provider.configuration")
    assert "RESEND_API_KEY" in run["error"]["message"]
    assert platform.states() == ["pending"]
    platform.connect_provider()


def test_a_suppressed_address_is_left_out_in_any_case(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = platform.batch(3, recipient="Candidat.Deux@Example.org")
    platform.change(
        "update email_messages set recipient = 'libre@example.org' where id = (select min(id) from email_messages)"
    )
    platform.change("insert into suppressions (address, reason) values ('candidat.deux@example.org', 'bounced')")
    assert platform.step(run_id)["result"]["messages"] == {"sent": 1, "suppressed": 2}
    assert [mail["to"] for mail in emulator.mails()] == [["libre@example.org"]]
    assert reasons(platform) == ["The address is on the suppression list."] * 2


def test_a_lifted_suppression_holds_nobody_back(platform: Platform) -> None:
    platform.change(
        "insert into suppressions (address, reason, lifted_at) values ('candidat.1@example.org', 'bounced', now())"
    )
    platform.step(platform.batch(2))
    assert counted(platform) == {"sent": 2}


def test_who_stopped_all_alerts_meanwhile_gets_none(platform: Platform) -> None:
    run_id = platform.batch(4)
    first, second, third, _ = platform.mails()
    platform.change("update email_messages set user_id = 2 where id = %s", first["id"])
    platform.change("update email_messages set user_id = 3 where id = %s", third["id"])
    platform.change("insert into recipient_preferences (user_id, all_alerts_stopped) values (2, true), (3, false)")
    platform.change(
        "insert into recipient_preferences (address, all_alerts_stopped) values (%s, true)", second["recipient"]
    )
    platform.step(run_id)
    assert platform.states() == ["suppressed", "suppressed", "sent", "sent"]
    assert reasons(platform) == ["The recipient stopped all alerts."] * 2


@pytest.mark.parametrize("stop", ["update job_alerts set is_active = false", "delete from job_alerts"])
def test_a_digest_of_an_alert_that_was_stopped_meanwhile_is_not_sent(platform: Platform, stop: str) -> None:
    alert = platform.alert()
    run_id = platform.batch(2, context={"alert_id": alert})
    platform.change("update email_messages set source = 'alert_digest:1' where source = 'test:1'")
    platform.change(stop)
    platform.step(run_id)
    assert platform.states() == ["suppressed", "sent"]
    assert reasons(platform) == ["The alert was paused or deleted."]


def test_a_batch_of_suppressed_messages_asks_nobody(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = platform.batch(2, recipient="stop@example.org")
    platform.change("insert into suppressions (address, reason) values ('stop@example.org', 'complained')")
    assert platform.step(run_id)["result"]["messages"] == {"suppressed": 2}
    batch = platform.row("select * from email_batches")
    assert (batch["state"], batch["sent_at"], batch["finished_at"] is not None) == ("sent", None, True)
    assert emulator.requests() == []
    assert platform.effects() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("context = null", "What the digest should say is no longer on record."),
        ("context = '[]'", "What the digest should say is no longer on record."),
        ("context = context - 'alert_name'", "What the digest should say is no longer on record."),
        ("""context = context || '{"job_ids": ["x"]}'""", "What the digest should say is no longer on record."),
        ("""context = context || '{"job_ids": []}'""", "None of the digest's offers is open any more."),
        ("""context = context || '{"job_ids": [99999999999]}'""", "None of the digest's offers is open any more."),
        (
            """context = context || '{"sections": 5}'""",
            "The mail cannot be written from what is on record (TypeError).",
        ),
        ("template = 'nonsense'", "There is no such layout."),
        ("recipient = null", "The recipient's address is no longer on record."),
        ("recipient = e'a@example.org\\r\\nBcc: b@example.org'", NO_LINE_BREAK),
    ],
)
def test_a_message_that_cannot_be_rendered_fails_alone(
    platform: Platform, emulator: ResendEmulator, change: str, reason: str
) -> None:
    run_id = platform.batch(3)
    platform.change(f"update email_messages set {change} where source = 'test:2'")
    assert platform.step(run_id)["result"]["messages"] == {"sent": 2, "failed": 1}
    assert platform.states() == ["sent", "failed", "sent"]
    assert reasons(platform) == [reason]
    assert [(mail["id"], mail["to"]) for mail in emulator.mails()] == [
        (row["provider_id"], [row["recipient"]]) for row in platform.mails() if row["state"] == "sent"
    ]


def test_a_fault_that_all_messages_meet_fails_none(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = platform.batch(3)
    platform.change("""update email_messages set context = context || '{"sections": 5}'""")
    platform.step(run_id)
    assert platform.states() == ["pending"] * 3
    assert emulator.mails() == []


def test_offers_that_closed_meanwhile_are_left_out(platform: Platform, emulator: ResendEmulator) -> None:
    kept, deleted, closed, expired = (
        platform.offer(title) for title in ("Chef de projet", "Effacée", "Close", "Expirée")
    )
    run_id = platform.batch(1, jobs=[deleted, closed, kept, expired], context={"more": 2})
    platform.change("delete from jobs where id = %s", deleted)
    platform.change("update jobs set status = 'closed' where id = %s", closed)
    platform.change("update jobs set expires_at = now() - interval '1 second' where id = %s", expired)
    platform.step(run_id)
    [mail] = emulator.mails()
    content = emulator.mail(mail["id"])
    assert mail["subject"] == "3 nouvelles offres pour « Python »"
    assert [word in content["text"] for word in ("Chef de projet", "Effacée", "Close", "Expirée")] == [
        True,
        False,
        False,
        False,
    ]
    assert "Et 2 autres offres" in content["text"]


def test_an_alert_name_cannot_reach_the_headers(platform: Platform, emulator: ResendEmulator) -> None:
    name = "Python\r\nBcc: victime@example.org\x00"[:-1] + "\x85\u2028fin"
    platform.step(platform.batch(1, context={"alert_name": name}))
    [mail] = emulator.mails()
    assert mail["subject"] == "1 nouvelle offre pour « Python Bcc: victime@example.org fin »"
    assert mail["to"] == ["candidat.1@example.org"]
    assert "bcc" not in emulator.mail(mail["id"])


def test_each_reader_gets_the_language_that_the_message_names(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = platform.batch(3)
    platform.change("update email_messages set locale = 'en' where source = 'test:2'")
    platform.change("update email_messages set locale = 'pt' where source = 'test:3'")
    platform.step(run_id)
    assert [mail["subject"] for mail in emulator.mails()] == [
        "1 nouvelle offre pour « Python »",
        "1 new job for “Python”",
        "1 nouvelle offre pour « Python »",
    ]


def test_changed_bytes_are_never_sent(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(error_5xx=1, times=1)
    run_id = platform.batch(1)
    platform.step(run_id)
    platform.change("update email_batches set payload = %s", zlib.compress(b"[]"))
    run = platform.step(run_id)
    assert (run["state"], run["error"]["code"]) == ("uncertain", "email.payload_changed")
    assert len(emulator.requests()) == 1


def test_a_batch_has_nothing_to_look_up(platform: Platform) -> None:
    platform.step(platform.batch(1))
    delivery = BatchDelivery(1, platform.wiring.email(), platform.settings, subscriptions)
    assert (delivery.policy, delivery.provider, delivery.window_seconds) == ("replay", "resend", 82_800)
