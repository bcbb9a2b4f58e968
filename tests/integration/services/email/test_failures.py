"""Deliveries that go wrong: lost answers, limits, refusals, and what a person decides afterwards."""

from typing import Any
from uuid import UUID

import pytest

from tests.integration.services.support import Emulator, Platform
from worker.catalogue import email
from worker.kit.database import Row
from worker.ledger.controls import retry, settle

OPERATOR = "user:5"


def batch_row(platform: Platform) -> Row:
    return platform.row("select * from email_batches")


def ids(platform: Platform) -> list[str]:
    return [row["provider_id"] for row in platform.mails()]


def lose_the_answer(platform: Platform, emulator: Emulator, *, count: int = 3, **options: Any) -> UUID:
    """A batch that the provider took without our learning of it."""
    emulator.faults(drop_after_recording=1, times=1)
    run_id = platform.batch(count, **options)
    run = platform.step(run_id)
    assert (run["state"], platform.effects()[0]["state"], set(platform.states())) == ("queued", "intended", {"sending"})
    return run_id


@pytest.mark.parametrize("fault", ["drop_after_recording", "error_5xx_after_recording", "html_200", "empty_200"])
def test_a_lost_answer_is_asked_for_under_the_same_key(platform: Platform, emulator: Emulator, fault: str) -> None:
    emulator.faults(**{fault: 1, "times": 1})
    run_id = platform.batch(100)
    assert platform.step(run_id)["state"] == "queued"
    assert platform.step(run_id)["state"] == "succeeded"
    assert len(emulator.mails()) == 100
    assert emulator.get("resend/counts")["duplicates"] == 0
    assert ids(platform) == [mail["id"] for mail in emulator.mails()]
    assert platform.effects()[0]["sends"] == 2


def test_a_provider_that_is_down_is_asked_again(platform: Platform, emulator: Emulator) -> None:
    emulator.faults(error_5xx=1, times=3)
    run_id = platform.batch(3)
    for attempt in (1, 2, 3):
        run = platform.step(run_id)
        assert (run["state"], run["attempt"], run["error"]["code"]) == ("queued", attempt, "provider.unknown_outcome")
    assert platform.step(run_id)["state"] == "succeeded"
    assert len(emulator.mails()) == 3


def test_what_changes_after_the_bytes_are_fixed_changes_nothing(platform: Platform, emulator: Emulator) -> None:
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


def test_a_rate_limit_costs_no_attempt_and_holds_everybody_back(platform: Platform, emulator: Emulator) -> None:
    emulator.faults(rate_limit={"share": 1, "seconds": 20}, times=1)
    run_id = platform.batch(2)
    run = platform.step(run_id)
    assert (run["state"], run["attempt"], run["error"]["code"]) == ("queued", 0, "provider.rate_limited")
    assert 15 < run["ahead"] <= 20
    limit = platform.row("select extract(epoch from next_at - now())::float8 as wait from rate_limits")
    assert 15 < limit["wait"] <= 21
    assert platform.effects()[0]["state"] == "cleared"
    waiting = platform.step(run_id)
    assert (waiting["state"], waiting["ahead"] > 10, len(emulator.requests())) == ("queued", True, 1)
    platform.change("update rate_limits set next_at = now()")
    platform.change("update task_runs set reserved_at = null")
    assert platform.step(run_id)["state"] == "succeeded"
    assert len(emulator.mails()) == 2


def test_a_refused_account_fails_the_run_and_the_same_bytes_go_once_it_is_mended(
    platform: Platform, emulator: Emulator
) -> None:
    run_id = platform.batch(2)
    platform.connect_provider(key="re_restricted")
    run = platform.step(run_id)
    assert (run["state"], run["error"]["code"]) == ("failed", "provider.configuration")
    assert (platform.states(), platform.effects()[0]["state"]) == (["sending", "sending"], "cleared")
    digest = batch_row(platform)["payload_sha256"]
    platform.change("update jobs set title = 'Autre titre'")
    platform.connect_provider()
    platform.do(lambda connection: retry(connection, run_id, OPERATOR))
    assert platform.step(run_id)["state"] == "succeeded"
    assert batch_row(platform)["payload_sha256"] == digest
    assert "Développeur Python" in emulator.mail(emulator.mails()[0]["id"])["text"]
    assert emulator.get("resend/counts")["accepted"] == 2


def test_a_bad_address_fails_and_the_others_go_under_the_next_generation(
    platform: Platform, emulator: Emulator
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


def test_every_bad_address_fails_one_after_the_other(platform: Platform, emulator: Emulator) -> None:
    run_id = platform.batch(4)
    platform.change("update email_messages set recipient = source where source in ('test:1', 'test:4')")
    platform.drain()
    assert platform.run(run_id)["result"]["messages"] == {"sent": 2, "failed": 2}
    assert platform.states() == ["failed", "sent", "sent", "failed"]
    assert batch_row(platform)["generation"] == 3
    assert emulator.get("resend/counts")["duplicates"] == 0


def test_a_batch_of_one_bad_address_ends_without_a_mail(platform: Platform, emulator: Emulator) -> None:
    run_id = platform.batch(1, recipient="ohne-at")
    platform.drain()
    assert platform.run(run_id)["result"]["messages"] == {"failed": 1}
    assert (batch_row(platform)["count"], batch_row(platform)["sent_at"], emulator.mails()) == (0, None, [])


@pytest.mark.parametrize("bad", [0, 37, 99])
def test_a_refusal_that_names_nobody_is_narrowed_down(platform: Platform, emulator: Emulator, bad: int) -> None:
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


def give_up(platform: Platform, run_id: UUID) -> None:
    """A day goes by without an answer: the key is of no use any more."""
    platform.change("update effects set first_intended_at = now() - interval '24 hours'")
    run = platform.step(run_id)
    assert (run["state"], run["error"]["code"]) == ("uncertain", "effect.uncertain")
    marked = platform.step(platform.enqueue(email.BATCH_PENDING, email.BatchPending()))
    assert marked["result"] == {"batches": 0, "unknown": len(platform.mails())}
    assert set(platform.states()) == {"unknown"}
    assert batch_row(platform)["state"] == "unknown"


def test_an_answer_that_never_came_waits_for_a_person(platform: Platform, emulator: Emulator) -> None:
    give_up(platform, lose_the_answer(platform, emulator))
    assert len(emulator.requests()) == 1
    again = platform.step(platform.enqueue(email.BATCH_PENDING, email.BatchPending()))
    assert again["result"] == {"batches": 0, "unknown": 0}


@pytest.mark.parametrize("reference", [None, {}, {"ids": []}, {"ids": ["one"]}, {"ids": "one"}, {"note": "seen"}])
def test_settled_as_sent_without_usable_ids(
    platform: Platform, emulator: Emulator, reference: dict[str, Any] | None
) -> None:
    run_id = lose_the_answer(platform, emulator)
    give_up(platform, run_id)
    platform.do(
        lambda connection: settle(
            connection, run_id, happened=True, reference=reference, reason="seen in the dashboard", actor=OPERATOR
        )
    )
    assert platform.step(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent"] * 3
    assert ids(platform) == [None] * 3
    assert (len(emulator.requests()), batch_row(platform)["payload"]) == (1, None)


def test_settled_as_sent_under_ids(platform: Platform, emulator: Emulator) -> None:
    run_id = lose_the_answer(platform, emulator)
    give_up(platform, run_id)
    known = {"ids": [mail["id"] for mail in emulator.mails()]}
    platform.do(
        lambda connection: settle(
            connection, run_id, happened=True, reference=known, reason="copied from the dashboard", actor=OPERATOR
        )
    )
    platform.step(run_id)
    assert ids(platform) == known["ids"]


def never_happened(platform: Platform, run_id: UUID) -> None:
    give_up(platform, run_id)
    platform.do(
        lambda connection: settle(connection, run_id, happened=False, reason="not in the dashboard", actor=OPERATOR)
    )


def test_settled_as_not_sent(platform: Platform, emulator: Emulator) -> None:
    emulator.faults(error_5xx=1, times=1)
    run_id = platform.batch(2)
    platform.step(run_id)
    never_happened(platform, run_id)
    assert platform.step(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent", "sent"]
    assert len(emulator.mails()) == 2


def test_settled_as_not_sent_and_then_refused(platform: Platform, emulator: Emulator) -> None:
    emulator.faults(error_5xx=1, times=1)
    run_id = platform.batch(3)
    platform.change("update email_messages set recipient = 'ohne-at' where source = 'test:2'")
    platform.step(run_id)
    never_happened(platform, run_id)
    platform.drain()
    assert platform.run(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent", "failed", "sent"]
    assert emulator.get("resend/counts")["accepted"] == 2
