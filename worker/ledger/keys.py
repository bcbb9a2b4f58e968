"""Service keys: how the main web app and other programs prove who they are. Only a key's hash is kept."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.kit.ids import new_id
from worker.ledger.audit import audit

SCOPES = ("tasks:write", "tasks:read", "operations", "companies")
PREFIX = "iwk_"

_COLUMNS = "id, name, scopes, created_at, last_used_at, revoked_at"


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key without its secret."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def allows(self, *scopes: str) -> bool:
        """Whether the key holds at least one of these scopes."""
        return not set(scopes).isdisjoint(self.scopes)


def create_key(connection: Connection, name: str, scopes: Iterable[str], *, actor: str = "cli") -> tuple[UUID, str]:
    """A new key: its id and its secret, which is shown this once. Raises ValueError with a sentence."""
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise ValueError(f"A key needs scopes out of {', '.join(SCOPES)}; given: {', '.join(unknown) or 'none'}.")
    if not name.strip():
        raise ValueError("A key needs a name, so that people know whose it is.")
    secret = PREFIX + secrets.token_urlsafe(32)
    identifier = new_id()
    execute(
        connection,
        "insert into service_keys (id, name, key_hash, scopes) values (%s, %s, %s, %s)",
        (identifier, name.strip(), _hash(secret), wanted),
    )
    audit(connection, actor, "key.create", str(identifier), details={"name": name.strip(), "scopes": wanted})
    return identifier, secret


def find_key(connection: Connection, secret: str) -> KeyView | None:
    """The unrevoked key with this secret. Its last use is noted to the minute, without waiting for others."""
    if not secret.startswith(PREFIX):
        return None
    digest = _hash(secret)
    execute(
        connection,
        """
        update service_keys set last_used_at = now() where id in (
            select id from service_keys
             where key_hash = %s and revoked_at is null
               and (last_used_at is null or last_used_at < now() - interval '1 minute')
               for no key update skip locked)
        """,
        (digest,),
    )
    rows = query(
        connection, f"select {_COLUMNS} from service_keys where key_hash = %s and revoked_at is null", (digest,)
    )
    return _view(rows[0]) if rows else None


def revoke_key(connection: Connection, key_id: UUID, *, actor: str = "cli") -> bool:
    """Whether an unrevoked key was there; from the commit on it opens nothing."""
    revoked = execute(
        connection, "update service_keys set revoked_at = now() where id = %s and revoked_at is null", (key_id,)
    )
    if revoked:
        audit(connection, actor, "key.revoke", str(key_id))
    return bool(revoked)


def list_keys(connection: Connection) -> list[KeyView]:
    """Every key, revoked ones too, oldest first."""
    return [_view(row) for row in query(connection, f"select {_COLUMNS} from service_keys order by id")]


def _hash(secret: str) -> str:
    """A key has 256 random bits, so one round of SHA-256 keeps it safe."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _view(row: dict[str, object]) -> KeyView:
    values = dict(row)
    values["scopes"] = tuple(values["scopes"])  # type: ignore[arg-type]
    return KeyView(**values)  # type: ignore[arg-type]
