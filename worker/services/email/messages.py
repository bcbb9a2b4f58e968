"""Messages: one row per mail, written in the transaction that decides that it shall be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import query


@dataclass(frozen=True, slots=True)
class NewMessage:
    """source: the row that asks for the mail (`alert_digest:17`); it makes the message unique.

    context: what the layout `template` needs, as ids and numbers wherever the database has the text. template_id and
    template_version: the row of email_templates behind the layout `employer`.
    """

    source: str
    template: str
    recipient: str
    context: Mapping[str, Any]
    locale: str = "fr"
    user_id: int | None = None
    company_id: int | None = None
    template_id: int | None = None
    template_version: int | None = None


NAMES = ("source", "template", "recipient", "locale", "user_id", "company_id", "template_id", "template_version")

INSERT = """
insert into email_messages (source, template, recipient, context, locale, user_id, company_id, template_id,
                            template_version)
select * from unnest(%(source)s::text[], %(template)s::text[], %(recipient)s::text[], %(context)s::jsonb[],
                     %(locale)s::text[], %(user_id)s::integer[], %(company_id)s::integer[],
                     %(template_id)s::integer[], %(template_version)s::integer[])
on conflict (source) do nothing
returning id, source
"""


def write(connection: Connection, messages: Sequence[NewMessage]) -> dict[str, int]:
    """Write pending messages; returns the new rows' ids by source. A source that has its message gets no other."""
    if not messages:
        return {}
    columns: dict[str, list[Any]] = {name: [getattr(message, name) for message in messages] for name in NAMES}
    columns["context"] = [Jsonb(dict(message.context)) for message in messages]
    return {row["source"]: row["id"] for row in query(connection, INSERT, columns)}
