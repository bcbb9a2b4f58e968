"""What of people is forgotten, and when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.factories import main_web_app
from tests.integration.services.support import Platform
from worker.catalogue import upkeep
from worker.kit.database import Row

BLANK = {"recipient": None, "context": None, "subject": None}


def forget(platform: Platform, limit: int = 100) -> dict[str, int]:
    """The daily run and those that follow it; rows forgotten by table, all runs together."""
    platform.enqueue(upkeep.ANONYMISE, upkeep.Anonymise(limit=limit))
    platform.drain()
    totals: dict[str, int] = {}
    ended = platform.rows("select state, result from task_runs where task = 'upkeep.anonymise'")
    assert {row["state"] for row in ended} == {"succeeded"}
    for row in ended:
        for table, count in row["result"]["forgotten"].items():
            totals[table] = totals.get(table, 0) + count
    platform.change("delete from task_runs where task = 'upkeep.anonymise'")
    return totals


def mails(platform: Platform, *days: float, **columns: object) -> list[int]:
    """Delivered mails of these ages, the oldest first."""
    ids = platform.write(len(days), user_id=2)
    for number, age in zip(ids, sorted(days, reverse=True), strict=True):
        platform.change(
            "update email_messages set created_at = now() - make_interval(hours => %s), state = 'delivered', "
            "subject = 'Bonjour Paul' where id = %s",
            int(age * 24),
            number,
        )
    for name, value in columns.items():
        platform.change(f"update email_messages set {name} = %s where id = any(%s)", value, ids)
    return ids


def blanked(platform: Platform) -> list[bool]:
    return [all(row[name] is None for name in BLANK) for row in platform.mails()]


def whole(row: Row) -> bool:
    return all(row[name] is not None for name in BLANK)


def test_mails_lose_whom_they_went_to_after_180_days(platform: Platform) -> None:
    mails(platform, 400, 181, 179, 1)
    assert forget(platform)["email_messages"] == 2
    assert blanked(platform) == [True, True, False, False]
    assert [whole(row) for row in platform.mails()] == [False, False, True, True]
    assert {row["state"] for row in platform.mails()} == {"delivered"}, "what became of them stays"
    assert forget(platform)["email_messages"] == 0


def test_a_long_backlog_is_worked_off_in_steps(platform: Platform) -> None:
    mails(platform, *[200] * 25, *[10] * 3)
    assert forget(platform, limit=10)["email_messages"] == 25
    platform.change("update email_messages set created_at = created_at - interval '175 days'")
    assert forget(platform, limit=2)["email_messages"] == 3, "it goes on where it was"


def test_the_young_are_not_looked_through(platform: Platform) -> None:
    mails(platform, 200, *[10] * 50)
    forget(platform)
    assert platform.row("select value from platform_state where key = 'email.retention'")["value"] == {
        "message": platform.mails()[0]["id"]
    }


def test_a_deleted_account_takes_its_mails_names_with_it(platform: Platform) -> None:
    gone, kept, nobodys = mails(platform, 3, 2, 1)
    platform.change("update email_messages set user_id = 3 where id = %s", kept)
    platform.change("update email_messages set user_id = null where id = %s", nobodys)
    platform.app(lambda connection: main_web_app.delete_candidate_account(connection, 2))
    assert forget(platform, limit=1)["email_messages"] == 1
    rows = {row["id"]: row for row in platform.mails()}
    assert {name: rows[gone][name] for name in (*BLANK, "user_id")} == {**BLANK, "user_id": None}
    assert whole(rows[kept])
    assert whole(rows[nobodys])
    assert forget(platform)["email_messages"] == 0


def test_a_mail_under_way_stays_as_it_was_fixed(platform: Platform) -> None:
    platform.batch(1, user_id=2)
    platform.app(lambda connection: main_web_app.delete_candidate_account(connection, 2))
    run = platform.step(platform.enqueue(upkeep.ANONYMISE, upkeep.Anonymise()))
    assert run["result"]["forgotten"]["email_messages"] == 0
    assert forget(platform)["email_messages"] == 1, "the delivery came first"


@pytest.mark.parametrize(("days", "stays"), [(179, True), (181, False)])
def test_soft_bounces(platform: Platform, days: int, stays: bool) -> None:
    platform.change(
        "insert into soft_bounces (address, last_at) values ('a@example.org', now() - make_interval(days => %s))", days
    )
    assert forget(platform)["soft_bounces"] == int(not stays)
    assert len(platform.rows("select * from soft_bounces")) == int(stays)


@pytest.mark.parametrize(("lifted", "stays"), [(None, True), (399, True), (401, False)])
def test_an_address_that_was_lifted(platform: Platform, lifted: int | None, stays: bool) -> None:
    platform.change(
        "insert into suppressions (address, reason, created_at, lifted_at) values "
        "('a@example.org', 'manual', now() - interval '900 days', now() - make_interval(days => %s))",
        lifted,
    )
    assert forget(platform)["suppressions"] == int(not stays)
    assert len(platform.rows("select * from suppressions")) == int(stays)


def test_the_audit_log_keeps_what_was_done_and_forgets_to_whom(platform: Platform) -> None:
    for number, (subject, days) in enumerate((("address:a@b.org", 401), ("address:c@d.org", 399), ("run:7", 401))):
        platform.change(
            "insert into audit_log (id, actor, action, subject, reason, created_at) "
            "values (%s, 'user:7', 'suppression.add', %s, 'a@b.org wrote to us', %s)",
            UUID(int=number),
            subject,
            datetime.now(UTC) - timedelta(days=days),
        )
    assert forget(platform)["audit_log"] == 1
    rows = platform.rows("select actor, subject, reason from audit_log order by id")
    assert rows[0] == {"actor": "user:7", "subject": "address:", "reason": None}
    assert [row["subject"] for row in rows[1:]] == ["address:c@d.org", "run:7"]
    assert forget(platform)["audit_log"] == 0


def test_what_claude_cost_is_kept_400_days(platform: Platform) -> None:
    platform.change(
        "insert into ai_spending (day, company_id) values (current_date - 402, 0), (current_date - 398, 0), "
        "(current_date, 1)"
    )
    assert forget(platform, limit=1)["ai_spending"] == 1
    assert len(platform.rows("select * from ai_spending")) == 2
