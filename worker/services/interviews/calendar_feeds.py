"""A recruiter's interviews as a calendar to subscribe to, for those who connect no account.

An address that was replaced or withdrawn is nobody's any more. One that is still valid, but whose recruiter has no
access now (inactive, no employer, in another company), gives an empty calendar: programs take what they had away, where
an error would make them keep it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.kit.localisation import known_locale, translate
from worker.services.interviews import entries, rows
from worker.services.interviews.calendar_files import CalendarFile, published
from worker.services.interviews.feed_links import Grant
from worker.services.interviews.rows import Interview

BEHIND, AHEAD = timedelta(days=90), timedelta(days=366)
MOST = 500

OPEN = """
select f.number, f.changed_at, p.locale,
       coalesce(u.is_active, true) and lower(u.role::text) = 'employer' and e.company_id = %s as is_his
  from calendar_feeds f
  join users u on u.id = f.user_id
  left join employers e on e.user_id = u.id
  left join recipient_preferences p on p.user_id = u.id
 where f.user_id = %s and f.open and f.number = %s
"""
# His are those that he planned and those that name him. Of too many the next ones count, then the latest of the past.
HIS = f"""
{rows.SELECT}
  join users me on me.id = %(user)s
 where j.company_id = %(company)s and s.scheduled_at > %(since)s and s.scheduled_at < %(until)s
   and (s.created_by_user_id = me.id
        or exists (select from jsonb_array_elements(case jsonb_typeof(s.interviewers)
                                                    when 'array' then s.interviewers else '[]' end) as named
                    where named ->> 'user_id' = me.id::text or lower(named ->> 'email') = lower(me.email)))
 order by s.scheduled_at < %(now)s, abs(extract(epoch from s.scheduled_at - %(now)s)), s.id limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed that a recruiter has now. number: of its address. changed_at: since when."""

    number: int
    changed_at: datetime


def find(connection: Connection, user_id: int) -> Feed | None:
    """None for a recruiter who asked for none, or withdrew it."""
    found = query(connection, "select number, changed_at from calendar_feeds where user_id = %s and open", (user_id,))
    return Feed(**found[0]) if found else None


def renew(connection: Connection, user_id: int) -> Feed:
    """A feed at a new address: whoever knew the old one reads nothing any more."""
    found = query(
        connection,
        """
        insert into calendar_feeds as f (user_id, number, open) values (%s, 1, true)
            on conflict (user_id) do update set number = f.number + 1, open = true, changed_at = now()
        returning number, changed_at
        """,
        (user_id,),
    )
    return Feed(**found[0])


def withdraw(connection: Connection, user_id: int) -> None:
    """The address is good for nothing any more; a later feed has another one."""
    execute(
        connection, "update calendar_feeds set open = false, changed_at = now() where user_id = %s and open", (user_id,)
    )


def calendar(
    connection: Connection, grant: Grant, *, now: datetime, sender: str, most: int = MOST
) -> CalendarFile | None:
    """The feed, the same bytes until something of it changes; None when the address is none any more.

    sender: the platform's own address, which organises where nobody's is known. most: how many interviews it tells.
    """
    found = query(connection, OPEN, (grant.company_id, grant.user_id, grant.number))
    if not found:
        return None
    his = _interviews(connection, grant, now, most) if found[0]["is_his"] else []
    return _file(connection, his, found[0], sender)


def _interviews(connection: Connection, grant: Grant, now: datetime, most: int) -> list[Interview]:
    values = {
        "user": grant.user_id,
        "company": grant.company_id,
        "since": now - BEHIND,
        "until": now + AHEAD,
        "now": now,
        "most": most,
    }
    return [rows.interview(row) for row in query(connection, HIS, values)]


def _file(connection: Connection, interviews: list[Interview], feed: Row, sender: str) -> CalendarFile:
    known = entries.read(connection, interviews, "organiser", sender=sender).values()
    shown = sorted(known, key=lambda each: (each.start, each.uid))
    stamp = max((feed["changed_at"], *(each.changed for each in shown)))
    return published(shown, stamp=stamp, name=translate(known_locale(feed["locale"]), "Entretiens IntoWork"))
