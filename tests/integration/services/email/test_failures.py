"""Deliveries that go wrong: lost answers, limits, refusals, and what a person decides afterwards."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.factories.emulators import ResendEmulator
from tests.integration.services.email.lost_answers import batch_row, give_up, lose_the_answer
from tests.integration.services.support import Platform
from worker.catalogue import email
from worker.ledger.controls import resolve

OPERATOR = "user:5"


def ids(platform: Platform) -> list[str]:
    return [row["provider_id"] for row in platform.mails()]


@pytest.mark.parametrize("fault", ["drop_after_recording", "error_5xx_after_recording", "html_200", "empty_200"])
def test_a_lost_answer_is_asked_for_under_the_same_key(
    platform: Platform, emulator: ResendEmulator, fault: str
) -> None:
    emulator.faults(**{fault: 1, "times": 1})
    run_id = platform.batch(100)
    assert platform.step(run_id)["state"] == "queued"
    assert platform.step(run_id)["state"] == "succeeded"
    assert len(emulator.mails()) == 100
    assert emulator.get("resend/counts")["duplicates"] == 0
    assert ids(platform) == [mail["id"] for mail in emulator.mails()]
    assert platform.effects()[0]["sends"] == 2


def test_a_provider_that_is_down_is_asked_again(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(error_5xx=1, times=3)
    run_id = platform.batch(3)
    for attempt in (1, 2, 3):
        run = platform.step(run_id)
        assert (run["state"], run["attempt"], run["error"]["code"]) == ("queued", attempt, "provider.unknown_outcome")
    assert platform.step(run_id)["state"] == "succeeded"
    assert len(emulator.mails()) == 3


def test_what_changes_after_the_bytes_are_fixed_changes_nothing(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(error_5xx=1, times=1)
    run_id = platform.batch(2)
    platform.step(run_id)
    platform.change("insert into suppressions (address, reason) values ('candidat.1@example.org', 'bounced')")
    platform.change("update jobs set title = 'Autre titre', status = 'closed'")
    digest = batch_row(platform)["payload_sha256"]
    assert platform.step(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent", "sent"]
    assert batch_row(platform)["payload_sha256"] == digest
    first = emulator.mail(emulator.mails()[0]["id"])
    assert (first["to"], "Développeur Python" in first["html"]) == (["candidat.1@example.org"], True)


def test_a_rate_limit_costs_no_attempt_and_holds_everybody_back(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(rate_limit={"share": 1, "seconds": 20}, times=1)
    run_id = platform.batch(2)
    run = platform.step(run_id)
    assert (run["state"], run["attempt"], run["error"]["code"]) == ("queued", 0, "provider.rate_limited")
    assert 15 < run["ahead"] <= 20
    limit = platform.row("select extract(epoch from next_at - now())::float8 as wait from rate_limits")
    assert 15 < limit["wait"] <= 21
    assert [(each["generation"], each["state"]) for each in platform.effects()] == [(1, "cleared")]
    waiting = platform.step(run_id)
    assert (waiting["state"], waiting["ahead"] > 10, len(emulator.requests())) == ("queued", True, 1)
    platform.change("update rate_limits set next_at = now()")
    platform.change("update task_runs set reserved_at = null")
    assert platform.step(run_id)["state"] == "succeeded"
    assert len(emulator.mails()) == 2


def limited(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(rate_limit={"share": 1, "seconds": 0}, times=1)


def used_up(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(daily_quota=0)


def away(platform: Platform, emulator: ResendEmulator) -> None:
    platform.resend_url = "http://127.0.0.1:9/resend"
    platform.connect_provider()


def unaccepted(platform: Platform, emulator: ResendEmulator) -> None:
    platform.connect_provider(key="re_invalid")


@pytest.mark.parametrize("trouble", [limited, used_up, away, unaccepted])
def test_after_a_definite_no_everything_is_asked_and_written_anew(
    platform: Platform, emulator: ResendEmulator, trouble: Callable[[Platform, ResendEmulator], None]
) -> None:
    alert, url = platform.alert(), platform.resend_url
    run_id = platform.batch(4, context={"alert_id": alert})
    platform.change("update email_messages set user_id = 2 where source = 'test:2'")
    platform.change("update email_messages set source = 'alert_digest:3' where source = 'test:3'")
    trouble(platform, emulator)
    assert platform.step(run_id)["state"] == "queued"
    assert (platform.states(), batch_row(platform)["generation"]) == (["pending"] * 4, 2)
    platform.change("insert into suppressions (address, reason) values ('candidat.1@example.org', 'complained')")
    platform.change("insert into recipient_preferences (user_id, all_alerts_stopped) values (2, true)")
    platform.change("update job_alerts set is_active = false")
    platform.change("update jobs set title = 'Autre titre'")
    emulator.faults()
    platform.resend_url = url
    platform.connect_provider()
    platform.change("delete from rate_limits")
    assert platform.step(run_id)["state"] == "succeeded"
    assert platform.states() == ["suppressed", "suppressed", "suppressed", "sent"]
    [mail] = emulator.mails()
    assert (mail["to"], mail["key"].split("/")[1]) == (["candidat.4@example.org"], "2")
    assert "Autre titre" in emulator.mail(mail["id"])["text"]
    assert [(each["generation"], each["state"]) for each in platform.effects()] == [(1, "cleared"), (2, "done")]


def test_a_batch_of_another_life_of_the_database_has_another_key(platform: Platform, emulator: ResendEmulator) -> None:
    platform.step(platform.batch(1))
    for statement in (
        "truncate email_messages, email_batches restart identity cascade",
        "delete from task_runs",
        "delete from task_keys",
        "delete from effects",
    ):
        platform.change(statement)
    run_id = platform.batch(2, recipient="autre@example.org")
    assert platform.step(run_id)["state"] == "succeeded"
    first, second, _ = (mail["key"] for mail in emulator.mails())
    assert (first.split("/")[0], first != second) == (second.split("/")[0], True)


def test_a_restored_batch_keeps_its_key_and_is_not_sent_twice(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = platform.batch(2)
    platform.step(run_id)
    platform.change("delete from effects")
    platform.change("update email_messages set state = 'pending', provider_id = null, sent_at = null, subject = null")
    platform.change("update email_batches set state = 'pending', sent_at = null, finished_at = null")
    platform.change("update task_runs set state = 'queued', finished_at = null where id = %s", run_id)
    assert platform.step(run_id)["state"] == "succeeded"
    assert (len(emulator.requests()), len(emulator.mails())) == (2, 2)


def conflicting(platform: Platform, emulator: ResendEmulator) -> UUID:
    """A batch whose key the provider knows with other content."""
    run_id = platform.batch(2)
    emulator.faults(
        answer={"status": 409, "name": "invalid_idempotent_request", "message": "Another payload."}, times=1
    )
    run = platform.step(run_id)
    assert (run["state"], run["error"]["code"]) == ("uncertain", "provider.key_conflict")
    return run_id


def test_a_key_conflict_proves_nothing(platform: Platform, emulator: ResendEmulator) -> None:
    conflicting(platform, emulator)
    assert (platform.states(), platform.effects()[0]["state"]) == (["sending"] * 2, "intended")
    platform.drain()
    assert len(emulator.requests()) == 1


def test_settled_as_not_sent_a_key_that_stands_for_other_content_is_replaced(
    platform: Platform, emulator: ResendEmulator
) -> None:
    run_id = conflicting(platform, emulator)
    before = platform.effects()[0]["provider_key"]
    platform.do(lambda connection: resolve(connection, run_id, happened=False, reason="not there", actor=OPERATOR))
    assert platform.step(run_id)["state"] == "succeeded"
    keys = {mail["key"] for mail in emulator.mails()}
    assert (len(keys), keys != {before}, keys.pop().startswith(f"{before}/")) == (1, True, True)


def test_what_the_release_before_froze_keeps_its_key(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = lose_the_answer(platform, emulator)
    platform.change("update effects set provider_key = null, provider_key_seconds = null, window_seconds = 82800")
    assert platform.step(run_id)["state"] == "succeeded"
    batch = batch_row(platform)["id"]
    assert len({mail["id"] for mail in emulator.mails()}) == len(emulator.mails())
    assert platform.effects()[0]["provider_key"] is None
    assert f"email.batch:{batch}/1" in [each["key"] for each in emulator.requests()]


def test_the_release_before_never_repeats_what_this_one_sent(platform: Platform, emulator: ResendEmulator) -> None:
    lose_the_answer(platform, emulator)
    [effect] = platform.effects()
    assert (effect["window_seconds"], effect["provider_key_seconds"]) == (None, 82_800)


def test_a_bad_address_fails_and_the_others_go_under_the_next_generation(
    platform: Platform, emulator: ResendEmulator
) -> None:
    run_id = platform.batch(5)
    platform.change("update email_messages set recipient = 'ohne-at' where source = 'test:3'")
    run = platform.step(run_id)
    assert (run["state"], run["attempt"]) == ("queued", 0)
    batch = batch_row(platform)
    assert (batch["generation"], batch["state"], batch["payload"], batch["count"]) == (2, "pending", None, 4)
    assert platform.states() == ["pending", "pending", "failed", "pending", "pending"]
    assert "Invalid `to`" in platform.mails()[2]["error"]
    assert platform.step(run_id)["result"]["messages"] == {"sent": 4, "failed": 1}
    assert [mail["to"] for mail in emulator.mails()] == [[f"candidat.{n}@example.org"] for n in (1, 2, 4, 5)]
    assert ids(platform) == [
        *[mail["id"] for mail in emulator.mails()[:2]],
        None,
        *[mail["id"] for mail in emulator.mails()[2:]],
    ]
    assert [(each["generation"], each["state"]) for each in platform.effects()] == [(1, "refused"), (2, "done")]


def test_every_bad_address_fails_one_after_the_other(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = platform.batch(4)
    platform.change("update email_messages set recipient = source where source in ('test:1', 'test:4')")
    platform.drain()
    assert platform.run(run_id)["result"]["messages"] == {"sent": 2, "failed": 2}
    assert platform.states() == ["failed", "sent", "sent", "failed"]
    assert batch_row(platform)["generation"] == 3
    assert emulator.get("resend/counts")["duplicates"] == 0


def test_a_batch_of_one_bad_address_ends_without_a_mail(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = platform.batch(1, recipient="ohne-at")
    platform.drain()
    assert platform.run(run_id)["result"]["messages"] == {"failed": 1}
    assert (batch_row(platform)["count"], batch_row(platform)["sent_at"], emulator.mails()) == (0, None, [])


@pytest.mark.parametrize("bad", [0, 37, 99])
def test_a_refusal_that_names_nobody_is_narrowed_down(platform: Platform, emulator: ResendEmulator, bad: int) -> None:
    emulator.faults(nameless_refusals=True)
    platform.batch(100)
    platform.change("update email_messages set recipient = 'ohne-at' where ordinal = %s", bad)
    platform.drain()
    failed = [row["source"] for row in platform.mails() if row["state"] == "failed"]
    assert failed == [f"test:{bad + 1}"]
    assert platform.states().count("sent") == 99
    assert emulator.get("resend/counts") == {
        "accepted": 99,
        "recipients": 99,
        "duplicates": 0,
        "duplicate_rows": [],
    }
    assert {row["state"] for row in platform.rows("select state from email_batches")} == {"sent"}
    assert {row["state"] for row in platform.deliveries()} == {"succeeded"}
    by_id = {mail["id"]: mail["to"] for mail in emulator.mails()}
    assert all(by_id[row["provider_id"]] == [row["recipient"]] for row in platform.mails() if row["state"] == "sent")


def test_an_answer_that_never_came_waits_for_a_person(platform: Platform, emulator: ResendEmulator) -> None:
    give_up(platform, lose_the_answer(platform, emulator))
    assert len(emulator.requests()) == 1
    again = platform.step(platform.enqueue(email.BATCH_PENDING, email.BatchPending()))
    assert again["result"] == {"batches": 0, "unknown": 0}


@pytest.mark.parametrize("reference", [None, {}, {"ids": []}, {"ids": ["one"]}, {"ids": "one"}, {"note": "seen"}])
def test_settled_as_sent_without_usable_ids(
    platform: Platform, emulator: ResendEmulator, reference: dict[str, Any] | None
) -> None:
    run_id = lose_the_answer(platform, emulator)
    give_up(platform, run_id)
    platform.do(
        lambda connection: resolve(
            connection, run_id, happened=True, reference=reference, reason="seen in the dashboard", actor=OPERATOR
        )
    )
    assert platform.step(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent"] * 3
    assert ids(platform) == [None] * 3
    assert (len(emulator.requests()), batch_row(platform)["payload"]) == (1, None)


def test_settled_as_sent_under_ids(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = lose_the_answer(platform, emulator)
    give_up(platform, run_id)
    known = {"ids": [mail["id"] for mail in emulator.mails()]}
    platform.do(
        lambda connection: resolve(
            connection, run_id, happened=True, reference=known, reason="copied from the dashboard", actor=OPERATOR
        )
    )
    platform.step(run_id)
    assert ids(platform) == known["ids"]


def never_happened(platform: Platform, run_id: UUID) -> None:
    give_up(platform, run_id)
    platform.do(
        lambda connection: resolve(connection, run_id, happened=False, reason="not in the dashboard", actor=OPERATOR)
    )


def test_settled_as_not_sent(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(error_5xx=1, times=1)
    run_id = platform.batch(2)
    platform.step(run_id)
    [before] = platform.effects()
    never_happened(platform, run_id)
    assert platform.step(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent", "sent"]
    assert [mail["key"] for mail in emulator.mails()] == [before["provider_key"]] * 2
    assert batch_row(platform)["generation"] == before["generation"]


def test_settled_as_not_sent_and_then_refused(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(error_5xx=1, times=1)
    run_id = platform.batch(3)
    platform.change("update email_messages set recipient = 'ohne-at' where source = 'test:2'")
    platform.step(run_id)
    never_happened(platform, run_id)
    platform.drain()
    assert platform.run(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent", "failed", "sent"]
    assert emulator.get("resend/counts")["accepted"] == 2


@pytest.mark.parametrize(
    "message",
    [
        "emails[0]: invalid value \0 in subject",
        ["emails[0]: to must be an address", "emails[0]: subject too long"],
        "emails[0]: half \ud83d a character",
    ],
)
def test_a_refusal_in_words_that_cannot_be_stored_costs_one_mail(
    platform: Platform, emulator: ResendEmulator, message: Any
) -> None:
    emulator.faults(answer={"status": 422, "name": "validation_error", "message": message}, times=1)
    run_id = platform.batch(3)
    run = platform.step(run_id)
    assert (run["state"], platform.states()) == ("queued", ["failed", "pending", "pending"])
    assert platform.step(run_id)["result"]["messages"] == {"sent": 2, "failed": 1}


def test_a_refusal_without_words_costs_one_mail(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(answer={"status": 422, "name": "validation_error", "message": None}, times=1)
    run = platform.step(platform.batch(1))
    assert (run["state"], platform.states()) == ("queued", ["failed"])


@pytest.mark.parametrize("message", ["The domain \0 is not verified", "The domain is not verified"])
def test_a_domain_that_is_refused_in_such_words_is_no_fault_of_the_mails(
    platform: Platform, emulator: ResendEmulator, message: str
) -> None:
    emulator.faults(answer={"status": 403, "name": "validation_error", "message": message}, times=1)
    run_id = platform.batch(2)
    run = platform.step(run_id)
    assert (run["error"]["code"], platform.states()) == ("provider.configuration", ["pending"] * 2)
    assert platform.step(run_id)["state"] == "succeeded"
