"""Messages: one row per mail, written in the transaction that decides that it shall be sent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.columns import numbers, texts
from worker.kit.database import execute, query
from worker.kit.mailboxes import comparable
from worker.services.email.delivery import batches


@dataclass(frozen=True, slots=True)
class NewMessage:
    """source: the row that asks for the mail (`alert_digest:17`); it makes the message unique.

    context: what the layout `template` needs, as ids and numbers wherever the database has the text. template_id and
    template_version: the row of email_templates behind the layout `employer`. application_id: the one that it is
    about.
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
    application_id: int | None = None


NAMES = (
    *("source", "template", "recipient", "locale", "user_id", "company_id", "template_id", "template_version"),
    "application_id",
)

INSERT = """
insert into email_messages (source, template, recipient, context, locale, user_id, company_id, template_id,
                            template_version, application_id)
select * from unnest(%(source)s::text[], %(template)s::text[], %(recipient)s::text[], %(context)s::jsonb[],
                     %(locale)s::text[], %(user_id)s::integer[], %(company_id)s::integer[],
                     %(template_id)s::integer[], %(template_version)s::integer[], %(application_id)s::integer[])
on conflict (source) do nothing
returning id, source
"""


def write(connection: Connection, messages: Sequence[NewMessage]) -> dict[str, int]:
    """Write pending messages; returns the new rows' ids by source. A source that has its message gets no other."""
    if not messages:
        return {}
    columns: dict[str, list[Any]] = {name: [getattr(message, name) for message in messages] for name in NAMES}
    columns["recipient"] = [comparable(message.recipient) for message in messages]
    columns["context"] = [Jsonb(dict(message.context)) for message in messages]
    return {row["source"]: row["id"] for row in query(connection, INSERT, columns)}


RESERVE = """
select array_agg(nextval('email_messages_id_seq')) as ids from generate_series(1, %s)
"""

# Texts travel as one: a list of them would be quoted one by one.
INSERT_PLACED = """
insert into email_messages (id, source, template, recipient, context, locale, user_id, company_id, template_id,
                            template_version, batch_id, ordinal)
overriding system value
select m.id, m.source, m.template, m.recipient, m.context::jsonb, m.locale, m.user_id, m.company_id, m.template_id,
       m.template_version, m.batch_id, case when m.batch_id is not null then (m.place - 1) %% %(size)s end
  from unnest(%(id)s::bigint[], string_to_array(%(source)s, chr(31)), string_to_array(%(template)s, chr(31)),
              string_to_array(%(recipient)s, chr(31)), string_to_array(%(context)s, chr(31)),
              string_to_array(%(locale)s, chr(31)), %(user_id)s::integer[], %(company_id)s::integer[],
              %(template_id)s::integer[], %(template_version)s::integer[], %(batch_id)s::bigint[])
       with ordinality
       as m(id, source, template, recipient, context, locale, user_id, company_id, template_id, template_version,
            batch_id, place)
"""

TEXTS = ("source", "template", "recipient", "locale")
NUMBERS = ("user_id", "company_id", "template_id", "template_version")

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def write_in_batches(connection: Connection, messages: Sequence[NewMessage]) -> list[int]:
    """Write many messages about no application, whose sources are new, each full hundred with its batch; returns their
    ids in order.

    The remainder is pending until `batches.fill`. Raises psycopg.errors.UniqueViolation for a source that has its
    message already.
    """
    if not messages:
        return []
    ids: list[int] = query(connection, RESERVE, (len(messages),))[0]["ids"]
    full = batches.make(connection, len(messages) // batches.LARGEST)
    placed = [batch for batch in full for _ in range(batches.LARGEST)]
    columns = {name: texts([getattr(message, name) for message in messages]) for name in TEXTS}
    columns["recipient"] = texts([comparable(message.recipient) for message in messages])
    columns |= {name: numbers([getattr(message, name) for message in messages]) for name in NUMBERS}
    columns["context"] = texts([_encode(message.context) for message in messages])
    columns["batch_id"] = numbers([*placed, *[None] * (len(messages) - len(placed))])
    execute(connection, INSERT_PLACED, {**columns, "id": numbers(ids), "size": batches.LARGEST})
    return ids
