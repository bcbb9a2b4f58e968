"""Who is written to about an interview."""

from collections.abc import Sequence

from sqlalchemy import Connection

from models.enums import CanceledBy
from worker.kit.database import query
from worker.kit.mailboxes import canonical, comparable
from worker.services.interviews import events
from worker.services.interviews.calendar_files import Person
from worker.services.interviews.mail_rows import Addressed
from worker.services.interviews.rows import Interview

CANDIDATE, ORGANISER = Addressed("candidate"), Addressed("organiser")


def of_change(connection: Connection, interview: Interview) -> Sequence[Addressed]:
    """Everybody where no connected calendar invites people; the candidate in any case.

    A candidate's word reaches the organiser by mail as well: a calendar would take the event away without one.
    """
    if interview.credential_id is None:
        return (CANDIDATE, ORGANISER, *interviewers(connection, interview))
    return (CANDIDATE, ORGANISER) if interview.canceled_by == CanceledBy.CANDIDATE else (CANDIDATE,)


def of_reminder(connection: Connection, interview: Interview) -> Sequence[Addressed]:
    """Google reminds the account's owner itself, of an event of ours; calendars remind their guests."""
    if interview.credential_id is None:
        return (CANDIDATE, ORGANISER, *interviewers(connection, interview))
    return (CANDIDATE,) if interview.google_event_id else (CANDIDATE, ORGANISER)


def interviewers(connection: Connection, interview: Interview) -> tuple[Addressed, ...]:
    """Those of whom the row has an address, without candidate and organiser, who are written to anyway."""
    found = query(connection, "select email from users where id = %s", (interview.created_by_user_id,))
    known = {interview.candidate_email.lower(), *(canonical(row["email"]).lower() for row in found)}
    return tuple(
        Addressed("interviewer", address, guest.name)
        for guest in events.interviewers(interview, known)
        if (address := canonical(guest.address))
    )


def interviewer(interview: Interview, address: str) -> Person | None:
    """The one with this address, as it is kept with a message; None when nobody of it interviews any more."""
    people = (Person(canonical(each.address), each.name) for each in events.interviewers(interview, set()))
    return next((each for each in people if comparable(each.address) == address), None)
