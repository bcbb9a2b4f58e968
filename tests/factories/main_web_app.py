"""The main web app's database: its two real variants, rows as it writes them, deletions as it does them.

`production` came about through its migrations, `models` through "create all from the models". The schema file
lists per table `cols` (type, not null, default), `con` and `idx` as Postgres prints them.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

Variant = Literal["production", "models"]
Schema = dict[str, dict[str, dict[str, Any]]]

SCHEMA_FILE = Path(__file__).with_name("main_web_app_schema.json")
REVISION = "b2c3d4e5f6a7"
# Constraints that refer to others' keys come last.
CONSTRAINT_ORDER = ("PRIMARY", "UNIQUE", "CHECK", "FOREIGN")


def schema(variant: Variant) -> Schema:
    """By table, then `cols`, `con`, `idx`."""
    tables: Schema = described(variant)["tables"]
    return tables


def described(variant: Variant) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())[variant]
    return facts


def build(connection: Connection[Any], variant: Variant) -> None:
    """Make the whole schema in an empty database."""
    facts = described(variant)
    for name, labels in facts["enums"].items():
        values = ", ".join(f"'{label}'" for label in labels)
        run(connection, f"create type {name} as enum ({values})")
    for table, parts in facts["tables"].items():
        build_table(connection, table, parts["cols"])
    constraints = [
        (CONSTRAINT_ORDER.index(definition.split()[0]), table, name, definition)
        for table, parts in facts["tables"].items()
        for name, definition in parts["con"].items()
    ]
    for _, table, name, definition in sorted(constraints):
        run(connection, f"alter table {table} add constraint {name} {definition}")
    for parts in facts["tables"].values():
        for name, definition in parts["idx"].items():
            if name not in parts["con"]:
                run(connection, definition)
    if variant == "production":
        run(connection, "create table alembic_version (version_num varchar(32) primary key)")
        run(connection, f"insert into alembic_version values ('{REVISION}')")


def build_table(connection: Connection[Any], table: str, columns: dict[str, Any]) -> None:
    run(connection, f"create sequence {table}_id_seq as integer")
    lines = [
        f"{name} {kind}{f' default {default}' if default else ''}{' not null' if required else ''}"
        for name, (kind, required, default) in columns.items()
    ]
    run(connection, f"create table {table} ({', '.join(lines)})")
    run(connection, f"alter sequence {table}_id_seq owned by {table}.id")


def run(connection: Connection[Any], statement: str) -> None:
    connection.execute(statement.encode())


def insert(connection: Connection[Any], table: str, **values: Any) -> int:
    """One row with the given columns only; its id."""
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(values))
    statement = sql.SQL("insert into {} ({}) values ({}) returning id").format(sql.Identifier(table), names, marks)
    parameters = [Jsonb(value) if isinstance(value, dict | list) else value for value in values.values()]
    row = connection.execute(statement, parameters).fetchone()
    assert row is not None
    return int(row[0] if isinstance(row, tuple) else row["id"])


def insert_user(connection: Connection[Any], email: str, role: str) -> int:
    first_name, last_name = email.split("@", maxsplit=1)[0].split(".")
    return insert(
        connection,
        "users",
        email=email,
        role=role,
        first_name=first_name.title(),
        last_name=last_name.title(),
        name=f"{first_name} {last_name}".title(),
        is_active=True,
    )


def insert_job(connection: Connection[Any], title: str, **values: Any) -> int:
    """A published offer of company 1, with every default that the app's own code gives."""
    defaults = {
        "employer_id": 1,
        "company_id": 1,
        "description": f"{title} à Libreville",
        "job_type": "full_time",
        "location_type": "on_site",
        "location": "Libreville",
        "currency": "XAF",
        "status": "published",
        "is_featured": False,
        "views_count": 0,
        "applications_count": 0,
        "posted_at": datetime.now(UTC),
    }
    return insert(connection, "jobs", title=title, **{**defaults, **values})


def insert_alert(connection: Connection[Any], user_id: int, name: str, **values: Any) -> int:
    """The app writes users.id where candidates.id belongs."""
    defaults = {
        "criteria": {"keywords": ["python"], "location": "Libreville"},
        "frequency": "DAILY",
        "is_active": True,
        "jobs_sent_count": 0,
    }
    return insert(connection, "job_alerts", candidate_id=user_id, name=name, **{**defaults, **values})


def insert_application(connection: Connection[Any], job_id: int, candidate_id: int, **values: Any) -> int:
    return insert(connection, "job_applications", job_id=job_id, candidate_id=candidate_id, status="applied", **values)


def insert_interview(connection: Connection[Any], application_id: int, user_id: int, **values: Any) -> int:
    defaults = {
        "title": "Entretien",
        "scheduled_at": datetime.now(UTC) + timedelta(days=3),
        "candidate_email": "candidat@example.org",
        "status": "SCHEDULED",
    }
    return insert(
        connection,
        "interview_schedules",
        application_id=application_id,
        created_by_user_id=user_id,
        **{**defaults, **values},
    )


def insert_notification(connection: Connection[Any], user_id: int, **values: Any) -> int:
    defaults = {"type": "NEW_JOB", "title": "Nouvelle offre", "message": "Une offre vous correspond."}
    return insert(connection, "notifications", user_id=user_id, **{**defaults, **values})


def insert_template(connection: Connection[Any], name: str, **values: Any) -> int:
    defaults = {
        "company_id": 1,
        "created_by_user_id": 1,
        "type": "WELCOME_CANDIDATE",
        "subject": "Bienvenue {candidate_name}",
        "body": "<p>Bonjour {candidate_name}</p>",
    }
    return insert(connection, "email_templates", name=name, **{**defaults, **values})


def insert_credential(connection: Connection[Any], provider: str, **values: Any) -> int:
    defaults = {"company_id": 1, "user_id": 1, "access_token": "gAAAAAexample", "provider_data": {}}
    return insert(connection, "integration_credentials", provider=provider, **{**defaults, **values})


def populate(connection: Connection[Any]) -> None:
    """Believable rows, ids counted from 1, among them columns left NULL by programs that know no ORM defaults.

    Users: 1 recruiter, 2 and 3 and 7 candidates (1, 2, 3), 4 a recruiter without employer row, 5 an admin,
    6 a recruiter without company. Offers: 2, 1 and 6 are visible and were posted in this order. Alerts: 1 and 4
    of user 2, 2 of user 3, 3 of the recruiter.
    """
    populate_people(connection)
    populate_jobs(connection)
    populate_applications(connection)
    for user_id, name, values in (
        (2, "Python", {}),
        (3, "Comptable", {"frequency": "WEEKLY"}),
        (1, "Test d'un recruteur", {"frequency": "INSTANT"}),
        (2, "Sans valeurs", {"is_active": None, "jobs_sent_count": None}),
    ):
        insert_alert(connection, user_id, name, **values)
    populate_settings(connection)


def populate_people(connection: Connection[Any]) -> None:
    for email, role in (
        ("awa.mba@example.org", "EMPLOYER"),
        ("paul.ndong@example.org", "CANDIDATE"),
        ("lea.obame@example.org", "CANDIDATE"),
        ("sans.ligne@example.org", "EMPLOYER"),
        ("chef.admin@example.org", "ADMIN"),
        ("sans.societe@example.org", "EMPLOYER"),
        ("marc.essono@example.org", "CANDIDATE"),
    ):
        insert_user(connection, email, role)
    insert(connection, "companies", name="Gabon Numérique", country="GA", is_verified=True)
    insert(connection, "companies", name="Douala Conseil", country="CM", is_verified=False)
    insert(connection, "employers", user_id=1, company_id=1, can_create_jobs=True, is_admin=True)
    insert(connection, "employers", user_id=6)
    for user_id in (2, 3, 7):
        insert(connection, "candidates", user_id=user_id, title="Développeur", location="Libreville")
    insert(connection, "accounts", user_id=2, type="oauth", provider="google", provider_account_id="g-2")


def populate_jobs(connection: Connection[Any]) -> None:
    now = datetime.now(UTC)
    unwritten = {"views_count": None, "applications_count": None, "is_featured": None, "posted_at": None}
    insert_job(connection, "Développeur Python", posted_at=now - timedelta(days=10))
    insert_job(connection, "Comptable", created_at=now - timedelta(days=12), **unwritten)
    insert_job(connection, "Brouillon", status="draft", posted_at=None)
    insert_job(connection, "Expirée", posted_at=now - timedelta(days=60), expires_at=now - timedelta(days=30))
    insert_job(connection, "Close", status="closed", posted_at=now - timedelta(days=20))
    insert_job(connection, "Chef de projet", posted_at=now - timedelta(days=1), salary_min=500_000)


def populate_applications(connection: Connection[Any]) -> None:
    cv = insert(connection, "candidate_cvs", candidate_id=1, filename="cv.pdf", file_path="cv/1.pdf")
    notes = [{"user_id": 1, "user_name": "Awa Mba", "note": "À revoir", "created_at": "2026-07-01T09:00:00+00:00"}]
    insert_application(connection, 1, 1, cv_id=cv, recruiter_notes=notes, tags=["python"], rating=4)
    insert_application(connection, 2, 2)
    insert_interview(connection, 1, 1, duration_minutes=60, timezone="Europe/Paris", interviewers=[])
    insert_interview(connection, 2, 1)
    insert(connection, "experiences", candidate_id=1, title="Développeur", company="Ogooué", start_date="2020-01")
    insert(
        connection,
        "educations",
        candidate_id=1,
        degree="Master",
        school="Université de Yaoundé",
        start_date="2015-09",
        end_date="2020-06",
    )
    insert(connection, "skills", candidate_id=1, name="Python", level=5, category="TECHNICAL")


def populate_settings(connection: Connection[Any]) -> None:
    earlier = datetime.now(UTC) - timedelta(days=5)
    insert_notification(connection, 2, related_job_id=1, is_read=False)
    insert_notification(connection, 1, type="NEW_APPLICATION", related_application_id=1)
    insert_template(connection, "Ancien accueil", is_active=True, is_default=True, updated_at=earlier)
    insert_template(connection, "Accueil", is_active=True, is_default=True, usage_count=3)
    insert_template(connection, "Refus", type="APPLICATION_REJECTED", is_default=True)
    insert_template(connection, "Sans valeurs", type="CUSTOM")
    insert_credential(connection, "LINKEDIN", is_active=None, updated_at=earlier)
    insert_credential(connection, "LINKEDIN", is_active=True)
    insert_credential(connection, "GOOGLE_CALENDAR", is_active=True)
    insert_credential(connection, "GOOGLE_CALENDAR", is_active=True, user_id=6)
    insert(connection, "job_postings", job_id=1, channel="LINKEDIN", external_id="urn:li:share:1", is_active=True)


def delete_job(connection: Connection[Any], job_id: int) -> None:
    """The app deletes an offer with its applications and nothing else."""
    connection.execute("delete from job_applications where job_id = %s", [job_id])
    connection.execute("delete from jobs where id = %s", [job_id])


def withdraw_application(connection: Connection[Any], application_id: int) -> None:
    connection.execute("delete from job_applications where id = %s", [application_id])


def delete_candidate_account(connection: Connection[Any], user_id: int) -> None:
    """The app deletes what its candidate model owns, then the user; alerts and notifications it forgets."""
    owned = "candidate_id in (select id from candidates where user_id = %s)"
    for table in ("job_applications", "candidate_cvs", "experiences", "educations", "skills"):
        connection.execute(f"delete from {table} where {owned}".encode(), [user_id])
    for table in ("accounts", "candidates"):
        connection.execute(f"delete from {table} where user_id = %s".encode(), [user_id])
    connection.execute("delete from users where id = %s", [user_id])


def delete_recruiter_account(connection: Connection[Any], user_id: int) -> None:
    """The app deletes what its employer model owns, offers with their applications among it, then the user."""
    offers = "select id from jobs where employer_id in (select id from employers where user_id = %s)"
    connection.execute(f"delete from job_applications where job_id in ({offers})".encode(), [user_id])
    connection.execute(f"delete from jobs where id in ({offers})".encode(), [user_id])
    for table in ("accounts", "employers"):
        connection.execute(f"delete from {table} where user_id = %s".encode(), [user_id])
    connection.execute("delete from users where id = %s", [user_id])


def delete_company(connection: Connection[Any], company_id: int) -> None:
    """With its offers, as an administrator does; its recruiters keep their accounts."""
    offers = "select id from jobs where company_id = %s"
    connection.execute(f"delete from job_applications where job_id in ({offers})".encode(), [company_id])
    for table in ("jobs", "employers"):
        connection.execute(f"delete from {table} where company_id = %s".encode(), [company_id])
    connection.execute("delete from companies where id = %s", [company_id])
