"""What the provider reports: every order, every repetition, and batches that it alone still knows about."""

import itertools
from typing import Any
from uuid import UUID

import pytest

from tests.factories.emulators import ResendEmulator
from tests.integration.services.email.lost_answers import give_up, lose_the_answer
from tests.integration.services.support import Platform
from worker.catalogue import email
from worker.kit.database import Row
from worker.services.email.delivery import events
from worker.services.email.recipients import suppression

NUMBERS = itertools.count(1)
ADDRESS = "candidat.1@example.org"


def event(
    type_: str, message: Row | None = None, *, to: str | list[str] = ADDRESS, email_id: str = "re-1", **data: Any
) -> dict[str, Any]:
    tags = {"message": str(message["id"]), "batch": "1"} if message else {}
    created_at = data.pop("created_at", "2026-11-24T10:00:00.000Z")
    facts = {
        "email_id": email_id,
        "to": to if isinstance(to, list) else [to],
        "from": "x",
        "subject": "Bonjour Awa",
        "tags": tags,
        **data,
    }
    return {"type": f"email.{type_}", "created_at": created_at, "data": facts}


BOUNCED: dict[str, Any] = {
    "bounce": {"type": "Permanent", "subType": "General", "message": "550 unknown <candidat.1@example.org>"}
}
SOFT: dict[str, Any] = {"bounce": {"type": "Transient", "subType": "MailboxFull", "message": "full"}}


def receive(platform: Platform, body: dict[str, Any], identifier: str | None = None) -> bool:
    report = events.read(body)
    assert report is not None
    return platform.do(lambda connection: events.receive(connection, identifier or f"msg_{next(NUMBERS)}", report))


def report(platform: Platform, type_: str, message: Row | None = None, **data: Any) -> None:
    """Receive an event and carry out its run."""
    assert receive(platform, event(type_, message, **data))
    platform.drain()


def delivered_batch(platform: Platform, count: int = 1) -> list[Row]:
    platform.step(platform.batch(count))
    assert set(platform.states()) == {"sent"}
    return platform.mails()


def suppressed(platform: Platform) -> list[tuple[str, str]]:
    return [
        (row["address"], row["reason"]) for row in platform.rows("select * from suppressions where lifted_at is null")
    ]


def test_an_event_is_one_run_however_often_it_arrives(platform: Platform) -> None:
    [mail] = delivered_batch(platform)
    body = event("delivered", mail, email_id=mail["provider_id"])
    assert [receive(platform, body, "msg_same") for _ in range(3)] == [True, False, False]
    runs = platform.rows("select * from task_runs where task = 'email.apply_event'")
    row = platform.row("select * from inbound_events")
    assert [run["id"] for run in runs] == [row["run_id"]]
    platform.drain()
    assert platform.states() == ["delivered"]
    assert platform.row("select handled_at from inbound_events")["handled_at"] is not None
    again = platform.step(platform.enqueue(email.APPLY_EVENT, email.ApplyEvent(event_id=row["id"])))
    assert again["result"] == {"state": "handled"}


def test_little_of_an_event_is_kept(platform: Platform) -> None:
    receive(platform, event("bounced", **BOUNCED))
    kept = platform.row("select payload from inbound_events")["payload"]
    assert "Bonjour" not in str(kept)
    assert "550" not in str(kept)


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivery_delayed", "delivered", "complained"])))
def test_states_only_move_forward(platform: Platform, order: tuple[str, ...]) -> None:
    [mail] = delivered_batch(platform)
    for type_ in order:
        report(platform, type_, mail, email_id=mail["provider_id"])
    assert platform.states() == ["complained"]
    assert suppressed(platform) == [(ADDRESS, "complained")]


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ("bounced", "delivered", "bounced"),
        ("delivered", "bounced", "bounced"),
        ("complained", "bounced", "complained"),
        ("suppressed", "sent", "suppressed"),
        ("failed", "sent", "failed"),
        ("failed", "delivered", "delivered"),
        ("delivered", "failed", "delivered"),
    ],
)
def test_which_report_wins(platform: Platform, first: str, second: str, state: str) -> None:
    [mail] = delivered_batch(platform)
    for type_ in (first, second):
        report(platform, type_, mail, email_id=mail["provider_id"])
    assert platform.states() == [state]


def test_a_hard_bounce_ends_writing_to_the_address(platform: Platform, emulator: ResendEmulator) -> None:
    [mail] = delivered_batch(platform)
    report(platform, "bounced", mail, email_id=mail["provider_id"], **BOUNCED)
    [row] = platform.mails()
    assert (row["state"], row["error"]) == ("bounced", "The mail came back (Permanent, General).")
    assert suppressed(platform) == [(ADDRESS, "bounced")]
    platform.write(1, jobs=[1], source="test:again")
    platform.fill()
    platform.drain()
    assert platform.states() == ["bounced", "suppressed"]
    assert len(emulator.mails()) == 1


def test_passing_bounces_count_until_a_mail_arrives(platform: Platform) -> None:
    for mail in delivered_batch(platform, 2):
        report(platform, "bounced", mail, email_id=mail["provider_id"], to=mail["recipient"], **SOFT)
    report(platform, "bounced", email_id="elsewhere", **SOFT)
    counts = "select address, count from soft_bounces order by address"
    assert [(row["address"], row["count"]) for row in platform.rows(counts)] == [
        (ADDRESS, 2),
        ("candidat.2@example.org", 1),
    ]
    assert suppressed(platform) == []
    report(platform, "delivered", email_id="elsewhere-2")
    assert len(platform.rows(counts)) == 1


def test_other_mails_of_the_account_count_as_well(platform: Platform) -> None:
    report(platform, "complained", email_id="theirs", to="Awa <AWA@example.org>")
    report(platform, "bounced", email_id="many", to=["a@b.ga", "c@d.ga"], **BOUNCED)
    assert suppressed(platform) == [("awa@example.org", "complained")]


def test_a_cause_from_before_the_lifting_does_not_count(platform: Platform) -> None:
    report(platform, "complained", email_id="one", created_at="2026-01-01T10:00:00Z")
    assert platform.do(
        lambda connection: suppression.lift(connection, ADDRESS.upper(), actor="user:1", reason="asked by telephone")
    )
    report(platform, "complained", email_id="two", created_at="2026-01-01T11:00:00Z")
    assert suppressed(platform) == []
    report(platform, "complained", email_id="three", created_at="2100-01-01T11:00:00Z")
    assert suppressed(platform) == [(ADDRESS, "complained")]


def test_a_tag_of_another_installation_reaches_no_message(platform: Platform, emulator: ResendEmulator) -> None:
    lose_the_answer(platform, emulator, count=1)
    [mail] = platform.mails()
    report(platform, "delivered", mail, to="somebody.else@example.org")
    assert platform.states() == ["sending"]
    platform.drain()


def test_a_webhook_may_be_faster_than_our_own_record(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = lose_the_answer(platform, emulator, count=3)
    first, second, _ = platform.mails()
    sent = [mail["id"] for mail in emulator.mails()]
    report(platform, "sent", second, email_id=sent[1], to=second["recipient"])
    report(platform, "bounced", first, email_id=sent[0], to=first["recipient"], **BOUNCED)
    assert platform.states() == ["bounced", "sent", "sending"]
    assert platform.step(run_id)["state"] == "succeeded"
    assert platform.states() == ["bounced", "sent", "sent"]
    assert [row["provider_id"] for row in platform.mails()] == sent
    assert len(emulator.mails()) == 3


def test_one_webhook_settles_a_batch_that_waits_for_a_person(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = lose_the_answer(platform, emulator, count=3)
    give_up(platform, run_id)
    _, second, _ = platform.mails()
    report(platform, "delivered", second, email_id="re-2", to=second["recipient"])
    assert platform.run(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent", "delivered", "sent"]
    assert [row["provider_id"] for row in platform.mails()] == [None, "re-2", None]
    assert platform.row("select state, payload from email_batches") == {"state": "sent", "payload": None}
    for mail in platform.mails():
        report(platform, "delivered", mail, email_id=f"re-{mail['id']}", to=mail["recipient"])
    assert [row["provider_id"] for row in platform.mails()] == ["re-1", "re-2", "re-3"]
    assert len(emulator.mails()) == 3


def test_a_webhook_from_before_the_giving_up_settles_it_too(platform: Platform, emulator: ResendEmulator) -> None:
    run_id = lose_the_answer(platform, emulator, count=2)
    first, _ = platform.mails()
    report(platform, "sent", first)
    platform.change("update effects set first_intended_at = now() - interval '24 hours'")
    assert platform.step(run_id)["state"] == "uncertain"
    platform.step(platform.enqueue(email.BATCH_PENDING, email.BatchPending()))
    platform.drain()
    assert platform.run(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent", "sent"]


def test_a_held_message_is_waited_for(platform: Platform) -> None:
    [mail] = delivered_batch(platform)
    receive(platform, event("delivered", mail, email_id=mail["provider_id"]))
    run_id: UUID = platform.row("select id from task_runs where task = 'email.apply_event'")["id"]
    holder = platform.database.direct()
    try:
        with holder.transaction():
            holder.execute("select 1 from email_messages for update")
            run = platform.step(run_id)
        assert (run["state"], run["attempt"]) == ("queued", 0)
    finally:
        holder.close()
    assert platform.step(run_id)["state"] == "succeeded"
    assert platform.states() == ["delivered"]


@pytest.mark.parametrize(
    "type_", ["email.opened", "email.clicked", "email.scheduled", "contact.created", "", None, 7, []]
)
def test_other_types_are_ignored(type_: Any) -> None:
    assert events.read({"type": type_, "data": {"email_id": "e"}}) is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        7,
        "x",
        [],
        {},
        {"type": "email.sent"},
        {"type": "email.sent", "data": []},
        {"type": "email.sent", "data": {}},
    ],
)
def test_shapes_that_nobody_knows_are_ignored(body: Any) -> None:
    assert events.read(body) is None


@pytest.mark.parametrize(
    "data",
    [
        {"email_id": "e\0\ud800", "to": "A\0 <a@b.ga>", "tags": [{"name": "message", "value": "12"}]},
        {"email_id": "e", "to": None, "tags": {"message": "٣"}},
        {"email_id": "e", "to": [None, 7, "nobody", "x" * 500], "tags": {"message": "9" * 30}, "bounce": "x"},
        {"email_id": "e", "tags": "x", "bounce": {"type": 7, "subType": None}},
    ],
)
def test_strange_members_do_no_harm(platform: Platform, data: dict[str, Any]) -> None:
    assert receive(platform, {"type": "email.bounced", "created_at": {"not": "a time"}, "data": data})
    platform.drain()
    assert platform.row("select state from task_runs where task = 'email.apply_event'")["state"] == "succeeded"


@pytest.mark.parametrize(
    "created_at",
    [
        "2026-11-22T23:41:12.126Z",
        "2026-11-22T23:41:12.126+00:00",
        "2026-11-22 23:41:12.126+00",
        "2026-11-22T23:41:12",
        "2026-11-22 23:41:12 UTC",
        "2026-11-22T23:41:12.123456789Z",
        "",
        None,
        1763854872,
        1763854872000,
        "soon",
        True,
        [],
        float("inf"),
        -(10**30),
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "infinity",
    ],
)
@pytest.mark.parametrize("type_", ["bounced", "complained"])
def test_a_refusal_counts_whatever_its_time_looks_like(platform: Platform, type_: str, created_at: Any) -> None:
    report(platform, type_, created_at=created_at, **(BOUNCED if type_ == "bounced" else {}))
    assert suppressed(platform) == [(ADDRESS, type_)]


@pytest.mark.parametrize(
    ("created_at", "instant"),
    [
        ("2026-11-22 23:41:12.126+00", "2026-11-22T23:41:12.126000+00:00"),
        ("2026-11-22T23:41:12", "2026-11-22T23:41:12+00:00"),
        ("2026-11-22 23:41:12 utc", "2026-11-22T23:41:12+00:00"),
        ("2026-11-23T00:41:12.123456789+01:00", "2026-11-22T23:41:12.123456+00:00"),
        (1763854872, "2025-11-22T23:41:12+00:00"),
        (1763854872000, "2025-11-22T23:41:12+00:00"),
        ("soon", None),
    ],
)
def test_a_moment_is_read_in_whichever_form(created_at: Any, instant: str | None) -> None:
    read = events.read(event("bounced", created_at=created_at))
    assert read is not None
    assert (read.created_at and read.created_at.isoformat()) == instant
