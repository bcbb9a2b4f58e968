"""Reading what a shard needs: alerts with their owners, and the new offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import query
from worker.services.matching.matcher import MatchResult
from worker.services.matching.offers import Offer

# `monthly` is ours and stored as WEEKLY; it counts only while that is still the stored label.
OF_FREQUENCY = """
case when a.own_frequency = 'monthly' and a.frequency::text = 'WEEKLY' then 'monthly'
     else lower(a.frequency::text) end = %(frequency)s
"""


@dataclass(frozen=True, slots=True)
class DueAlert:
    """skip: why this alert is passed over, or None. last_number: the highest offer number it has looked at."""

    id: int
    name: str
    criteria: Any
    last_number: int
    user_id: int | None
    email: str | None
    locale: str
    skip: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """An alert with what it found."""

    alert: DueAlert
    result: MatchResult


ALERTS = f"""
select a.id, a.name, a.criteria, coalesce(a.last_number, 0) as last_number, u.id as user_id, u.email,
       coalesce(p.locale, 'fr') as locale,
       case when a.origin not in ('translated', 'platform') then 'untranslated'
            when u.id is null then 'no_user'
            when not coalesce(u.is_active, true) then 'inactive_user'
            when coalesce(p.all_alerts_stopped, false) or exists (
                 select from recipient_preferences q where q.address = lower(u.email) and q.all_alerts_stopped)
                 then 'unsubscribed'
            when exists (select from suppressions s where s.address = lower(u.email) and s.lifted_at is null)
                 then 'suppressed' end as skip
  from job_alerts a
  left join candidates c on c.id = a.candidate_id
  left join users u on u.id = c.user_id
  left join recipient_preferences p on p.user_id = u.id
 where a.id between %(first_id)s and %(last_id)s and coalesce(a.is_active, true) and {OF_FREQUENCY}
 order by a.id for no key update of a
"""

OFFERS = """
select j.id, j.title, s.visible_no as number, j.company_id, j.description, j.requirements, j.responsibilities,
       j.mission_principale, j.profil_formation, j.profil_experience, j.profil_competences, j.profil_posture,
       j.profil_autre, j.location, j.zone, j.country, j.location_type::text as location_type,
       j.job_type::text as job_type, j.salary_min, j.salary_max, j.currency, j.language,
       j.status::text as status, coalesce(j.posted_at, j.created_at) as posted_at, j.expires_at
  from job_search s join jobs j on j.id = s.job_id
 where s.visible_no > %(above)s and s.visible_no <= %(horizon)s
   and lower(j.status::text) = 'published' and (j.expires_at is null or j.expires_at > now())
"""


def due_alerts(connection: Connection, frequency: str, first_id: int, last_id: int) -> list[DueAlert]:
    """The active alerts of a range, locked in the order of their ids."""
    rows = query(connection, ALERTS, {"frequency": frequency, "first_id": first_id, "last_id": last_id})
    return [DueAlert(**row) for row in rows]


def new_offers(connection: Connection, alerts: Sequence[DueAlert], horizon: int) -> list[Offer]:
    """The open offers that at least one of these alerts has not looked at yet."""
    above = min((alert.last_number for alert in alerts if alert.skip is None), default=horizon)
    if above >= horizon:
        return []
    return [Offer(**row) for row in query(connection, OFFERS, {"above": above, "horizon": horizon})]
