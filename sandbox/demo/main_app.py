"""The main web app's part in the demonstration: it lets people in and publishes offers."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from sandbox.demo.scene import Scene
from sandbox.seed.rows import Job
from worker.kit.database import query

TOKEN_LIFE = timedelta(hours=1)

COPIED = ", ".join(field.name for field in fields(Job) if field.name not in ("id", "created_at", "posted_at"))
OFFER = f"""
    insert into jobs ({COPIED}, created_at, posted_at) select {COPIED}, now(), now() from jobs where id = %s
    returning id
"""

COLLEAGUE = """
    with person as (
        insert into users (email, role, first_name, last_name, name, is_active, created_at, updated_at)
        select 'rose.mba.' || count(*) || '@demo.example', 'EMPLOYER', 'Rose', 'Mba', 'Rose Mba', true, now(), now()
          from users where email like 'rose.mba.%%@demo.example' returning id, email),
    hired as (
        insert into employers (user_id, company_id, can_create_jobs, can_manage_candidates, is_admin)
        select p.id, e.company_id, true, true, false from person p, employers e where e.user_id = %s)
    select id, email from person
"""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user, and the header with which the main web app calls for him."""

    user_id: int
    headers: Mapping[str, str]


def hire(scene: Scene, user_id: int) -> SignedIn:
    """Another recruiter of the company of this one, registered as the main web app does."""
    with scene.database.transaction() as connection:
        [person] = query(connection, COLLEAGUE, (user_id,))
    return SignedIn(person["id"], signed_in(scene, person, "employer"))


def signed_in(scene: Scene, person: Mapping[str, Any], role: str) -> Mapping[str, str]:
    """The header with which the main web app calls for this user (`id` and `email`)."""
    now = datetime.now(UTC)
    claims = {
        "sub": str(person["id"]),
        "email": person["email"],
        "role": role,
        "type": "access",
        "iat": now,
        "exp": now + TOKEN_LIFE,
    }
    token = jwt.encode(claims, scene.stack.environment["NEXTAUTH_SECRET"], algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


def publish_like(scene: Scene, job_id: int) -> int:
    """Publish an offer like this one, by SQL alone as the main web app does; its id."""
    with scene.database.transaction() as connection:
        return int(query(connection, OFFER, (job_id,))[0]["id"])
