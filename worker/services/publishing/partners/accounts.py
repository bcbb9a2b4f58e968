"""A company's partner on the channel `custom`: its own receiver of webhooks, or its account at a job board.

One at a time, as a row of channel_accounts. Of a receiver `access_token` holds the secret that signs, and
`refresh_token` the one before it, which signs as well until `previous_until`; of a board, the key that it gave.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.crypto import UnreadableToken
from worker.kit.database import Row, execute, query
from worker.kit.errors import Permanent, Retryable, RunError
from worker.kit.signing import new_webhook_secret
from worker.ledger.audit import audit
from worker.ledger.gates import open_gate
from worker.services.integrations import storing
from worker.services.integrations.vault import TokenVault

Kind = Literal["webhook", "myjobmag"]
OVERLAP = "interval '24 hours'"
LONGEST_REASON = 500
NOT_CONNECTED = "The company has connected no webhook and no board any more; nothing was sent."
UNREADABLE = "What signs deliveries, or the board's key, can no longer be read: give it anew in Intégrations."

COLUMNS = """
    id, company_id, user_id, account_kind as kind, account_label as label, settings, access_token, refresh_token,
    encryption_key, token_version, is_active and state = 'connected' as works, is_active, off_since, off_reason,
    connected_at, last_used_at, last_error,
    (settings->>'previous_until')::timestamptz as previous_until,
    coalesce((settings->>'previous_until')::timestamptz > now(), false) as overlaps
"""
OF_COMPANY = f"""
select {COLUMNS} from channel_accounts where company_id = %s and channel = 'custom' and is_active
 order by id desc limit 1
"""


@dataclass(frozen=True, slots=True)
class Partner:
    """label: whom people know it by, a host or a site. works: its key is not refused. off_since: it takes nothing more
    until a person switches it on, for `off_reason`. overlaps: the secret before this one signs as well, until
    `previous_until`.
    """

    id: int
    company_id: int
    user_id: int | None
    kind: Kind
    label: str
    settings: Mapping[str, Any]
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    encryption_key: str | None
    token_version: int
    works: bool
    is_active: bool
    off_since: datetime | None
    off_reason: str | None
    connected_at: datetime | None
    last_used_at: datetime | None
    last_error: str | None
    previous_until: datetime | None
    overlaps: bool

    @property
    def url(self) -> str:
        """Of a receiver. Its path or query may be a secret of the company's."""
        return str(self.settings.get("url", ""))

    @property
    def country(self) -> str:
        """Of a board's site."""
        return str(self.settings.get("country", ""))

    @property
    def gate(self) -> str:
        """Where its runs wait for another key."""
        return f"custom:account:{self.id}"


@dataclass(frozen=True, slots=True)
class Owner:
    company_id: int
    user_id: int
    actor: str


def of_company(connection: Connection, company_id: int, *, lock: bool = False) -> Partner | None:
    """The company's partner, also one that is off or whose key is refused; None where it has none."""
    rows = query(connection, f"{OF_COMPANY} {'for no key update' if lock else ''}", (company_id,))
    return _partner(rows[0]) if rows else None


def find(connection: Connection, partner_id: int) -> Partner | None:
    rows = query(
        connection, f"select {COLUMNS} from channel_accounts where id = %s and channel = 'custom'", (partner_id,)
    )
    return _partner(rows[0]) if rows else None


def _partner(row: Row) -> Partner:
    return Partner(**{**row, "label": row["label"] or "", "settings": row["settings"] or {}})


def save_receiver(connection: Connection, vault: TokenVault, owner: Owner, url: str) -> bool:
    """Deliver to this address from now on; whether a secret was made for it. A receiver keeps its secret when its
    address changes, and one that was off is on again. Raises NoEncryptionKey.
    """
    known = _hold(connection, owner, "webhook")
    host = urlsplit(url).hostname or ""
    if known is None:
        _insert(connection, vault, owner, "webhook", host, {"url": url}, new_webhook_secret())
        return True
    _change(connection, owner, known, host, {**known.settings, "url": url})
    return False


def save_key(connection: Connection, vault: TokenVault, owner: Owner, label: str, country: str, key: str) -> bool:
    """Place offers at the board with this key; whether the company had none there. Runs that waited for another key go
    on. Raises NoEncryptionKey.
    """
    known = _hold(connection, owner, "myjobmag")
    if known is None:
        _insert(connection, vault, owner, "myjobmag", label, {"country": country}, key)
        return True
    execute(
        connection,
        """
        update channel_accounts set access_token = %s, encryption_key = %s, token_version = token_version + 1
         where id = %s
        """,
        (vault.seal_text(key), vault.current_key, known.id),
    )
    _change(connection, owner, known, label, {**known.settings, "country": country})
    open_gate(connection, known.gate)
    return False


def _hold(connection: Connection, owner: Owner, kind: Kind) -> Partner | None:
    """The company's partner of this kind; one of the other kind ends."""
    query(connection, storing.ONE_AT_A_TIME, (owner.company_id,))
    known = of_company(connection, owner.company_id, lock=True)
    if known is not None and known.kind != kind:
        end(connection, owner.company_id, owner.actor)
        return None
    return known


def _insert(
    connection: Connection,
    vault: TokenVault,
    owner: Owner,
    kind: Kind,
    label: str,
    settings: Mapping[str, Any],
    token: str,
) -> None:
    [row] = query(
        connection,
        """
        insert into channel_accounts (company_id, user_id, channel, access_token, encryption_key, is_active, state,
                                      account_label, account_kind, settings, connected_at)
        values (%s, %s, 'custom', %s, %s, true, 'connected', %s, %s, %s, now())
        returning id
        """,
        (
            owner.company_id,
            owner.user_id,
            vault.seal_text(token),
            vault.current_key,
            label,
            kind,
            Jsonb(dict(settings)),
        ),
    )
    audit(connection, owner.actor, "partner.connect", f"channel_account:{row['id']}", reason=kind)


def _change(connection: Connection, owner: Owner, known: Partner, label: str, settings: Mapping[str, Any]) -> None:
    execute(
        connection,
        """
        update channel_accounts
           set user_id = %s, account_label = %s, settings = %s, state = 'connected', last_error = null,
               off_since = null, off_reason = null, connected_at = now(), updated_at = now()
         where id = %s
        """,
        (owner.user_id, label, Jsonb(dict(settings)), known.id),
    )
    audit(connection, owner.actor, "partner.change", f"channel_account:{known.id}")


def rotate_secret(connection: Connection, vault: TokenVault, known: Partner, actor: str) -> None:
    """Sign with a new secret; the one that signs now does so for 24 hours more. Raises NoEncryptionKey."""
    try:
        previous = vault.seal_text(vault.open(known.access_token))
    except UnreadableToken:
        previous = None
    execute(
        connection,
        f"""
        update channel_accounts
           set access_token = %(secret)s, refresh_token = %(previous)s, encryption_key = %(key)s,
               token_version = token_version + 1, updated_at = now(),
               settings = settings || jsonb_build_object('previous_until', now() + {OVERLAP})
         where id = %(id)s
        """,
        {
            "secret": vault.seal_text(new_webhook_secret()),
            "previous": previous,
            "key": vault.current_key,
            "id": known.id,
        },
    )
    audit(connection, actor, "partner.rotate", f"channel_account:{known.id}")


def end(connection: Connection, company_id: int, actor: str) -> int:
    """Send nothing to the company's partner any more, and forget its secrets; how many there were."""
    rows = query(
        connection,
        """
        update channel_accounts
           set access_token = '', refresh_token = null, encryption_key = null, token_version = token_version + 1,
               is_active = false, state = 'disconnected', last_error = null, updated_at = now()
         where company_id = %s and channel = 'custom' and is_active
        returning id
        """,
        (company_id,),
    )
    for row in rows:
        audit(connection, actor, "connection.end", f"channel_account:{row['id']}")
    return len(rows)


def secrets_of(vault: TokenVault, known: Partner) -> tuple[str, ...]:
    """What signs a delivery now, the newest first; of a board its key. Raises a RunError where it cannot be read."""
    kept = [known.access_token, *([known.refresh_token] if known.overlaps and known.refresh_token else [])]
    try:
        return tuple(map(vault.open, kept))
    except UnreadableToken as error:
        raise _unreadable(vault, known) from error


def _unreadable(vault: TokenVault, known: Partner) -> RunError:
    if vault.lacks(known.encryption_key):
        return Retryable("This process lacks the key that sealed the partner's secrets.", after=60.0)
    return Permanent(UNREADABLE, code="partner.unreadable", status=400)


def switch_off(connection: Connection, partner_id: int, reason: str) -> bool:
    """Send nothing more until a person switches it on; False when it was off already."""
    changed = execute(
        connection,
        """
        update channel_accounts set off_since = now(), off_reason = %s, updated_at = now()
         where id = %s and off_since is null
        """,
        (reason[:LONGEST_REASON], partner_id),
    )
    if changed:
        audit(connection, "platform", "channel.off", f"channel_account:{partner_id}", reason=reason[:LONGEST_REASON])
    return bool(changed)


def lose_key(connection: Connection, partner: Partner, reason: str) -> bool:
    """Note that the board refuses this key; False when another one is stored by now, or it is noted already."""
    changed = execute(
        connection,
        """
        update channel_accounts set state = 'needs_reconnect', last_error = %s, updated_at = now()
         where id = %s and token_version = %s and is_active and state = 'connected'
        """,
        (reason[:LONGEST_REASON], partner.id, partner.token_version),
    )
    return bool(changed)


def note_use(connection: Connection, partner_id: int) -> None:
    execute(connection, "update channel_accounts set last_used_at = now() where id = %s", (partner_id,))
