"""Handlers of the questions to recruiters' calendars."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from worker.catalogue import interview_times as catalogue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Recorded, Write
from worker.services.integrations.storing import note_use
from worker.services.integrations.tokens import TokenSource
from worker.services.integrations.vault import TokenVault
from worker.services.interviews import (
    busy_times,
    calendar_answers,
    known_times,
    planning,
    proposed_times,
    suggestions,
)
from worker.services.interviews.busy_times import BUDGET, BusyTimes, BusyTimesReader, Calendar, Window
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
    length = timedelta(minutes=payload.minutes)
    wanted = Wanted(now, length, zone, applied.company_id, applied.candidate_id, payload.people, payload.interview_id)
    busy, proposed = _free(wiring, context, applied, wanted)

    def answer(connection: Connection) -> Recorded:
        _note_use(connection, busy)
        left = known_times.without(busy.taken, calendar_answers.own_times(connection, wanted.itself))
        spans = known_times.united((each.start, each.end) for each in left)
        slots = suggestions.for_application(connection, wanted, [Slot(*span) for span in spans], proposed)
        return Done(CalendarAnswer(slots=tuple(slots), unknown=busy.unknown).as_result())

    return Write(answer)


def check_time(wiring: Wiring, context: RunContext, payload: catalogue.CheckTime) -> Outcome:
    applied = context.transaction(lambda connection: planning.application(connection, payload.application_id))
    if applied is None:
        return Done(CalendarAnswer().as_result())
    end = payload.start + timedelta(minutes=payload.minutes)
    # Entries that reach out of the time are wanted whole: only then an interview's own event is known by its times.
    window = Window(payload.start - LONGEST, end + LONGEST, known_zone(payload.zone))
    calendars = _calendars(context, applied, payload.people)
    busy = _reader(wiring, context).read(calendars, window, time.monotonic() + BUDGET)
    question = Question(
        payload.start, end, applied.company_id, applied.candidate_id, payload.people, payload.interview_id
    )

    def answer(connection: Connection) -> Recorded:
        _note_use(connection, busy)
        taken = calendar_answers.conflicts(connection, question, busy)
        return Done(CalendarAnswer(taken=tuple(taken), unknown=busy.unknown).as_result())

    return Write(answer)


def _free(
    wiring: Wiring, context: RunContext, applied: Application, wanted: Wanted
) -> tuple[BusyTimes, Sequence[datetime]]:
    """What calendars say, and starts that a provider proposes beyond that."""
    until = time.monotonic() + BUDGET
    calendars, reader = _calendars(context, applied, wanted.people), _reader(wiring, context)
    busy = reader.read(calendars, Window(wanted.now - LONGEST, wanted.now + WITHIN, wanted.zone), until)
    proposer = proposed_times.proposer(calendars, busy)
    if proposer is None:
        return busy, ()
    within = context.transaction(lambda connection: suggestions.allowed_for(connection, wanted))
    return busy, proposer.starts(reader, wanted.length, within, until)


def _calendars(context: RunContext, applied: Application, people: Sequence[int]) -> list[Calendar]:
    return context.transaction(lambda connection: busy_times.calendars_of(connection, applied.company_id, people))


def _reader(wiring: Wiring, context: RunContext) -> BusyTimesReader:
    return BusyTimesReader(
        lambda provider: TokenSource(context, wiring.accounts(provider.name), TokenVault(wiring.settings)),
        lambda provider: wiring.calendar(provider.name),
    )


def _note_use(connection: Connection, busy: BusyTimes) -> None:
    # In one order: two questions at once never wait for each other in turn.
    for credential_id in sorted(busy.asked):
        note_use(connection, credential_id)
