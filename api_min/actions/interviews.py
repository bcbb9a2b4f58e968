"""Interviews: planned, moved, reworded, ended, and what was said afterwards. Employers of the company see and manage
all of them, candidates see their own, administrators see everything and change states.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection

from api_min.actions import profiles
from api_min.actions.interview_drafts import Changes, Draft, offered_times
from api_min.actions.once import Repeatable, Work, write_once
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import NO_APPLICATION, NO_INTERVIEW, ApiError, existing
from api_min.limits import check_write_limit
from models.enums import CanceledBy, InterviewCalendar, InterviewStatus
from worker.services.interviews import calendars, candidate_answers, overlaps, planning, rows, statuses
from worker.services.interviews.calendars import Choice, NotConnected
from worker.services.interviews.overlaps import Overlap
from worker.services.interviews.planning import Application, Ended, NewInterview, StartTaken
from worker.services.interviews.rows import Interview, Viewer
from worker.services.interviews.statuses import NotAllowed, NotHeld

TITLES = {InterviewCalendar.GOOGLE: "Google Agenda", InterviewCalendar.OUTLOOK: "Outlook"}
NOT_YOURS = "Vous n’avez pas accès à cet entretien."
NOT_YOUR_APPLICATION = "Vous n’avez pas accès à cette candidature."

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Saved:
    """An interview as it now is, with what its people should know. made: planned by this request. ambiguous: of the
    hour that was written the first of two is meant.
    """

    interview: Interview
    overlaps: tuple[Overlap, ...]
    made: bool = True
    ambiguous: bool = False


def plan(caller: Caller, draft: Draft, request: Repeatable[Saved]) -> Saved:
    """One interview per application and start, however often it is asked for.

    Raises ApiError 400 without an address or for a calendar that is not connected, 403, 404, 409, 422 and 429.
    """
    return _write(caller, request, lambda connection, viewer: planned(connection, viewer, draft))


def planned(connection: Connection, viewer: Viewer, draft: Draft, *, tell: bool = True) -> Saved:
    """The interview of a draft. tell: whether a run tells the calendar. Raises as `plan`."""
    refuse_homeless(viewer)
    applied = seen_application(connection, viewer, draft.application_id, lock=True)
    calendar, credential_id = _calendar(connection, viewer, draft.calendar)
    start = draft.start.instant()
    new = NewInterview(
        application_id=applied.id,
        created_by_user_id=viewer.user_id,
        scheduled_at=start,
        offered_times=offered_times(draft.offered, start),
        candidate_email=_address(draft, applied),
        calendar=calendar,
        credential_id=credential_id,
        **draft.members,
    )
    made = planning.plan(connection, new, tell=tell)
    saved = _saved(connection, made.interview)
    return replace(saved, made=made.made, ambiguous=draft.start.is_ambiguous)


def change(caller: Caller, interview_id: int, changes: Changes, request: Repeatable[Saved]) -> Saved:
    """Raises ApiError 403, 404, 409, 422 and 429."""
    start = changes.start

    def work(connection: Connection, viewer: Viewer) -> Saved:
        before = _held(connection, viewer, interview_id)
        try:
            after = planning.change(connection, before, _reachable(before, changes.of(before)))
        except Ended as error:
            raise ApiError(409, f"Cet entretien ne peut plus être modifié : son statut est {error.status}.") from None
        except StartTaken as error:
            raise ApiError(
                409, f"Cette candidature a déjà un entretien à cette heure : n° {error.interview_id}."
            ) from None
        return replace(_saved(connection, after), ambiguous=start is not None and start.is_ambiguous)

    return _write(caller, request, work)


def delete(caller: Caller, interview_id: int, request: Repeatable[None]) -> None:
    """Raises ApiError 403, 404, 409 and 429."""

    def work(connection: Connection, viewer: Viewer) -> None:
        planning.delete(connection, _held(connection, viewer, interview_id).id)

    _write(caller, request, work)


def set_status(
    caller: Caller, interview_id: int, status: str, reason: str | None, request: Repeatable[Interview]
) -> Interview:
    """What was canceled in the calendar itself may be canceled once more, by who does not know: nothing changes.

    Raises ApiError 400 for a status that is none, 403, 404, 409 for one that may not follow, and 429.
    """
    wanted = status_of(status)

    def work(connection: Connection, viewer: Viewer) -> Interview:
        before = _held(connection, viewer, interview_id)
        if wanted is InterviewStatus.CANCELED and before.canceled_by == CanceledBy.CALENDAR and not before.is_live:
            return before
        try:
            if viewer.actor == "candidate":
                return candidate_answers.set_status(connection, before, wanted, reason)
            return statuses.set_status(connection, before, wanted, viewer, reason)
        except NotAllowed:
            raise ApiError(
                409, f"Un entretien au statut {before.status} ne peut pas passer au statut {wanted} à votre demande."
            ) from None

    return _write(caller, request, work)


def write_feedback(
    caller: Caller, interview_id: int, given: Mapping[str, Any], request: Repeatable[Interview]
) -> Interview:
    """given: any of notes, feedback, rating. Raises ApiError 403, 404, 409 before the interview was held, and 429."""

    def work(connection: Connection, viewer: Viewer) -> Interview:
        try:
            return statuses.write_feedback(connection, _held(connection, viewer, interview_id), viewer.user_id, given)
        except NotHeld:
            raise ApiError(
                409, "Un avis se donne après l’entretien : passez-le d’abord à completed ou no_show."
            ) from None

    return _write(caller, request, work)


def get(caller: Caller, interview_id: int) -> Interview:
    """Raises ApiError 403 and 404."""
    with context().database.transaction() as connection:
        return _seen(connection, viewer_of(connection, caller), interview_id)


def find(
    caller: Caller, *, status: str | None = None, application_id: int | None = None, page: int, limit: int
) -> tuple[list[Interview], int]:
    """The latest first, with how many there are in all. Raises ApiError 400 for a status that is none, 403 and 404."""
    wanted = None if status is None else status_of(status)
    with context().database.transaction() as connection:
        viewer = viewer_of(connection, caller)
        if application_id is not None:
            seen_application(connection, viewer, application_id)
        return rows.find(
            connection,
            viewer,
            status=wanted,
            application_id=application_id,
            limit=limit,
            offset=(page - 1) * limit,
        )


def status_of(text: str) -> InterviewStatus:
    """In either vocabulary. Raises ApiError 400."""
    try:
        return InterviewStatus.parse(text)
    except ValueError:
        raise ApiError(400, f"Statut invalide ; valeurs possibles : {', '.join(InterviewStatus)}.") from None


def viewer_of(connection: Connection, caller: Caller) -> Viewer:
    """Raises ApiError 403 for an employer without profile; a candidate without one sees nothing."""
    user_id = caller.user_id or 0
    if caller.role == "admin":
        return Viewer("admin", user_id)
    try:
        if caller.role == "candidate":
            return Viewer("candidate", user_id, candidate_id=profiles.candidate(connection, caller).id)
        return Viewer("company", user_id, company_id=profiles.employer(connection, caller).readable_company)
    except ApiError:
        if caller.role == "candidate":
            return Viewer("candidate", user_id)
        raise ApiError(403, "Profil employeur introuvable.") from None


def refuse_homeless(viewer: Viewer) -> None:
    """Raise ApiError 400 for an employer without a company."""
    if not viewer.company_id:
        raise ApiError(400, "Votre compte n’est rattaché à aucune entreprise : complétez d’abord son profil.")


def seen_application(connection: Connection, viewer: Viewer, application_id: int, *, lock: bool = False) -> Application:
    """Raises ApiError 403 and 404."""
    found = existing(planning.application(connection, application_id), NO_APPLICATION)
    if not viewer.sees(found.company_id, found.candidate_id):
        raise ApiError(403, NOT_YOUR_APPLICATION)
    return existing(planning.application(connection, application_id, lock=True), NO_APPLICATION) if lock else found


def _seen(connection: Connection, viewer: Viewer, interview_id: int) -> Interview:
    found = existing(rows.get(connection, interview_id), NO_INTERVIEW)
    if not viewer.sees(found.company_id, found.candidate_id):
        raise ApiError(403, NOT_YOURS)
    return found


def _held(connection: Connection, viewer: Viewer, interview_id: int) -> Interview:
    """Locked until the transaction ends, and only when it is the viewer's to see."""
    _seen(connection, viewer, interview_id)
    return existing(rows.locked(connection, interview_id), NO_INTERVIEW)


def _calendar(connection: Connection, viewer: Viewer, choice: Choice) -> tuple[InterviewCalendar, int | None]:
    try:
        return calendars.choose(connection, viewer.company_id, viewer.user_id, choice)
    except NotConnected as error:
        raise ApiError(
            400, f"{TITLES[error.calendar]} n’est pas connecté : connectez-le sous Intégrations, ou choisissez none."
        ) from None


def _address(draft: Draft, applied: Application) -> str:
    if not (found := draft.candidate_email or applied.email):
        raise ApiError(400, "Le candidat n’a pas d’adresse e-mail : indiquez candidate_email.")
    return found


def _reachable(before: Interview, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises ApiError 409 for what guests see of an event that lies in a calendar which is not connected any more."""
    lost = before.lost_account
    if lost is None or all(value == getattr(before, name) for name, value in changes.items() if name in planning.SHOWN):
        return changes
    raise ApiError(
        409,
        f"Cet entretien est dans le calendrier d’un compte qui n’est plus connecté{f' ({lost})' if lost else ''} : "
        "modifiez-le dans ce calendrier, ou reconnectez ce compte sous Intégrations.",
    )


def _saved(connection: Connection, interview: Interview) -> Saved:
    return Saved(interview, tuple(overlaps.of_interview(connection, interview)))


def _write(caller: Caller, request: Repeatable[T], work: Callable[[Connection, Viewer], T]) -> T:
    """Do `work` for the caller in one transaction, once per key. Raises ApiError 400, 403, 409 and 429."""

    def prepare() -> Work[T]:
        check_write_limit(caller.name)
        return lambda connection: work(connection, viewer_of(connection, caller))

    return write_once(caller, request, prepare)
