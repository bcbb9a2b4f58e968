"""Whether a recipient still wants a message: asked right before a batch's bytes are fixed, and never later."""

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.kit.mailboxes import PLAIN, canonical

# A digest names its alert; a row that names none can belong to no living alert.
UNWANTED = """
update email_messages m set state = 'suppressed', error = judged.reason, updated_at = now()
  from (
    select w.id,
           case when exists (select from suppressions s where s.address = w.recipient and s.lifted_at is null)
                    then 'The address is on the suppression list.'
                when w.template <> 'job_alert' then null
                when exists (select from recipient_preferences p where p.user_id = w.user_id and p.all_alerts_stopped)
                  or exists (select from recipient_preferences p
                              where p.address = w.recipient and p.all_alerts_stopped)
                    then 'The recipient stopped all alerts.'
                when starts_with(w.source, 'alert_digest:') and not exists (
                     select from job_alerts a
                      where a.id = case when w.context ->> 'alert_id' ~ '^[0-9]{1,9}$'
                                        then (w.context ->> 'alert_id')::integer end
                        and coalesce(a.is_active, true))
                    then 'The alert was paused or deleted.' end as reason
      from email_messages w where w.batch_id = %s and w.state in ('pending', 'sending')) judged
 where m.id = judged.id and judged.reason is not null
"""


ODD = """
select id, recipient from email_messages
 where batch_id = %s and state in ('pending', 'sending') and recipient !~ %s
"""


def suppress_unwanted(connection: Connection, batch_id: int) -> int:
    """Take messages of a batch out whose recipient must not or does not want to be written to; returns how many."""
    _put_into_form(connection, batch_id)
    return execute(connection, UNWANTED, (batch_id,))


def _put_into_form(connection: Connection, batch_id: int) -> None:
    """The release before wrote recipients as they were typed."""
    odd = query(connection, ODD, (batch_id, PLAIN))
    changed = {row["id"]: form for row in odd if (form := canonical(row["recipient"])) not in ("", row["recipient"])}
    if changed:
        execute(
            connection,
            """
            update email_messages m set recipient = n.recipient
              from unnest(%s::bigint[], %s::text[]) as n(id, recipient) where m.id = n.id
            """,
            (list(changed), list(changed.values())),
        )
