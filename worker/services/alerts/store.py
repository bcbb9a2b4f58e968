"""A candidate's alerts: kept, listed, changed, switched, counted; and the digests that they sent.

Every function sees one candidate only. Rows that the main web app wrote and nobody has translated yet hold users.id
in `candidate_id`; they are their user's, never the candidate's of that number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from models.enums import AlertFrequency
from worker.kit.database import Row, execute, query
from worker.services.alerts.criteria_json import equivalence_key, to_json
from worker.services.matching.criteria import Criteria, parse_criteria
from worker.services.matching.currencies import DEFAULT_CURRENCY

MINE = """
(a.candidate_id = %(candidate_id)s and a.origin in ('platform', 'translated')
 or a.candidate_id = %(user_id)s and a.origin = 'main')
"""

# NULL in a shared column reads as its default.
SELECT = f"""
select a.id, a.name, a.criteria::text as criteria, a.frequency::text as label, a.own_frequency,
       coalesce(a.is_active, true) as is_active,
       coalesce(a.jobs_sent_count, 0) as jobs_sent_count, a.last_sent_at, a.last_matching_job_id, a.created_at,
       a.updated_at, coalesce(a.last_number, 0) as last_number, d.total as last_digest_count
  from job_alerts a
  left join lateral (select total from alert_digests where alert_id = a.id order by period desc limit 1) d on true
 where {MINE}
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose alerts: `candidate_id` is candidates.id, `user_id` that candidate's users.id."""

    candidate_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class NewAlert:
    name: str
    criteria: Criteria
    frequency: AlertFrequency
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class AlertView:
    """last_digest_count: the offers that the newest digest found, those beyond the shown ones included."""

    id: int
    candidate_id: int
    name: str
    criteria: Criteria
    frequency: AlertFrequency
    is_active: bool
    jobs_sent_count: int
    last_sent_at: datetime | None
    last_matching_job_id: int | None
    created_at: datetime | None
    updated_at: datetime | None
    last_digest_count: int | None
    last_number: int


class TooManyAlerts(Exception):
    """A candidate keeps as many alerts as there may be: `most`."""

    def __init__(self, most: int) -> None:
        super().__init__(f"You already have {most} alerts, the most there may be; delete one that you no longer need.")
        self.most = most


def find(
    connection: Connection, owner: Owner, *, is_active: bool | None, limit: int, offset: int
) -> tuple[list[AlertView], int]:
    """The newest first; with how many there are in all."""
    parameters = {**_who(owner), "is_active": is_active}
    condition = "and (%(is_active)s::boolean is null or coalesce(a.is_active, true) = %(is_active)s)"
    rows = query(
        connection,
        f"""{SELECT} {condition} order by a.created_at desc nulls last, a.id desc
            limit %(limit)s offset %(offset)s""",
        {**parameters, "limit": limit, "offset": offset},
    )
    total = query(connection, f"select count(*) as total from job_alerts a where {MINE} {condition}", parameters)
    return [_view(row, owner) for row in rows], total[0]["total"]


def get(connection: Connection, owner: Owner, alert_id: int) -> AlertView | None:
    rows = query(connection, f"{SELECT} and a.id = %(id)s", {**_who(owner), "id": alert_id})
    return _view(rows[0], owner) if rows else None


def create(connection: Connection, owner: Owner, new: NewAlert, *, most: int) -> AlertView:
    """Offers that are numbered already are not sent. Raises TooManyAlerts."""
    # Two requests at once must not both find room for the last alert.
    query(connection, "select id from candidates where id = %s for no key update", (owner.candidate_id,))
    held = query(connection, f"select count(*) as held from job_alerts a where {MINE}", _who(owner))[0]["held"]
    if held >= most:
        raise TooManyAlerts(most)
    rows = query(
        connection,
        """
        insert into job_alerts (candidate_id, name, criteria, frequency, own_frequency, is_active, jobs_sent_count,
                                origin, created_at, updated_at)
        values (%(candidate_id)s, %(name)s, %(criteria)s, %(label)s, %(own)s, %(is_active)s, 0,
                'platform', now(), now())
        returning id
        """,
        {**_who(owner), **_stored(new.name, new.criteria, new.frequency), "is_active": new.is_active},
    )
    return _existing(connection, owner, rows[0]["id"])


def change(connection: Connection, owner: Owner, alert_id: int, changes: Mapping[str, Any]) -> AlertView | None:
    """Set members of NewAlert; None when the candidate has no such alert.

    Criteria that ask for something else do not look back: offers numbered by now are not sent.
    """
    mine = {**_who(owner), "id": alert_id}
    query(connection, f"select a.id from job_alerts a where {MINE} and a.id = %(id)s for update", mine)
    before = get(connection, owner, alert_id)
    if before is None:
        return None
    name, criteria, frequency, is_active = (
        changes.get(member, getattr(before, member)) for member in ("name", "criteria", "frequency", "is_active")
    )
    execute(
        connection,
        """
        update job_alerts
           set name = %(name)s, criteria = %(criteria)s, frequency = %(label)s, own_frequency = %(own)s,
               is_active = %(is_active)s, updated_at = now()
         where id = %(id)s
        """,
        {"id": alert_id, **_stored(name, criteria, frequency), "is_active": is_active},
    )
    looks_anew = equivalence_key(criteria) != equivalence_key(before.criteria)
    _set_watermark(connection, alert_id, None if looks_anew else before.last_number)
    return _existing(connection, owner, alert_id)


def toggle(connection: Connection, owner: Owner, alert_id: int) -> AlertView | None:
    """Switch an alert on or off; None when the candidate has no such alert."""
    execute(
        connection,
        f"""update job_alerts a set is_active = not coalesce(a.is_active, true), updated_at = now()
             where {MINE} and a.id = %(id)s""",
        {**_who(owner), "id": alert_id},
    )
    return get(connection, owner, alert_id)


def delete(connection: Connection, owner: Owner, alert_id: int) -> bool:
    """Its digests go with it; mails and notifications stay."""
    return bool(
        execute(connection, f"delete from job_alerts a where {MINE} and a.id = %(id)s", {**_who(owner), "id": alert_id})
    )


def duplicate_of(connection: Connection, owner: Owner, alert: AlertView) -> int | None:
    """The oldest other alert of this candidate that asks for the same as often; None when there is none."""
    rows = query(
        connection,
        f"{SELECT} and a.id <> %(id)s and a.frequency::text = %(label)s order by a.id",
        {**_who(owner), "id": alert.id, "label": alert.frequency.label},
    )
    others = (_view(row, owner) for row in rows)
    wanted = (alert.frequency, equivalence_key(alert.criteria))
    return next((each.id for each in others if (each.frequency, equivalence_key(each.criteria)) == wanted), None)


def counts(connection: Connection, owner: Owner) -> Row:
    """total, active, sent (offers in all digests), by_frequency (alerts by each frequency)."""
    rows = query(
        connection,
        f"""
        select a.frequency::text as label, a.own_frequency, count(*) as total,
               count(*) filter (where coalesce(a.is_active, true)) as active,
               coalesce(sum(a.jobs_sent_count), 0)::bigint as sent
          from job_alerts a where {MINE} group by a.frequency, a.own_frequency
        """,
        _who(owner),
    )
    by_frequency = {each.value: 0 for each in AlertFrequency}
    for row in rows:
        by_frequency[AlertFrequency.stored(row["label"], row["own_frequency"])] += row["total"]
    sums = {name: sum(row[name] for row in rows) for name in ("total", "active", "sent")}
    return {**sums, "by_frequency": by_frequency}


def active_criteria(connection: Connection, owner: Owner) -> list[Criteria]:
    """What the candidate's active alerts ask for, one entry per alert."""
    rows = query(
        connection,
        f"""select a.criteria::text as criteria from job_alerts a
             where {MINE} and coalesce(a.is_active, true) order by a.id""",
        _who(owner),
    )
    return [parse_criteria(row["criteria"]) for row in rows]


DIGESTS = f"""
select d.id, d.period, d.created_at, d.total, d.more_count as more, m.state as mail_state,
       coalesce((select jsonb_agg(jsonb_build_object(
                   'id', j.id, 'title', j.title, 'location', j.location, 'location_type', j.location_type::text,
                   'job_type', j.job_type::text, 'salary_min', j.salary_min, 'salary_max', j.salary_max,
                   'currency', coalesce(j.currency, '{DEFAULT_CURRENCY}'), 'company_id', j.company_id,
                   'posted_at', to_char(coalesce(j.posted_at, j.created_at) at time zone 'UTC',
                                        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) order by shown.place)
                   from unnest(d.job_ids) with ordinality as shown(job_id, place) join jobs j on j.id = shown.job_id),
                '[]') as jobs
  from alert_digests d left join email_messages m on m.id = d.message_id
 where d.alert_id = %(alert_id)s order by d.period desc limit %(limit)s offset %(offset)s
"""


def digests(connection: Connection, alert_id: int, *, limit: int, offset: int) -> tuple[list[Row], int]:
    """What an alert sent, the newest first, with how many digests there are. Offers deleted since are left out.

    The caller has checked whose alert it is.
    """
    rows = query(connection, DIGESTS, {"alert_id": alert_id, "limit": limit, "offset": offset})
    total = query(connection, "select count(*) as total from alert_digests where alert_id = %s", (alert_id,))
    return rows, total[0]["total"]


def _existing(connection: Connection, owner: Owner, alert_id: int) -> AlertView:
    found = get(connection, owner, alert_id)
    if found is None:
        raise LookupError(f"alert {alert_id} vanished in the transaction that holds its lock")
    return found


def _set_watermark(connection: Connection, alert_id: int, watermark: int | None) -> None:
    """To the highest number there is when None. A trigger moves the watermark whenever the stored text changes, so one
    that is to stay is put back.
    """
    execute(
        connection,
        """
        update job_alerts set last_number = coalesce(%(watermark)s::bigint, highest_job_number())
         where id = %(id)s and last_number is distinct from coalesce(%(watermark)s::bigint, highest_job_number())
        """,
        {"id": alert_id, "watermark": watermark},
    )


def _who(owner: Owner) -> dict[str, Any]:
    return {"candidate_id": owner.candidate_id, "user_id": owner.user_id}


def _stored(name: str, criteria: Criteria, frequency: AlertFrequency) -> dict[str, Any]:
    return {
        "name": name,
        "criteria": Jsonb(to_json(criteria)),
        "label": frequency.label,
        "own": frequency.own,
    }


def _view(row: Row, owner: Owner) -> AlertView:
    members = {name: value for name, value in row.items() if name not in {"label", "own_frequency", "criteria"}}
    return AlertView(
        **members,
        candidate_id=owner.candidate_id,
        criteria=parse_criteria(row["criteria"]),
        frequency=AlertFrequency.stored(row["label"], row["own_frequency"]),
    )
