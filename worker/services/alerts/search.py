"""Search documents: each offer normalised once, when it changed, and read back for runs without normalising."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute, hold, query, raw, savepoint
from worker.kit.locks import Lock
from worker.kit.logging import get_logger
from worker.ledger.outcomes import Done, Recorded, Snooze
from worker.ledger.platform_state import is_due
from worker.services.alerts.numbering import number_offers
from worker.services.matching.compounds import pairs_of
from worker.services.matching.documents import VERSION, document, prepared_from
from worker.services.matching.offers import PUBLISHED, SEARCHED_FIELDS, Offer, PreparedOffer, prepare

log = get_logger(__name__)

# What Postgres refuses to store of a document.
UNSTORABLE = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)
LONGEST_FAULT = 300

# Whoever waits for a preview waits for so many offers, of so many bytes in all (reading a megabyte takes a second), and
# for so long a lock.
SHORT_BACKLOG = 100
SHORT_TEXTS = 200_000
PATIENCE = "set local lock_timeout = '500ms'"
SIZE = " + ".join(f"coalesce(octet_length({name}), 0)" for name in (*SEARCHED_FIELDS, "location"))
NOTED = f"""
with newest as (select job_id from job_changes limit %s)
select (select count(*) from newest) as noted,
       (select coalesce(sum({SIZE}), 0) from jobs where id in (select job_id from newest)) as size
"""

TAKE = """
delete from job_changes where id in (select id from job_changes order by id limit %s) returning job_id
"""

UNPREPARED = "select job_id from job_search where version < %s order by version, job_id limit %s"

# Nobody waits for an offer's row while holding others: the main web app may be deleting some in another order.
HOLD = "select id from jobs where id = any(%s) order by id for key share skip locked"

NOTE_AGAIN = "insert into job_changes (job_id) select id from jobs where id = any(%s) returning job_id"

OFFER = """
j.id, j.title, s.visible_no as number, j.company_id, j.description, j.requirements, j.responsibilities,
j.mission_principale, j.profil_formation, j.profil_experience, j.profil_competences, j.profil_posture, j.profil_autre,
j.location, j.zone, j.country, j.location_type::text as location_type, j.job_type::text as job_type, j.salary_min,
j.salary_max, j.currency, j.language, j.status::text as status, coalesce(j.posted_at, j.created_at) as posted_at,
j.expires_at
"""

# An offer that was never seen published has nothing to be searched for.
CHANGED = f"""
select {OFFER} from jobs j left join job_search s on s.job_id = j.id
 where j.id = any(%s) and (s.job_id is not null or lower(j.status::text) = 'published')
 order by j.id
"""

STORE = """
insert into job_search (job_id, tokens, texts, place, area, country, job_type, location_type, salary_min, salary_max,
                        currency, published, expires_at, posted_at, company_id, fault, version, refreshed_at,
                        versioned_at)
values (%(job_id)s, %(tokens)s, %(texts)s, %(place)s, %(area)s, %(country)s, %(job_type)s, %(location_type)s,
        %(salary_min)s, %(salary_max)s, %(currency)s, %(published)s,
        (select j.expires_at from jobs j where j.id = %(job_id)s), %(posted_at)s, %(company_id)s, null, %(version)s,
        now(), now())
on conflict (job_id) do update
   set tokens = excluded.tokens, texts = excluded.texts, place = excluded.place, area = excluded.area,
       country = excluded.country, job_type = excluded.job_type, location_type = excluded.location_type,
       salary_min = excluded.salary_min, salary_max = excluded.salary_max, currency = excluded.currency,
       published = excluded.published, expires_at = excluded.expires_at, posted_at = excluded.posted_at,
       company_id = excluded.company_id, fault = null, version = excluded.version, refreshed_at = excluded.refreshed_at,
       versioned_at = excluded.versioned_at
"""

# What cannot be searched is nobody's match. It is tried again when it changes, and by every sweep.
UNFIT = """
insert into job_search (job_id, fault, version, refreshed_at, versioned_at)
values (%(job_id)s, %(fault)s, %(version)s, now(), now())
on conflict (job_id) do update
   set fault = excluded.fault, published = false, version = excluded.version, refreshed_at = excluded.refreshed_at,
       versioned_at = excluded.versioned_at
"""

FAULTS = "select job_id, fault from job_search where fault is not null order by job_id limit 20"

DOCUMENT = "s.texts, s.place, s.area, s.country, s.job_type, s.location_type, s.salary_min, s.salary_max, s.currency"
IS_OPEN = "lower(j.status::text) = 'published' and (j.expires_at is null or j.expires_at > now())"

OPEN = f"""
select j.id, j.title, s.visible_no as number, j.company_id, j.status::text as status, s.posted_at, j.expires_at,
       {DOCUMENT}
  from job_search s join jobs j on j.id = s.job_id
 where s.visible_no > %(above)s and s.visible_no <= %(upper_bound)s and s.refreshed_at is not null and s.fault is null
   and {IS_OPEN}
 order by s.visible_no desc
"""
OPEN_COLUMNS = ("id", "title", "number", "company_id", "status", "posted_at", "expires_at")

SHOWN = f"select {OFFER} from jobs j join job_search s on s.job_id = j.id where j.id = any(%s) and {IS_OPEN}"
DOCUMENTS = f"select s.job_id, {DOCUMENT} from job_search s where s.job_id = any(%s) and s.fault is null"

# The offers whose document says otherwise than the offer itself about whether it is open, or was made by a release that
# knew no versions.
MISSED = f"""
insert into job_changes (job_id)
select j.id from jobs j left join job_search s on s.job_id = j.id
 where case when s.job_id is null
            then {IS_OPEN}
            else s.published <> (lower(j.status::text) = 'published') or s.expires_at is distinct from j.expires_at
                 or s.version > 0 and s.versioned_at is distinct from s.refreshed_at end
   and not exists (select from job_changes c where c.job_id = j.id)
"""
SWEPT = "job_search.swept"
BETWEEN_SWEEPS = 600.0


def prepare_changed(connection: Connection, *, most: int = 500, only_noted: bool = False) -> int:
    """Bring the documents of at most `most` changed or unprepared offers up to date; 0 when nothing is left to do.

    only_noted: those that were prepared by the rules of a release before wait.

    Whoever has a backlog repeats it, each time in a transaction of its own. One transaction at a time prepares, so
    that an older text never replaces a newer one. An offer whose row another transaction is deleting or has locked
    is left for later; one that cannot be prepared keeps the reason and holds up no other.
    """
    hold(connection, Lock.PREPARING_OFFERS)
    noted = {row["job_id"] for row in query(connection, TAKE, (most,))}
    room = 0 if only_noted else most - len(noted)
    waiting = {row["job_id"] for row in query(connection, UNPREPARED, (VERSION, room))}
    held = {row["id"] for row in query(connection, HOLD, (list(noted | waiting),))}
    again = query(connection, NOTE_AGAIN, (list(noted - held),))
    _store(connection, [Offer(**row) for row in query(connection, CHANGED, (list(held),))])
    return len(held | noted) - len(again)


def catch_up(connection: Connection) -> None:
    """Prepare and number the few offers that changed a moment ago; whoever looks next sees them.

    A long backlog is left to upkeep. Raises LockNotAvailable when others are at it for too long.
    """
    waiting = query(connection, NOTED, (SHORT_BACKLOG + 1,))[0]
    if 0 < waiting["noted"] <= SHORT_BACKLOG and waiting["size"] <= SHORT_TEXTS:
        execute(connection, PATIENCE)
        prepare_changed(connection, most=SHORT_BACKLOG, only_noted=True)
        number_offers(connection)


def note_missed(connection: Connection) -> int:
    """Note the offers that were written past the trigger, so that they are prepared; returns how many.

    Looks at every offer: for now and then. An edit that left an offer open or closed is not seen.
    """
    return execute(connection, MISSED)


def tidy(connection: Connection, *, most: int = 500) -> Recorded:
    """One step of the upkeep of documents and numbers: snoozes at once while there is a backlog.

    Every BETWEEN_SWEEPS seconds it also looks for what was missed.
    """
    if prepare_changed(connection, most=most) or (
        is_due(connection, SWEPT, seconds=BETWEEN_SWEEPS) and note_missed(connection)
    ):
        return Snooze(0.0)
    unfit = {row["job_id"]: row["fault"] for row in query(connection, FAULTS)}
    return Done({"highest_number": number_offers(connection), **({"unfit": unfit} if unfit else {})})


def open_offers(connection: Connection, *, above: int, upper_bound: int) -> list[PreparedOffer]:
    """The open offers with above < number <= upper_bound as they were prepared, newest first.

    Of each `offer` only OPEN_COLUMNS are filled.
    """
    rows = query(connection, OPEN, {"above": above, "upper_bound": upper_bound})
    return [prepared_from(row, Offer(**{name: row[name] for name in OPEN_COLUMNS})) for row in rows]


def offers_by_id(connection: Connection, job_ids: Sequence[int]) -> list[PreparedOffer]:
    """Prepared offers, whole, in the order of the ids; those that are closed or gone are left out."""
    documents = {row["job_id"]: row for row in query(connection, DOCUMENTS, (list(job_ids),))}
    offers = {row["id"]: Offer(**row) for row in query(connection, SHOWN, (list(job_ids),))}
    return [prepared_from(documents[each], offers[each]) for each in job_ids if each in documents and each in offers]


def prepare_each(offers: Iterable[Offer], faults: dict[int, str]) -> Iterator[PreparedOffer]:
    """Offers prepared one by one; those that cannot be are left out, and `faults` told why."""
    for offer in offers:
        try:
            yield prepare(offer)
        except Exception as error:  # noqa: BLE001 - what one employer wrote stops nobody else, whatever it is
            faults[offer.id] = _reason(error)


def _store(connection: Connection, offers: Sequence[Offer]) -> None:
    faults: dict[int, str] = {}
    rows = [_columns(each) for each in prepare_each(offers, faults)]
    try:
        _write(connection, rows)
    except UNSTORABLE:
        for row in rows:
            try:
                _write(connection, [row])
            except UNSTORABLE as error:
                faults[row["job_id"]] = _reason(error)
    for job_id, fault in faults.items():
        log.warning("offer.unfit", job=job_id, reason=fault)
        execute(connection, UNFIT, {"job_id": job_id, "fault": fault, "version": VERSION})


def _write(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """All or none of them; what is refused leaves the transaction as it was."""
    with savepoint(connection), raw(connection).cursor() as cursor:
        cursor.executemany(STORE.encode(), rows)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_FAULT].replace("\x00", "")


def _columns(prepared: PreparedOffer) -> dict[str, Any]:
    offer, found = prepared.offer, document(prepared)
    return {
        "job_id": offer.id,
        "tokens": [*found.tokens, *sorted(pairs_of(prepared.texts))],
        "texts": Jsonb(found.texts),
        "place": found.place,
        "area": list(found.area),
        "country": found.country,
        "job_type": found.job_type,
        "location_type": found.location_type,
        "salary_min": found.salary_min,
        "salary_max": found.salary_max,
        "currency": found.currency,
        "published": (offer.status or "").strip().lower() == PUBLISHED,
        "posted_at": offer.posted_at,
        "company_id": offer.company_id,
        "version": VERSION,
    }
