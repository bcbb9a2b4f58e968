"""What users are told about connected accounts."""

from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.catalogue.notifications import Notify
from worker.contracts.providers import AUTHORISED, provider_called
from worker.kit.database import query
from worker.kit.localisation import known_locale
from worker.ledger.outcomes import Done
from worker.services.integrations import credentials
from worker.services.notifications import wording
from worker.services.notifications.writing import READERS, NewNotification, write

NAME = """
select coalesce(nullif(btrim(name), ''), nullif(btrim(concat_ws(' ', first_name, last_name)), '')) as name
  from users where id = %s
"""


def notify(connection: Connection, payload: Notify) -> Done:
    """Write one notification per user; none about an account whose row is gone."""
    facts = _facts(connection, payload)
    if facts is None:
        return Done({"notified": 0})
    readers = query(connection, READERS, (payload.user_ids,))
    new = [
        NewNotification(reader["id"], *wording.connection(known_locale(reader["locale"]), payload.kind, facts))
        for reader in readers
    ]
    write(connection, NotificationKind.parse(payload.kind), new)
    return Done({"notified": len(new)})


def _facts(connection: Connection, payload: Notify) -> wording.ConnectionFacts | None:
    if payload.provider is not None:
        return wording.ConnectionFacts(provider_called(payload.provider).title, days=payload.days)
    known = credentials.named(connection, payload)
    if known is None:
        return None
    owner = query(connection, NAME, (known.user_id,))
    return wording.ConnectionFacts(
        AUTHORISED[known.provider].title,
        account=known.account_label or "",
        owner=(owner[0]["name"] or "") if owner else "",
        days=payload.days,
    )
