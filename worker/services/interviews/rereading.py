"""A calendar is read before anybody is reminded of what stands in it."""

from datetime import timedelta

from sqlalchemy import Connection

from worker.catalogue.interviews import RemindOf
from worker.kit.database import query
from worker.kit.errors import RateLimited, Retryable, RunError
from worker.kit.logging import get_logger
from worker.ledger.outcomes import Snooze
from worker.services.integrations import credentials
from worker.services.integrations.credentials import Credential
from worker.services.interviews.reading import CalendarReader
from worker.services.interviews.reminders import AHEAD

# What was read so lately is known.
RECENTLY = timedelta(minutes=5)
# A calendar that does not answer keeps nobody from being reminded: so long after it was due, or so often asked.
PATIENCE = timedelta(minutes=10)
ASKED = 3

UNREAD = """
select credential_id from interview_schedules
 where id = %s and coalesce(google_event_id, outlook_event_id) is not null and credential_id is not null
   and coalesce(event_checked_at < now() - %s::interval, true)
"""

log = get_logger(__name__)


def account_to_ask(connection: Connection, payload: RemindOf) -> Credential | None:
    """Whose calendar holds the interview and was not read lately; None where there is nothing to ask, or nobody."""
    found = query(connection, UNREAD, (payload.interview_id, RECENTLY))
    account = credentials.find(connection, found[0]["credential_id"]) if found else None
    return account if account is not None and account.works else None


def ask(reader: CalendarReader, account: Credential, payload: RemindOf) -> Snooze | None:
    """None once the calendar was read, or nobody should wait for it any longer. Raises Retryable and RateLimited."""
    if reader.source.context.run.attempt > ASKED:
        # Whatever else happens when it is read, to this worker too, happened so often.
        return None
    try:
        outcome = reader.read(account)
    except (Retryable, RateLimited):
        if _may_wait(reader, payload):
            raise
        return None
    except RunError as error:
        log.info("interview.unread", interview=payload.interview_id, code=error.code)
        return None
    return outcome if isinstance(outcome, Snooze) and _may_wait(reader, payload) else None


def _may_wait(reader: CalendarReader, payload: RemindOf) -> bool:
    context = reader.source.context
    last = payload.start - AHEAD + PATIENCE
    [row] = context.transaction(lambda connection: query(connection, "select now() < %s as early", (last,)))
    return bool(row["early"])
