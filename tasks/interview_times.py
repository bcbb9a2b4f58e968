"""Handlers of the questions to recruiters' calendars."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from worker.catalogue import interview_times as catalogue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Recorded, Write
from worker.services.integrations.storing import note_use
from worker.services.integrations.tokens import TokenSource
from worker.services.integrations.vault import TokenVault
from worker.services.interviews import busy_times, calendar_answers, known_times, planning, suggestions
from worker.services.interviews.busy_times import BusyTimes, CalendarReader, Window
from worker.services.interviews.calendar_answers import CalendarAnswer, Question
from worker.services.interviews.overlaps import LONGEST
from worker.services.interviews.planning import Application
from worker.services.interviews.suggestions import WITHIN, Slot, Wanted
from worker.services.interviews.times import known_zone
from worker.wiring import Wiring


def handlers(wiring: Wiring) -> Handlers:
    return {
        catalogue.SUGGEST_TIMES: partial(suggest_times, wiring),
        catalogue.CHECK_TIME: partial(check_time, wiring),
    }


def suggest_times(wiring: Wiring, context: RunContext, payload: catalogue.SuggestTimes) -> Outcome:
    applied = context.transaction(lambda connection: planning.application(connection, payload.application_id))
    if applied is None:
        return Done(CalendarAnswer().as_result())
    now, zone = payload.now, known_zone(payload.zone)
    busy = _read(wiring, context, applied, payload.people, Window(now - LONGEST, now + WITHIN, zone))
    length = timedelta(minutes=payload.minutes)
    wanted = Wanted(now, length, zone, applied.company_id, applied.candidate_id, payload.people, payload.interview_id)

    def answer(connection: Connection) -> Recorded:
        _note_use(connection, busy)
        left = known_times.without(busy.taken, calendar_answers.own_times(connection, wanted.itself))
        spans = known_times.united((each.start, each.end) for each in left)
        slots = suggestions.for_application(connection, wanted, [Slot(*span) for span in spans])
        return Done(CalendarAnswer(slots=tuple(slots), unknown=busy.unknown).as_result())

    return Write(answer)


def check_time(wiring: Wiring, context: RunContext, payload: catalogue.CheckTime) -> Outcome:
    applied = context.transaction(lambda connection: planning.application(connection, payload.application_id))
    if applied is None:
        return Done(CalendarAnswer().as_result())
    end = payload.start + timedelta(minutes=payload.minutes)
    # Entries that reach out of the time are wanted whole: only then an interview's own event is known by its times.
    window = Window(payload.start - LONGEST, end + LONGEST, known_zone(payload.zone))
    busy = _read(wiring, context, applied, payload.people, window)
    question = Question(
        payload.start, end, applied.company_id, applied.candidate_id, payload.people, payload.interview_id
    )

    def answer(connection: Connection) -> Recorded:
        _note_use(connection, busy)
        taken = calendar_answers.conflicts(connection, question, busy)
        return Done(CalendarAnswer(taken=tuple(taken), unknown=busy.unknown).as_result())

    return Write(answer)


def _read(
    wiring: Wiring, context: RunContext, applied: Application, people: Sequence[int], window: Window
) -> BusyTimes:
    calendars = context.transaction(lambda connection: busy_times.calendars_of(connection, applied.company_id, people))
    reader = CalendarReader(
        lambda provider: TokenSource(context, wiring.accounts(provider.name), TokenVault(wiring.settings)),
        lambda provider: wiring.calendar(provider.name),
    )
    return reader.read(calendars, window)


def _note_use(connection: Connection, busy: BusyTimes) -> None:
    for credential_id in busy.asked:
        note_use(connection, credential_id)
