"""Two companies and their people, as the API knows them, for tests that go through all routes with one application."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import requests
from flask_openapi.openapi import OpenAPI
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from api_min import create_app
from api_min.context import EXTENSION
from api_min.limits import KeyBudget, Tally
from api_min.pages import static_files
from models.enums import NotificationKind
from sandbox.postgres import EmbeddedPostgres
from tests.factories import main_web_app, runs
from tests.factories.accounts import settings_at
from tests.factories.api import SECRET, SIGNING_SECRET, WEBHOOK_SECRET, Api
from tests.factories.office import Office
from worker.catalogue.everything import CATALOGUE
from worker.kit.database import Database
from worker.kit.ids import new_id
from worker.kit.settings import Settings
from worker.services.email.recipients import unsubscribing
from worker.services.interviews.candidate_links import candidate_link
from worker.services.notifications import mail_links
from worker.services.notifications.mail_links import MailGrant
from worker.wiring import Wiring

EMPLOYER, CANDIDATE, OTHER_CANDIDATE, ADMIN, FOREIGN_EMPLOYER, COLLEAGUE = 1, 2, 3, 5, 8, 9
COMPANY, OTHER_COMPANY = 1, 2
CANDIDATES_ROW, OTHER_CANDIDATES_ROW = 1, 2
ADDRESS = "paul.ndong@example.org"
EARLIER = datetime.now(UTC) - timedelta(days=1)
LATER = datetime.now(UTC) + timedelta(days=300)
# What a company thinks of an applicant; candidates never read it.
OPINION, OPINION_SCORE = "Sésame", 83.1347
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
_numbers = count(1)


@dataclass(frozen=True)
class Named:
    """What routes may name of company 1 and of candidate 1: the values of the variables in addresses and bodies."""

    values: Mapping[str, Any]

    def fill(self, value: Any) -> Any:
        """A body with values in place of their names: `{name}`, the whole text; `{{name}}` stays a placeholder."""
        if isinstance(value, dict):
            return {name: self.fill(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        if not isinstance(value, str):
            return value
        whole = re.fullmatch(r"\{([a-z_]+)\}", value)
        return self.values[whole[1]] if whole else value.replace("{{", "{").replace("}}", "}")

    def path(self, rule: str, query: str = "", **others: Any) -> str:
        """The address of a rule of `route_table`."""
        values = {**self.values, **self.fill(others)}
        return re.sub(r"<(\w+)>", lambda found: str(values[found[1]]), rule) + query.format(**values)


@dataclass
class World(Office):
    settings: Settings

    def rows_of(self, table: str, **values: Any) -> int:
        made: int = self.app(lambda connection: main_web_app.insert(connection, table, **values))
        return made

    def named(self, mark: str) -> Named:
        """New rows, one of each kind; whatever is text in them begins with the mark."""
        values: dict[str, Any] = self.app(lambda connection: _insert_all(connection, mark))
        prefix = self.settings.platform_url.rstrip("/")
        mails = mail_links.link(self.settings, MailGrant(CANDIDATE, NotificationKind.MENTION)) or ""
        look = candidate_link(self.settings, interview_id=values["interview_id"], address=ADDRESS) or ""
        return Named(
            {
                **values,
                "unsubscribe_token": unsubscribing.link(self.settings, user_id=CANDIDATE).removeprefix(f"{prefix}/u/"),
                "mails_token": mails.removeprefix(f"{prefix}/u/mails/"),
                "interview_token": look.removeprefix(f"{prefix}/i/"),
            }
        )


def route_table(app: OpenAPI) -> list[str]:
    """Every route with its method, such as `GET /api/tasks/<run_id>`; how a variable is converted is left out."""
    return sorted(
        f"{method} {re.sub('<[^<>]*:', '<', rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in METHODS & (rule.methods or set())
    )


@contextmanager
def built(server: EmbeddedPostgres, template: str, emulator_url: str, **changes: Any) -> Iterator[World]:
    """An application on a database of its own, with nobody's requests counted."""
    name = f"world_{next(_numbers)}"
    url = server.create_database(name, template=template)
    try:
        with opened(url, emulator_url, **changes) as world:
            world.app(_insert_people)
            yield world
    finally:
        server.drop_database(name)


@contextmanager
def opened(database_url: str, emulator_url: str, **changes: Any) -> Iterator[World]:
    """The same on a database that is there."""
    requests.post(f"{emulator_url}/_emulator/reset", timeout=5).raise_for_status()
    settings = _settings(database_url, emulator_url, changes)
    database = Database(settings.database_url.plain, pool_size=4, name="intowork-tests")
    app = create_app(settings, CATALOGUE)
    app.extensions["intowork.tally"].hit = lambda *_, **__: True
    app.extensions["intowork.key_budget"] = KeyBudget(Tally(None), per_second=1_000_000)
    with database.transaction() as connection:
        worker = runs.prepare(connection)
    world = World(
        Api(app, app.test_client(use_cookies=False), database, worker), Wiring(settings), emulator_url, settings
    )
    try:
        yield world
    finally:
        world.close()
        app.extensions[EXTENSION].close()
        database.close()


def _settings(database_url: str, emulator_url: str, changes: Mapping[str, Any]) -> Settings:
    members: dict[str, Any] = {
        "redis_url": "memory://",
        "nextauth_secret": SECRET,
        "signing_secret": SIGNING_SECRET,
        "resend_webhook_secret": WEBHOOK_SECRET,
        "resend_api_key": "re_test",
        "resend_api_url": f"{emulator_url}/resend",
        "resend_rate": 1000.0,
        "api_threads": 4,
        "log_level": "ERROR",
        # Nobody works while a route waits.
        "interactive_wait": 0.05,
        "frontend_url": "https://intowork.example",
        "platform_url": "https://platform.example",
        "anthropic_api_key": "sk-ant-test",
        "anthropic_base_url": f"{emulator_url}/anthropic",
    }
    return settings_at(emulator_url, database_url, **{**members, **changes})


def _insert_people(connection: Connection[Any]) -> None:
    main_web_app.populate_people(connection)
    main_web_app.insert_user(connection, "jean.obiang@example.org", "EMPLOYER")
    main_web_app.insert_user(connection, "rose.mba@example.org", "EMPLOYER")
    main_web_app.insert(connection, "employers", user_id=FOREIGN_EMPLOYER, company_id=OTHER_COMPANY)
    main_web_app.insert(connection, "employers", user_id=COLLEAGUE, company_id=COMPANY)
    connection.execute("update users set email_verified = now()")


def _insert_all(connection: Connection[Any], mark: str) -> dict[str, Any]:
    job = main_web_app.insert_job(connection, "Poste ouvert", profil_competences="Python, Excel")
    application = main_web_app.insert_application(connection, job, CANDIDATES_ROW, **_opinions())
    # A company may have so many and no more.
    connection.execute("delete from email_templates where company_id = %s", [COMPANY])
    template = main_web_app.insert_template(
        connection, f"{mark} modèle", is_active=True, is_default=False, subject=f"{mark} objet", usage_count=0
    )
    past = main_web_app.insert_interview(
        connection, application, EMPLOYER, candidate_email=ADDRESS, scheduled_at=EARLIER, status="COMPLETED"
    )
    _insert_opinions(connection, application, past)
    about = {"title": f"{mark} entretien", "candidate_email": ADDRESS}
    return {
        "job_id": job,
        "application_id": application,
        "note_id": 0,
        "tag": "senior",
        "template_id": template,
        "version": 1,
        "type": "custom",
        "interview_id": main_web_app.insert_interview(connection, application, EMPLOYER, **about),
        "past_interview_id": past,
        **_insert_postings(connection, mark, job),
        **_insert_accounts(connection, mark),
        "alert_id": _insert_alert(connection, mark),
        "notification_id": main_web_app.insert_notification(
            connection, EMPLOYER, title=f"{mark} avis", type="NEW_APPLICATION", is_read=False
        ),
        "run_id": _insert_run(connection, template, application),
        "failed_run_id": _insert_run(connection, template, application, state="failed", finished_at=EARLIER),
        "address": _insert_suppression(connection),
        "provider_id": _insert_letter(connection, template),
        "file": static_files.read_files()["app.css"].address.removeprefix("/static/"),
        "recipient": ADDRESS,
        "name": "bulk",
        "provider": "google-calendar",
        "company": f"{COMPANY}-gabon-numerique",
        "offer": f"{job}-poste-ouvert",
    }


def _insert_postings(connection: Connection[Any], mark: str, job: int) -> dict[str, int]:
    """One of which nobody knows whether it is there, one that is, and one that a board has been told of."""
    shown = {"job_id": job, "is_active": True, "published_by": EMPLOYER}
    insert = main_web_app.insert
    return {
        "posting_id": insert(
            connection, "job_postings", job_id=job, channel="LINKEDIN", state="unknown", target_name=f"{mark} page"
        ),
        "live_posting_id": insert(connection, "job_postings", channel="INTOWORK", state="published", **shown),
        "told_posting_id": insert(connection, "job_postings", channel="CUSTOM", state="awaiting_partner", **shown),
    }


def _insert_accounts(connection: Connection[Any], mark: str) -> dict[str, int]:
    """The company's calendars as the main web app connects them, its account on Facebook, and its own receiver."""
    for table in ("integration_credentials", "channel_accounts"):
        connection.execute(f"delete from {table} where company_id = {COMPANY}".encode())
    for provider in ("GOOGLE_CALENDAR", "OUTLOOK_CALENDAR"):
        main_web_app.insert_credential(connection, provider, access_token=f"{mark} clair", is_active=True)
    account = {"company_id": COMPANY, "user_id": EMPLOYER, "access_token": f"{mark} clair", "state": "connected"}
    insert = main_web_app.insert
    insert(connection, "channel_accounts", channel="facebook", **account)
    receiver = insert(
        connection,
        "channel_accounts",
        channel="custom",
        account_kind="webhook",
        account_label="hooks.example",
        settings={"url": "https://hooks.example/in"},
        **account,
    )
    sent = {"webhook_id": f"msg_{next(_numbers)}", "event": "offer.published", "body": b"{}", "state": "failed"}
    return {"delivery_id": insert(connection, "webhook_deliveries", channel_account_id=receiver, **sent)}


def _opinions() -> dict[str, Any]:
    note = {
        "user_id": EMPLOYER,
        "user_name": "Awa Mba",
        "note": f"{OPINION} note",
        "created_at": "2026-07-01T09:00:00Z",
    }
    details = {"score": OPINION_SCORE, "strengths": [f"{OPINION} force"], "weaknesses": [f"{OPINION} faiblesse"]}
    return {
        "recruiter_notes": [note],
        "tags": [f"{OPINION} mot"],
        "rating": 4,
        "scorecard": {"technical_skills": 4, "average": OPINION_SCORE},
        "ai_score": OPINION_SCORE,
        "ai_score_details": details,
        "ai_analyzed_at": EARLIER,
        "notes": f"{OPINION} remarque",
    }


def _insert_opinions(connection: Connection[Any], application: int, interview: int) -> None:
    """Those that stand in tables of their own."""
    main_web_app.insert(
        connection,
        "own_scorecards",
        application_id=application,
        user_id=COLLEAGUE,
        overall=4,
        comment=f"{OPINION} avis",
        submitted_at=EARLIER,
    )
    connection.execute(
        "insert into interview_feedback (interview_id, notes, feedback, rating) values (%s, %s, %s, 4)",
        [interview, f"{OPINION} impression", f"{OPINION} retour"],
    )


def _insert_alert(connection: Connection[Any], mark: str) -> int:
    """Its owner wants mails, whatever he said before."""
    connection.execute("delete from job_alerts where candidate_id = %s", [CANDIDATES_ROW])
    connection.execute("delete from recipient_preferences")
    return main_web_app.insert_alert(
        connection, CANDIDATES_ROW, f"{mark} alerte", criteria={"keywords": [mark]}, origin="platform"
    )


def _insert_run(connection: Connection[Any], template: int, application: int, **columns: Any) -> str:
    """A run of the employer's that waits, unless `columns` says what became of it."""
    entry = {
        "id": str(new_id()),
        "task": "email.send",
        "payload": {"template_id": template, "application_id": application},
        "run_at": LATER.isoformat(),
        "caused_by": EMPLOYER,
        "company_id": COMPANY,
    }
    connection.execute("select run_id from enqueue_tasks(%s)", [Jsonb([entry])])
    for name, value in columns.items():
        statement = sql.SQL("update task_runs set {} = %s where id = %s").format(sql.Identifier(name))
        connection.execute(statement, [value, entry["id"]])
    return str(entry["id"])


def _insert_letter(connection: Connection[Any], template: int) -> str:
    provider_id = str(new_id())
    main_web_app.insert(
        connection,
        "email_messages",
        template="custom",
        template_id=template,
        recipient=ADDRESS,
        user_id=CANDIDATE,
        company_id=COMPANY,
        state="sent",
        provider_id=provider_id,
    )
    return provider_id


def _insert_suppression(connection: Connection[Any]) -> str:
    address = "secret@example.org"
    connection.execute("delete from suppressions")
    connection.execute("insert into suppressions (address, reason) values (%s, 'bounced')", [address])
    return address
