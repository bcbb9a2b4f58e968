"""When interviews may be: a company's settings, the next free times for one, and what stands against a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from api_min.actions.interview_drafts import WrittenTime
from api_min.actions.interviews import refuse_homeless, seen_application, viewer_of
from api_min.actions.once import Repeatable, Work, write_once
from api_min.actions.runs import run_and_wait
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import NO_INTERVIEW, ApiError, invalid
from api_min.limits import check_limit, check_write_limit
from worker.catalogue.interview_times import CHECK_TIME, MOST_PEOPLE, SUGGEST_TIMES, CheckTime, SuggestTimes
from worker.contracts.providers import ProviderKind
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.enqueue import NewRun
from worker.services.interviews import busy_times, overlaps, rows, settings, suggestions
from worker.services.interviews.busy_times import Calendar, Taken, Unknown
from worker.services.interviews.calendar_answers import CalendarAnswer
from worker.services.interviews.overlaps import Overlap
from worker.services.interviews.planning import Application
from worker.services.interviews.rows import Interview, Viewer
from worker.services.interviews.settings import InterviewSettings
from worker.services.interviews.suggestions import Slot, Wanted
from worker.services.interviews.times import known_zone

LOOKS = "60 per minute"
# Seconds that somebody waits for calendars; then he is told what is known without them.
CALENDARS_WAIT = 6.0


@dataclass(frozen=True, slots=True)
class AskedCalendar:
    """Of an account that is connected, or of a colleague without one (provider: None). account: the address it is known
    by, if it is.
    """

    provider: ProviderKind | None
    account: str | None


@dataclass(frozen=True, slots=True)
class Suggested:
    """zone: IANA name, on whose clock the company's hours were read. unknown: calendars that could not say when they
    are free, each with the reason (French, in the catalogue).
    """

    slots: Sequence[Slot]
    zone: str
    minutes: int
    unknown: Sequence[tuple[AskedCalendar, str]] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What stands against a time: other interviews, and what calendars hold. unknown: as in Suggested."""

    overlaps: Sequence[Overlap]
    taken: Sequence[tuple[AskedCalendar, Taken]] = ()
    unknown: Sequence[tuple[AskedCalendar, str]] = ()
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class AskedInterview:
    """others: users.id of the interviewers beside who plans it; None for those whom the interview names."""

    application_id: int
    minutes: int
    zone: str
    interview_id: int | None = None
    others: Sequence[int] | None = None

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class _Asking:
    """Whose time an interview takes, and the calendars that can be asked about it."""

    caller: Caller
    applied: Application
    people: list[int]
    calendars: list[Calendar]

    def answer(self, task: TaskDefinition, payload: Payload) -> CalendarAnswer | None:
        """What the calendars say; None when there is none, or when they do not say it in time."""
        if not any(each.account and each.account.works for each in self.calendars):
            return None
        run = NewRun(task.name, payload.model_dump(mode="json"), company_id=self.applied.company_id)
        wait = min(CALENDARS_WAIT, context().settings.interactive_wait)
        asked = run_and_wait(self.caller, lambda: run, wait)
        if not asked.ended or asked.run.state != "succeeded":
            return None
        return CalendarAnswer.of_result(asked.run.result or {})

    def silent(self) -> CalendarAnswer:
        return CalendarAnswer(unknown=tuple(Unknown(each.key, each.unasked) for each in self.calendars))

    def unknown(self, answer: CalendarAnswer) -> list[tuple[AskedCalendar, str]]:
        names = self._names()
        return [(names[each.calendar], each.reason) for each in answer.unknown if each.calendar in names]

    def taken(self, answer: CalendarAnswer) -> list[tuple[AskedCalendar, Taken]]:
        names = self._names()
        return [(names[each.calendar], each) for each in answer.taken if each.calendar in names]

    def _names(self) -> Mapping[str, AskedCalendar]:
        return {
            each.key: AskedCalendar(each.account.provider if each.account else None, each.address)
            for each in self.calendars
        }


def read_settings(caller: Caller) -> InterviewSettings:
    """The company's, or the defaults. Raises ApiError 403."""
    with context().database.transaction() as connection:
        return settings.read(connection, viewer_of(connection, caller).company_id)


def write_settings(
    caller: Caller, wanted: InterviewSettings, request: Repeatable[InterviewSettings]
) -> InterviewSettings:
    """Raises ApiError 400 without a company, 403, 409, 422 and 429."""
    if wanted.opens_at >= wanted.closes_at:
        raise invalid(["body", "closes_at"], "doit être après opens_at")

    def work(connection: Connection) -> InterviewSettings:
        viewer = viewer_of(connection, caller)
        refuse_homeless(viewer)
        return settings.write(connection, viewer.company_id, wanted)

    def prepare() -> Work[InterviewSettings]:
        check_write_limit(caller.name)
        return work

    return write_once(caller, request, prepare)


def suggest(caller: Caller, wanted: AskedInterview) -> Suggested:
    """When the interviewers and the candidate are free. Raises ApiError 403, 404 and 429."""
    check_limit(LOOKS, "interview suggestions", caller.name)
    now = datetime.now(UTC)
    with context().database.transaction() as connection:
        asking = _asking(connection, caller, wanted)
    payload = SuggestTimes(
        application_id=asking.applied.id,
        people=asking.people,
        minutes=wanted.minutes,
        zone=wanted.zone,
        interview_id=wanted.interview_id,
        now=now,
    )
    answer = asking.answer(SUGGEST_TIMES, payload)
    if answer is not None:
        return Suggested(answer.slots, wanted.zone, wanted.minutes, asking.unknown(answer))
    found = Wanted(
        now=now,
        length=wanted.length,
        zone=known_zone(wanted.zone),
        company_id=asking.applied.company_id,
        candidate_id=asking.applied.candidate_id,
        people=asking.people,
        itself=wanted.interview_id,
    )
    with context().database.transaction() as connection:
        slots = suggestions.for_application(connection, found)
    return Suggested(slots, wanted.zone, wanted.minutes, asking.unknown(asking.silent()))


def check(caller: Caller, wanted: AskedInterview, written: WrittenTime) -> Checked:
    """What an interview would meet at a time, before it is saved. Raises ApiError 403, 404, 422 and 429."""
    check_limit(LOOKS, "interview overlaps", caller.name)
    start = written.instant()
    with context().database.transaction() as connection:
        asking = _asking(connection, caller, wanted)
        met = overlaps.between(
            connection,
            start,
            start + wanted.length,
            company_id=asking.applied.company_id,
            people=asking.people,
            candidate_id=asking.applied.candidate_id,
            itself=wanted.interview_id,
        )
    payload = CheckTime(
        application_id=asking.applied.id,
        people=asking.people,
        start=start,
        minutes=wanted.minutes,
        zone=wanted.zone,
        interview_id=wanted.interview_id,
    )
    answer = asking.answer(CHECK_TIME, payload) or asking.silent()
    return Checked(met, asking.taken(answer), asking.unknown(answer), written.is_ambiguous)


def _asking(connection: Connection, caller: Caller, wanted: AskedInterview) -> _Asking:
    """Raises ApiError 403, and 404 also for an interview of another application."""
    viewer = viewer_of(connection, caller)
    applied = seen_application(connection, viewer, wanted.application_id)
    interview = None if wanted.interview_id is None else rows.get(connection, wanted.interview_id)
    if wanted.interview_id is not None and (interview is None or interview.application_id != applied.id):
        raise ApiError(404, NO_INTERVIEW)
    people = _people(viewer, interview, wanted.others)
    return _Asking(caller, applied, people, busy_times.calendars_of(connection, applied.company_id, people))


def _people(viewer: Viewer, interview: Interview | None, others: Sequence[int] | None) -> list[int]:
    """Each once, who plans it first; no more than are asked about."""
    known = [viewer.user_id] if interview is None else overlaps.people_of(interview)
    return list(dict.fromkeys(known if others is None else [known[0], *others]))[:MOST_PEOPLE]
