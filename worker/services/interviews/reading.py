"""Calendars read back: what people did with an interview's event in the calendar itself.

One list of the account's next two days tells all of its interviews there; only an event that is missing from it is read
by itself. Reading is no effect: whoever does it twice finds nothing new.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.catalogue.interviews import READ_CALENDAR, ReadCalendar
from worker.contracts.accounts import AccessRefused, NoMailbox, ScopeMissing
from worker.contracts.calendars import CalendarEvent, CalendarProvider
from worker.contracts.providers import AuthorisedProvider
from worker.kit.database import execute, query
from worker.kit.errors import Permanent, RateLimited, Retryable, RunError
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.handlers import Outcome
from worker.ledger.outcomes import Done, Snooze
from worker.ledger.reads import Admission
from worker.services.integrations.credentials import Credential
from worker.services.integrations.storing import note_use
from worker.services.integrations.tokens import AccessToken, TokenSource
from worker.services.interviews import following
from worker.services.interviews.event_plan import limits_of
from worker.services.interviews.following import Known
from worker.services.interviews.rows import LIVE_LABELS

AHEAD = "interval '48 hours'"
# Of one account in one run; the rest follows at once.
MOST = 500
# Events that cannot be read, before the rest of them is left for later.
MOST_FAILURES = 4
# What was read or written so lately is known.
JUST_NOW = "interval '1 minute'"

# Of a row `s`: what the calendar was told of all that the interview is, and no call is under way.
READABLE = f"""
    s.status::text = any(%(live)s::text[]) and s.calendar <> 'none'
    and coalesce(s.google_event_id, s.outlook_event_id) is not null and s.event_generation = s.generation
    and s.scheduled_at > now() and s.scheduled_at < now() + {AHEAD}
    and coalesce(s.event_checked_at < now() - {JUST_NOW}, true)
"""
ACCOUNTS = f"""
select distinct c.id, c.company_id
  from interview_schedules s join integration_credentials c on c.id = s.credential_id
 where {READABLE} and c.id > %(after)s and coalesce(c.is_active, true) and coalesce(c.state, 'connected') = 'connected'
 order by c.id limit %(limit)s
"""
OF_ACCOUNT = f"""
select s.id as interview_id, coalesce(s.google_event_id, s.outlook_event_id) as event_id, s.event_etag as etag,
       s.generation, s.scheduled_at as start,
       s.scheduled_at + make_interval(mins => greatest(coalesce(s.duration_minutes, 60), 1)) as "end"
  from interview_schedules s
 where s.credential_id = %(credential)s and {READABLE}
   and not exists (select from interview_calls c where c.interview_id = s.id)
 order by s.scheduled_at, s.id limit %(limit)s
"""


def enqueue_accounts(connection: Connection, after: int, limit: int) -> tuple[int, int | None]:
    """A run for each of at most `limit` accounts with interviews in the next two days, those above the id `after`; how
    many, and the last id when there may be more. An account that does not work is left until it is connected again.
    """
    rows = query(connection, ACCOUNTS, {"live": list(LIVE_LABELS), "after": after, "limit": limit})
    enqueue_all(
        connection,
        [NewRun(READ_CALENDAR.name, _payload(row["id"]), company_id=row["company_id"]) for row in rows],
    )
    return len(rows), rows[-1]["id"] if len(rows) == limit else None


def _payload(credential_id: int) -> Mapping[str, object]:
    return ReadCalendar(credential_id=credential_id).model_dump(mode="json")


def _known(connection: Connection, credential_id: int) -> list[Known]:
    rows = query(connection, OF_ACCOUNT, {"live": list(LIVE_LABELS), "credential": credential_id, "limit": MOST})
    return [Known(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class CalendarReader:
    """One account's calendar, for one run."""

    service: AuthorisedProvider
    calendar: CalendarProvider
    source: TokenSource

    def read(self, account: Credential) -> Outcome:
        """Raises NeedsReconnect, Misconfigured, RateLimited and Retryable; what was not answered changed nothing."""
        context = self.source.context
        known = context.transaction(lambda connection: _known(connection, account.id))
        if not known:
            return Done({"read": 0})
        admission = Admission(context, self.service.name, limits_of(self.service.name, account.id))
        if (wait := admission.enter()) is not None:
            return Snooze(wait)
        token = self.source.fresh(account.id)
        with self._asking(admission, token):
            listed = self.calendar.window(token.value, known[0].start, max(each.end for each in known))
        admission.passed()
        return self._compare(admission, token, known, listed)

    def _compare(
        self, admission: Admission, token: AccessToken, known: Sequence[Known], listed: Mapping[str, CalendarEvent]
    ) -> Outcome:
        same = {each.interview_id for each in known if _is_same(each, listed.get(each.event_id))}
        self._note_same(token.credential_id, same)
        counts = Counter[str]({"read": len(known)})
        for each in known:
            if each.interview_id not in same and each.event_id in listed:
                counts[self._follow(each, listed[each.event_id])] += 1
        missing = [each for each in known if each.event_id not in listed]
        if (wait := self._read_alone(admission, token, missing, counts)) is not None:
            return Snooze(wait)
        return Snooze(1.0) if len(known) == MOST else Done(dict(+counts))

    def _read_alone(
        self, admission: Admission, token: AccessToken, missing: Sequence[Known], counts: Counter[str]
    ) -> float | None:
        """One that cannot be read keeps no other from being followed; Retryable is raised at the end.

        Seconds to wait, where the account was asked as often as it may.
        """
        failures: list[RunError] = []
        for each in missing:
            if (wait := admission.enter()) is not None:
                return wait
            with self._asking(admission, token), _keeping(failures):
                counts[self._follow(each, self.calendar.read(token.value, each.event_id))] += 1
            if len(failures) == MOST_FAILURES:
                break
        for error in failures:
            if isinstance(error, Retryable):
                raise error
        counts["unread"] += len(failures)
        return None

    def _follow(self, known: Known, event: CalendarEvent | None) -> following.Found:
        context, kind = self.source.context, self.service.kind
        return context.transaction(lambda connection: following.follow(connection, known, event, kind))

    def _note_same(self, credential_id: int, same: Iterable[int]) -> None:
        """What was changed meanwhile is not what was read."""
        checked = """
            update interview_schedules set event_checked_at = now()
             where id = any(%s) and event_generation = generation
        """

        def work(connection: Connection) -> None:
            note_use(connection, credential_id)
            execute(connection, checked, (sorted(same),))

        context = self.source.context
        context.transaction(work)

    @contextmanager
    def _asking(self, admission: Admission, token: AccessToken) -> Iterator[None]:
        try:
            yield
        except AccessRefused as error:
            raise self.source.refused(token) from error
        except RateLimited as error:
            admission.push_back(error)
            raise


@contextmanager
def _keeping(failures: list[RunError]) -> Iterator[None]:
    """Whatever is wrong with one event; what is wrong with its account is raised."""
    try:
        yield
    except (AccessRefused, ScopeMissing, NoMailbox):
        raise
    except (Retryable, Permanent) as error:
        failures.append(error)


def _is_same(known: Known, event: CalendarEvent | None) -> bool:
    return event is not None and bool(event.etag) and event.etag == known.etag
