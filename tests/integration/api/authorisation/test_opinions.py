"""What a company thinks of an applicant: whatever he asks for and whatever he is sent, he never reads it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from models.enums import TemplateType
from tests.factories.emulators import ResendEmulator
from tests.integration.api.attempts import ATTEMPTS, ask
from tests.integration.api.world import ADDRESS, CANDIDATE, EMPLOYER, OPINION, OPINION_SCORE, Named, World
from worker.catalogue import alerts, interviews
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.services.email.delivery import batches
from worker.services.email.rendering import digests

OPINIONS = (OPINION, str(OPINION_SCORE))
MEMBERS = {"recruiter_notes", "notes", "rating", "tags", "scorecard", "scorecards", "feedback", "ai_score"}
# It names the members of all answers, and holds no values.
DOCUMENT = "GET /api/openapi.json"


def members(value: Any) -> Iterator[str]:
    """The names of all members, however deep."""
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from members(each)
    yield from value if isinstance(value, dict) else ()


def test_no_route_tells_a_candidate(world: World) -> None:
    candidate = world.user(CANDIDATE)
    told = []
    # What workers have done meanwhile is answered the second time.
    for route in (*ATTEMPTS, *ATTEMPTS):
        answer = ask(candidate, route, world.named("Ouvert"))
        told += [f"{route}: {opinion}" for opinion in OPINIONS if opinion.encode() in answer.data]
        if answer.mimetype == "application/json" and route != DOCUMENT:
            told += [f"{route}: the member {name}" for name in MEMBERS.intersection(members(answer.json))]
        world.work()
    for run in world.rows("select id from task_runs where caused_by = %s", CANDIDATE):
        answer = candidate.get(f"/api/tasks/{run['id']}")
        told += [f"run {run['id']}: {opinion}" for opinion in OPINIONS if opinion in answer.text]
    assert told == []


def test_no_mail_tells_a_candidate(world: World, emulator: ResendEmulator) -> None:
    named = world.named("Ouvert")
    send_letters(world, named)
    send_digest(world, named)
    live_through_an_interview(world, named)
    letters = {each.value for each in TemplateType if each is not TemplateType.JOB_ALERT}
    assert letters | {digests.TEMPLATE} <= sent_kinds(world)
    mails = [emulator.mail(each["id"]) for each in emulator.mails()]
    told = [mail["subject"] for mail in mails if ADDRESS in mail["to"] and any(each in str(mail) for each in OPINIONS)]
    assert told == []


def sent_kinds(world: World) -> set[str]:
    """What the candidate's mails are called: types of templates, and layouts of their own."""
    rows = world.rows(
        """select distinct coalesce(t.own_type, lower(t.type::text), m.template) as kind
             from email_messages m left join email_templates t on t.id = m.template_id
            where m.user_id = %s and m.state = 'sent' and m.batch_id is not null""",
        CANDIDATE,
    )
    return {row["kind"] for row in rows}


def send_letters(world: World, named: Named) -> None:
    """Of every type that a recruiter may send by hand."""
    recruiter = world.user(EMPLOYER)
    for kind in recruiter.get("/api/email-templates/defaults").json:
        made = recruiter.post(f"/api/email-templates/defaults/{kind['type']}/activate").json
        if kind["type"] != TemplateType.JOB_ALERT:
            body = {"application_ids": [named.values["application_id"]]}
            answer = recruiter.post(
                f"/api/email-templates/{made['id']}/send", body, headers={"Prefer": "respond-async"}
            )
            assert answer.status_code == 202, answer.text
    carry_out(world)


def send_digest(world: World, named: Named) -> None:
    carry_out(world, NewRun(alerts.TEST.name, {"alert_id": named.values["alert_id"]}))


def live_through_an_interview(world: World, named: Named) -> None:
    """Planned, moved, reminded of and canceled, with mails, because no calendar is connected."""
    world.rows("delete from integration_credentials returning id")
    recruiter, start = world.user(EMPLOYER), datetime.now(UTC).replace(microsecond=0) + timedelta(hours=24)
    wanted = {"application_id": named.values["application_id"], "title": "Entretien", "scheduled_at": start.isoformat()}
    planned = recruiter.post("/api/interviews", wanted)
    assert planned.status_code == 201, planned.text
    address = f"/api/interviews/{planned.json['id']}"
    carry_out(world)
    moved = {"scheduled_at": (start + timedelta(minutes=5)).isoformat()}
    assert recruiter.call("PUT", address, json=moved).status_code == 200
    carry_out(world)
    world.rows("update interview_schedules set created_at = created_at - interval '3 days' returning id")
    carry_out(world, NewRun(interviews.REMIND.name, {}))
    assert recruiter.call("PATCH", f"{address}/status", json={"status": "canceled"}).status_code == 200
    carry_out(world)


def carry_out(world: World, *wanted: NewRun) -> None:
    """Do what was asked for, whenever it is due, and send the mails."""
    with world.api.database.transaction() as connection:
        enqueue_all(connection, wanted)
    for _ in range(3):
        world.rows("update task_runs set run_at = now() where state = 'queued' and task <> 'email.send' returning id")
        world.work()
        with world.api.database.transaction() as connection:
            batches.fill(connection)
