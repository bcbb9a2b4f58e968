"""The main web app's part in the demonstration: it lets people in and publishes offers."""

from collections.abc import Mapping
from dataclasses import fields
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
