"""What the platform knows for a mail about an application, or to one of its users: address, language and values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from models.enums import ApplicationStatus
from worker.kit.database import Row, query
from worker.kit.localisation import DEFAULT_LOCALE, LOCALES, message, translate
from worker.kit.mailboxes import canonical
from worker.kit.words import decoded
from worker.services.email.wording import datetimes, formats

STATUSES: Mapping[str, str] = {
    ApplicationStatus.APPLIED: message("Reçue"),
    ApplicationStatus.VIEWED: message("Consultée"),
    ApplicationStatus.SHORTLISTED: message("Présélectionnée"),
    ApplicationStatus.INTERVIEW: message("Entretien"),
    ApplicationStatus.REJECTED: message("Non retenue"),
    ApplicationStatus.ACCEPTED: message("Acceptée"),
}

# The recruiter is whoever sends, when he belongs to the company; else the one who posted the offer.
_RECRUITER = """
  left join lateral (
      select author.first_name, author.last_name, author.name, author.email
        from employers e join users author on author.id = e.user_id
       where e.company_id = {company} and e.user_id = %(sent_by)s or e.id = {author}
       order by e.user_id = %(sent_by)s and e.company_id = {company} desc nulls last limit 1) r on true
"""
_PREFERENCE = """
  left join lateral (
      select w.locale from recipient_preferences w
       where w.user_id = u.id or w.address = lower(btrim(u.email)) order by w.user_id is null limit 1) p on true
"""
_NAMES = """
       u.id as user_id, u.email, u.first_name, u.last_name, u.name, p.locale as preferred_locale,
       c.name as company_name, r.first_name as recruiter_first_name, r.last_name as recruiter_last_name,
       r.name as recruiter_name, r.email as recruiter_email
"""

APPLICATIONS = f"""
select a.id, a.status::text as status, a.applied_at, j.title, j.location, j.language,
       i.scheduled_at, i.timezone, i.location as interview_location, i.meeting_link, {_NAMES}
  from job_applications a
  join jobs j on j.id = a.job_id
  join candidates k on k.id = a.candidate_id
  join users u on u.id = k.user_id
  left join companies c on c.id = j.company_id
  left join lateral (
      select s.* from interview_schedules s
       where s.application_id = a.id and s.scheduled_at > now()
         and s.status::text in ('SCHEDULED', 'CONFIRMED', 'RESCHEDULED')
       order by s.scheduled_at, s.id limit 1) i on true
{_PREFERENCE}{_RECRUITER.format(company="j.company_id", author="j.employer_id")}
 where a.id = any(%(ids)s) and j.company_id = %(company_id)s
"""

USERS = f"""
select u.id, {_NAMES}
  from users u
  left join companies c on c.id = %(company_id)s
{_PREFERENCE}{_RECRUITER.format(company="c.id", author="null::integer")}
 where u.id = any(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Recipient:
    """`address` is empty where the account has no address that mail can reach. `values` speak `locale`."""

    address: str
    user_id: int
    locale: str
    reply_to: str | None
    row: Row

    @property
    def values(self) -> dict[str, str]:
        return self.values_in(self.locale)

    def values_in(self, locale: str) -> dict[str, str]:
        """The values that the database has, as people of `locale` write them; what it lacks is absent."""
        found = {**_people(self.row), **_application(self.row, locale), **_interview(self.row, locale)}
        return {name: text for name, value in found.items() if (text := (value or "").strip())}


def of_applications(
    connection: Connection, application_ids: Sequence[int], company_id: int, *, sent_by: int | None = None
) -> dict[int, Recipient]:
    """By application id; those of another company, and those that are gone, are left out. One query.

    sent_by: the user who writes; a recruiter of the company signs with his own name and gets the answers.
    """
    parameters = {"ids": list(application_ids), "company_id": company_id, "sent_by": sent_by}
    return {row["id"]: _context(row) for row in query(connection, APPLICATIONS, parameters)}


def of_users(
    connection: Connection, user_ids: Sequence[int], company_id: int | None, *, sent_by: int | None = None
) -> dict[int, Recipient]:
    """By user id, for mails that are about no application."""
    parameters = {"ids": list(user_ids), "company_id": company_id, "sent_by": sent_by}
    return {row["id"]: _context(row) for row in query(connection, USERS, parameters)}


def company_of(connection: Connection, application_id: int) -> int | None:
    """The company that was applied to; None when there is no such application."""
    rows = query(
        connection,
        "select j.company_id from job_applications a join jobs j on j.id = a.job_id where a.id = %s",
        (application_id,),
    )
    return int(rows[0]["company_id"]) if rows else None


def _context(row: Row) -> Recipient:
    return Recipient(
        address=canonical(row["email"]),
        user_id=row["user_id"],
        locale=_locale(row),
        reply_to=canonical(row["recruiter_email"]) or None,
        row=row,
    )


def _locale(row: Row) -> str:
    for wanted in (row["preferred_locale"], row.get("language")):
        if (spoken := (wanted or "").strip().lower()[:2]) in LOCALES:
            return spoken
    return DEFAULT_LOCALE


def _people(row: Row) -> dict[str, str | None]:
    first, last, whole = _name(row["first_name"], row["last_name"], row["name"])
    recruiter = _name(row["recruiter_first_name"], row["recruiter_last_name"], row["recruiter_name"])
    return {
        "candidate_name": whole,
        "candidate_first_name": first,
        "candidate_last_name": last,
        "candidate_email": canonical(row["email"]),
        "company_name": decoded(row["company_name"] or ""),
        "recruiter_name": recruiter[2],
        "recruiter_email": canonical(row["recruiter_email"]),
    }


def _name(first: str | None, last: str | None, whole: str | None) -> tuple[str, str, str]:
    """First name, last name and both. Accounts made through Google or LinkedIn may hold the whole name only."""
    first, last, whole = ((each or "").strip() for each in (first, last, whole))
    if not (first or last):
        first, _, last = whole.partition(" ")
        last = last.strip()
    return first or last, last, " ".join(each for each in (first, last) if each)


def _application(row: Row, locale: str) -> dict[str, str | None]:
    if "title" not in row:
        return {}
    applied = row["applied_at"]
    status = (row["status"] or "").lower()
    return {
        "job_title": decoded(row["title"] or ""),
        "job_location": decoded(row["location"] or ""),
        "application_status": translate(locale, STATUSES.get(status, status)),
        "application_date": formats.day(applied and applied.astimezone(datetimes.zone(None)), locale),
    }


def _interview(row: Row, locale: str) -> dict[str, str | None]:
    """Of the next interview that is not cancelled, on the clock of its own time zone."""
    start = row.get("scheduled_at")
    if start is None:
        return {}
    place = datetimes.zone(row["timezone"])
    return {
        "interview_date": datetimes.day(start, place, locale),
        "interview_time": datetimes.hour(start, place, locale),
        "interview_location": (row["interview_location"] or "").strip() or row["meeting_link"],
        "interview_link": row["meeting_link"],
    }
