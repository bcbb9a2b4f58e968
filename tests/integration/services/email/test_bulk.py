"""`email.send_bulk`: one template to many applications, once each, however often the run is killed."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import Connection

from tasks import bound_tasks
from tests.factories.emulators import ResendEmulator
from tests.integration.services.email.templated_mails import applications, many_applicants, send_bulk, template, usage
from tests.integration.services.support import Platform
from worker.catalogue import email
from worker.ledger.enqueue import enqueue
from worker.ledger.executor import Executor
from worker.ledger.handlers import BoundTask, RunContext
from worker.ledger.outcomes import Json, Run


class Killed(BaseException):
    """The worker's process died: nothing is recorded."""


T = TypeVar("T")
U = TypeVar("U")
Hook = Callable[[int, str], None]


class Watched:
    """A run's context that tells `hook` about each transaction: its number, and `before`, `inside` or `after` it."""

    def __init__(self, context: RunContext, hook: Hook) -> None:
        self._context = context
        self._hook = hook
        self._count = 0

    @property
    def run(self) -> Run:
        return self._context.run

    def progress(self, value: Json) -> None:
        self._context.progress(value)

    def cancelled(self) -> bool:
        return self._context.cancelled()

    def transaction(self, work: Callable[[Connection], T]) -> T:
        return self._watched(self._context.transaction, work)

    def step(self, work: Callable[[Connection], tuple[T, Json]]) -> T:
        return self._watched(self._context.step, work)

    def _watched(self, transaction: Callable[[Callable[[Connection], U]], T], work: Callable[[Connection], U]) -> T:
        self._count += 1
        number = self._count

        def watched(connection: Connection) -> U:
            answer = work(connection)
            self._hook(number, "inside")
            return answer

        self._hook(number, "before")
        answer = transaction(watched)
        self._hook(number, "after")
        return answer


def watch(platform: Platform, hook: Hook) -> None:
    """From now on until `platform.connect_provider()`, bulk runs are watched. Transaction 1 looks, the others write."""
    tasks = {each.definition.name: each for each in bound_tasks(platform.wiring)}
    bound = tasks[email.SEND_BULK.name]
    watched = BoundTask(bound.definition, lambda context, payload: bound.handler(Watched(context, hook), payload))
    platform.executor = Executor(platform.database, {**tasks, bound.definition.name: watched})


def start(platform: Platform, ids: list[int], **payload: Any) -> UUID:
    wanted = email.SendBulk(application_ids=ids, company_id=1, **payload)
    return platform.do(lambda connection: enqueue(connection, email.SEND_BULK, wanted)).id


def rescue(platform: Platform, run_id: UUID) -> None:
    """What the rescuer does with a run whose worker is dead."""
    platform.change(
        """
        update task_runs set state = 'queued', rescues = rescues + 1, lease = null, worker_id = null, message_id = null,
               deadline_at = null, run_at = now() where id = %s and state = 'running'
        """,
        run_id,
    )


def test_every_applicant_gets_one_mail_in_batches_of_a_hundred(platform: Platform, emulator: ResendEmulator) -> None:
    ids = many_applicants(platform, 230)
    template_id = template(platform)
    run = send_bulk(platform, ids, template_id=template_id, sent_by=1)
    assert (run["task"], run["state"]) == ("email.send_bulk", "succeeded")
    assert run["result"] == {"total": 230, "messages": {"sent": 230}, "skipped": {}, "reasons": {}}
    assert len({mail["to"][0] for mail in emulator.mails()}) == len(emulator.mails()) == 230
    assert [row["count"] for row in platform.rows("select count from email_batches order by id")] == [100, 100, 30]
    children = platform.rows("select distinct task, queue from task_runs where parent_id = %s", run["id"])
    assert children == [{"task": "email.deliver_batch", "queue": "bulk"}]
    assert usage(platform, template_id) == (230, True)


def test_messages_keep_ids_and_no_texts(platform: Platform) -> None:
    [application] = applications(platform)
    send_bulk(platform, [application], template_id=template(platform), sent_by=1)
    assert platform.mails()[0]["context"] == {"application_id": application, "sent_by": 1}


def test_progress_while_deliveries_wait(platform: Platform, emulator: ResendEmulator) -> None:
    emulator.faults(rate_limit={"share": 1.0, "seconds": 60})
    ids = many_applicants(platform, 120)
    run = send_bulk(platform, ids, template_id=template(platform))
    assert run["state"] == "queued"
    assert run["progress"] | {"states": {}} == {
        "total": 120,
        "written": 120,
        "version": 1,
        "skipped": {},
        "states": {},
    }
    platform.change("update task_runs set run_at = now() where id = %s", run["id"])
    platform.drain()
    run = platform.run(run["id"])
    assert (run["state"], sum(run["progress"]["states"].values())) == ("queued", 120)


def test_an_application_named_twice_gets_one_mail(platform: Platform, emulator: ResendEmulator) -> None:
    [application] = applications(platform)
    run = send_bulk(platform, [application, application], template_id=template(platform))
    assert (run["result"]["total"], len(emulator.mails())) == (1, 1)


def test_who_gets_none_is_counted_with_the_reason(platform: Platform, emulator: ResendEmulator) -> None:
    ids = many_applicants(platform, 6)
    people = [row["id"] for row in platform.rows("select user_id as id from candidates order by id desc limit 6")][::-1]
    platform.change("update users set email = 'nowhere' where id = %s", people[1])
    platform.change("insert into suppressions (address, reason) values ('personne.3@example.org', 'complained')")
    platform.change("delete from job_applications where id = %s", ids[4])
    run = send_bulk(platform, [*ids, 40_000], template_id=template(platform))
    assert run["state"] == "succeeded"
    assert run["result"] == {
        "total": 7,
        "messages": {"sent": 3, "suppressed": 1},
        "skipped": {"gone": [ids[4], 40_000], "no_address": [ids[1]]},
        "reasons": {"The address is on the suppression list.": 1},
    }
    assert sorted(mail["to"][0] for mail in emulator.mails()) == [
        f"personne.{number}@example.org" for number in (1, 4, 6)
    ]


def test_an_application_of_another_company_gets_none(platform: Platform, emulator: ResendEmulator) -> None:
    [ours] = applications(platform)
    [theirs] = applications(platform, company_id=2)
    run = send_bulk(platform, [ours, theirs], template_id=template(platform))
    assert run["result"]["skipped"] == {"gone": [theirs]}
    run = send_bulk(platform, [ours, theirs], kind="rejection", company_id=2)
    assert run["result"]["skipped"] == {"gone": [ours]}
    assert [row["company_id"] for row in platform.mails()] == [1, 2]


def test_a_template_of_another_company_is_refused(platform: Platform) -> None:
    [application] = applications(platform)
    run = send_bulk(platform, [application], template_id=template(platform, company_id=2))
    assert (run["state"], run["error"]["code"]) == ("failed", "email.no_template")
    assert platform.mails() == []


def test_a_value_that_one_of_them_lacks_stops_all(platform: Platform, emulator: ResendEmulator) -> None:
    ids = many_applicants(platform, 9)
    platform.change(
        """
        insert into interview_schedules (application_id, created_by_user_id, title, scheduled_at, candidate_email,
                                         status)
        values (%s, 1, 'Entretien', now() + interval '2 days', 'a@example.org', 'SCHEDULED')
        """,
        ids[0],
    )
    body = "<p>{interview_date} {interview_link} {candidate_name}</p>"
    run = send_bulk(platform, ids, template_id=template(platform, type="CUSTOM", body=body))
    assert (run["state"], run["error"]["code"], run["error"]["status"]) == ("failed", "email.missing_values", 422)
    first, *others = ids
    assert run["error"]["message"] == (
        "Nothing was sent: there is no value for "
        f"{{interview_link}} (applications {', '.join(map(str, [first, *others[:4]]))} and 4 more), "
        f"{{interview_date}} (applications {', '.join(map(str, others[:5]))} and 3 more)."
    )
    assert (platform.mails(), emulator.requests()) == ([], [])


def test_each_recipient_s_language_with_a_kind(platform: Platform) -> None:
    french = applications(platform, 2)
    english = applications(platform, 2, language="en")
    send_bulk(platform, [*french, *english], kind="application_rejected")
    rows = platform.mails()
    assert [row["locale"] for row in rows] == ["fr", "fr", "en", "en"]


def test_all_get_the_version_that_the_run_met_first(platform: Platform, emulator: ResendEmulator) -> None:
    ids = many_applicants(platform, 150)
    template_id = template(platform)
    run_id = start(platform, ids, template_id=template_id)

    def fall_over(number: int, phase: str) -> None:
        if (number, phase) == (3, "before"):
            raise Killed

    watch(platform, fall_over)
    with pytest.raises(Killed):
        platform.step(run_id)
    platform.change("update email_templates set subject = 'Autre sujet' where id = %s", template_id)
    rescue(platform, run_id)
    platform.drain()
    assert {row["template_version"] for row in platform.mails()} == {1}
    assert {mail["subject"] for mail in emulator.mails()} == {"Votre candidature : Comptable"}
    assert len(emulator.mails()) == 150


@pytest.mark.parametrize("phase", ["before", "inside", "after"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_it_is_idempotent_when_killed_anywhere(
    platform: Platform, emulator: ResendEmulator, number: int, phase: str
) -> None:
    """Around each of its transactions: the look at all letters, and the three batches."""
    ids = many_applicants(platform, 250)
    run_id = start(platform, ids, template_id=template(platform))

    def die(*place: Any) -> None:
        if place == (number, phase):
            raise Killed

    watch(platform, die)
    with pytest.raises(Killed):
        platform.step(run_id)
    written = min(250, 100 * max(0, number - (1 if phase == "after" else 2)))
    assert len(platform.mails()) == written
    platform.connect_provider()
    rescue(platform, run_id)
    platform.drain()
    run = platform.run(run_id)
    assert (run["state"], run["result"]["messages"]) == ("succeeded", {"sent": 250})
    assert len({mail["to"][0] for mail in emulator.mails()}) == len(emulator.mails()) == 250


def test_a_cancelled_run_stops_between_two_batches(platform: Platform, emulator: ResendEmulator) -> None:
    ids = many_applicants(platform, 250)
    run_id = start(platform, ids, template_id=template(platform))

    def ask(number: int, phase: str) -> None:
        if (number, phase) == (2, "after"):
            platform.change("update task_runs set cancel_requested_at = now() where id = %s", run_id)

    watch(platform, ask)
    platform.step(run_id)
    run = platform.run(run_id)
    assert run["state"] == "cancelled"
    assert run["error"]["message"] == "Stopped on request after 100 of 250 mails were written."


def test_deliveries_wait_while_the_account_is_not_accepted(platform: Platform, emulator: ResendEmulator) -> None:
    platform.connect_provider(key="re_invalid")
    ids = many_applicants(platform, 120)
    run = send_bulk(platform, ids, template_id=template(platform))
    assert run["state"] == "queued"
    first, second = platform.rows("select * from task_runs where parent_id = %s order by id", run["id"])
    assert [each["gate"] for each in (first, second)] == ["provider:resend"] * 2
    platform.connect_provider()
    platform.step(first["id"])
    platform.drain()
    assert platform.step(run["id"])["result"]["messages"] == {"sent": 120}
    assert len(emulator.mails()) == len(platform.mails()) == 120


def test_a_refused_address_leaves_the_others(platform: Platform, emulator: ResendEmulator) -> None:
    ids = many_applicants(platform, 5)
    emulator.faults(answer={"status": 422, "name": "validation_error", "message": "emails[2]: no"}, times=1)
    run = send_bulk(platform, ids, template_id=template(platform))
    assert run["result"]["messages"] == {"sent": 4, "failed": 1}
    assert sum(run["result"]["reasons"].values()) == 1


def test_a_batch_that_was_split_still_belongs_to_the_run(platform: Platform, emulator: ResendEmulator) -> None:
    ids = many_applicants(platform, 8)
    emulator.faults(answer={"status": 422, "name": "validation_error", "message": "no"}, times=1)
    run = send_bulk(platform, ids, template_id=template(platform))
    assert run["result"]["messages"] == {"sent": 8}
    assert len(platform.rows("select 1 from task_runs where parent_id = %s", run["id"])) == 2


@pytest.mark.parametrize(
    "payload",
    [
        {"application_ids": [], "template_id": 1},
        {"application_ids": [1]},
        {"application_ids": [1], "template_id": 1, "kind": "custom"},
        {"application_ids": [1], "kind": "job_alert"},
        {"application_ids": [0], "template_id": 1},
        {"application_ids": [1] * 5001, "template_id": 1},
    ],
)
def test_payloads_that_mean_nothing_are_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        email.SendBulk(company_id=1, **payload)
