"""Handlers of the tasks that keep interviews in calendars."""

from functools import partial

from sqlalchemy import Connection

from worker.catalogue import interviews as catalogue
from worker.contracts.providers import CALENDARS, AuthorisedProvider
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.ledger.plans import Perform
from worker.services.integrations import credentials
from worker.services.integrations.tokens import TokenSource
from worker.services.integrations.vault import TokenVault
from worker.services.interviews import endings, mails, reading, reminders, removals, rereading, rows
from worker.services.interviews.calls import Operation
from worker.services.interviews.event_plan import EventPlan
from worker.services.interviews.links import LinkReader
from worker.services.interviews.reading import CalendarReader
from worker.services.interviews.removals import RemovalPlan
from worker.services.interviews.rows import Interview
from worker.wiring import Wiring


def handlers(wiring: Wiring) -> Handlers:
    return {
        catalogue.CREATE_EVENT: partial(create_event, wiring),
        catalogue.UPDATE_EVENT: partial(update_event, wiring),
        catalogue.CANCEL_EVENT: partial(cancel_event, wiring),
        catalogue.REFRESH_LINK: partial(refresh_link, wiring),
        catalogue.TELL_PEOPLE: partial(tell_people, wiring),
        catalogue.REMIND: remind,
        catalogue.REMIND_OF: partial(remind_of, wiring),
        catalogue.REMOVE_EVENTS: remove_events,
        catalogue.REMOVE_EVENT: partial(remove_event, wiring),
        catalogue.END_INTERVIEWS: end_interviews,
        catalogue.END_INTERVIEW: end_interview,
        catalogue.READ_CALENDARS: read_calendars,
        catalogue.READ_CALENDAR: partial(read_calendar, wiring),
    }


def create_event(wiring: Wiring, context: RunContext, payload: catalogue.ForInterview) -> Outcome:
    return _tell(wiring, "create", context, payload)


def update_event(wiring: Wiring, context: RunContext, payload: catalogue.ForInterview) -> Outcome:
    return _tell(wiring, "update", context, payload)


def cancel_event(wiring: Wiring, context: RunContext, payload: catalogue.ForInterview) -> Outcome:
    return _tell(wiring, "cancel", context, payload)


def _tell(wiring: Wiring, operation: Operation, context: RunContext, payload: catalogue.ForInterview) -> Outcome:
    interview, service = _calendar_of(context, payload)
    if interview is None or service is None or interview.credential_id is None:
        return Done({"event": "none"})
    page = f"{wiring.settings.frontend_url.rstrip('/')}/dashboard/applications"
    source = _source(wiring, context, service)
    calendar = wiring.calendar(service.name)
    return Perform(EventPlan(interview.id, interview.credential_id, operation, service, calendar, source, page))


def refresh_link(wiring: Wiring, context: RunContext, payload: catalogue.ForInterview) -> Outcome:
    interview, service = _calendar_of(context, payload)
    if interview is None or service is None or interview.credential_id is None:
        return Done({"link": None})
    reader = LinkReader(service, wiring.calendar(service.name), _source(wiring, context, service))
    return reader.refresh(interview, interview.credential_id)


def tell_people(wiring: Wiring, context: RunContext, payload: catalogue.TellPeople) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: mails.tell(connection, payload, wiring.settings.sender_address))


def remind(context: RunContext, payload: catalogue.Remind) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: Done({"enqueued": reminders.enqueue_due(connection, payload.limit)}))


def remind_of(wiring: Wiring, context: RunContext, payload: catalogue.RemindOf) -> Outcome:
    account = context.transaction(lambda connection: rereading.account_to_ask(connection, payload))
    service = CALENDARS.get(account.provider) if account else None
    if account is not None and service is not None:
        reader = CalendarReader(service, wiring.calendar(service.name), _source(wiring, context, service))
        if (wait := rereading.ask(reader, account, payload)) is not None:
            return wait
    return Write(lambda connection: reminders.remind(connection, payload, wiring.settings.sender_address))


def remove_events(context: RunContext, payload: catalogue.RemoveEvents) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: Done({"enqueued": removals.enqueue_removals(connection, payload.limit)}))


def remove_event(wiring: Wiring, context: RunContext, payload: catalogue.RemoveEvent) -> Outcome:
    known = context.transaction(lambda connection: credentials.find(connection, payload.credential_id))
    service = CALENDARS.get(known.provider) if known else None
    if service is None:
        return Done({"removed": False})
    return Perform(RemovalPlan(payload, service, wiring.calendar(service.name), _source(wiring, context, service)))


def end_interviews(context: RunContext, payload: catalogue.EndInterviews) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: Done({"enqueued": endings.enqueue_ended(connection, payload.limit)}))


def end_interview(context: RunContext, payload: catalogue.EndInterview) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: endings.end(connection, payload))


def read_calendars(context: RunContext, payload: catalogue.ReadCalendars) -> Outcome:  # noqa: ARG001 - as all handlers
    def work(connection: Connection) -> Done:
        found, last = reading.enqueue_accounts(connection, payload.after, payload.limit)
        if last is not None:
            enqueue(connection, catalogue.READ_CALENDARS, payload.model_copy(update={"after": last}))
        return Done({"calendars": found})

    return Write(work)


def read_calendar(wiring: Wiring, context: RunContext, payload: catalogue.ReadCalendar) -> Outcome:
    known = context.transaction(lambda connection: credentials.find(connection, payload.credential_id))
    service = CALENDARS.get(known.provider) if known else None
    if known is None or service is None:
        return Done({"read": 0})
    return CalendarReader(service, wiring.calendar(service.name), _source(wiring, context, service)).read(known)


def _calendar_of(
    context: RunContext, payload: catalogue.ForInterview
) -> tuple[Interview | None, AuthorisedProvider | None]:
    """The interview, and whose calendar its event is in; None for what is not there any more."""
    interview = context.transaction(lambda connection: rows.get(connection, payload.interview_id))
    if interview is None or interview.credential_id is None:
        return interview, None
    number = interview.credential_id
    known = context.transaction(lambda connection: credentials.find(connection, number))
    return interview, CALENDARS.get(known.provider) if known else None


def _source(wiring: Wiring, context: RunContext, service: AuthorisedProvider) -> TokenSource:
    return TokenSource(context, wiring.accounts(service.name), TokenVault(wiring.settings))
