"""What several chaos tests do to a stack."""

from typing import Any

import requests
from sqlalchemy import Connection

from sandbox.stack import Stack
from worker.kit.database import query


def publish_an_offer(connection: Connection) -> int:
    """One company with one open offer, as the main web app writes them."""
    user = query(
        connection,
        """
        insert into users (email, role, first_name, last_name, is_active)
        values ('recruteur@example.org', 'EMPLOYER', 'Awa', 'Diop', true) returning id
        """,
    )[0]["id"]
    company = query(connection, "insert into companies (name) values ('Sahel Conseil') returning id")[0]["id"]
    employer = query(
        connection, "insert into employers (user_id, company_id) values (%s, %s) returning id", (user, company)
    )[0]["id"]
    return int(
        query(
            connection,
            """
            insert into jobs (employer_id, company_id, title, description, job_type, location_type, status, is_featured,
                              views_count, applications_count, posted_at)
            values (%s, %s, 'Comptable', 'Tenue des comptes', 'full_time', 'on_site', 'published', false, 0, 0, now())
            returning id
            """,
            (employer, company),
        )[0]["id"]
    )


def switch_faults(stack: Stack, faults: dict[str, Any]) -> None:
    requests.put(f"{stack.url('emulators')}/_emulator/resend/faults", json=faults, timeout=5).raise_for_status()
