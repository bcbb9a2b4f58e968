"""Alerts matched by SQL: one statement per alert, by letters or by text search, and one statement for all of them.

The rule is the main web app's: keywords are alternatives, everything else must hold; an offer without salary answers
no salary. What differs is how a keyword is looked for.
"""

from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from benchmarks.peers.alerts_peers import SHOWN, Answer, Answers, Asked

# A table of the peers' own, as narrow as can be: `jobs` holds much that no search needs.
OFFERS = """
drop table if exists peer_offers;
create table peer_offers as
select j.id as job_id, s.visible_no, j.title, j.description, j.requirements, j.location, j.job_type::text as job_type,
       j.location_type::text as location_type, j.salary_min, j.salary_max,
       to_tsvector(case j.language when 'en' then 'english' else 'french' end::regconfig,
                   concat_ws(' ', j.title, j.description, j.requirements, j.responsibilities, j.mission_principale,
                             j.profil_formation, j.profil_experience, j.profil_competences, j.profil_posture,
                             j.profil_autre)) as document
  from jobs j join job_search s on s.job_id = j.id
 where lower(j.status::text) = 'published' and (j.expires_at is null or j.expires_at > now());
create index on peer_offers using gin (document);
create index on peer_offers (visible_no);
analyze peer_offers
"""

ONE = """
select o.job_id, count(*) over () as total from peer_offers o where {conditions}
 order by o.visible_no desc limit {shown}
"""

BY_LETTERS = """
(o.title ilike any(%(patterns)s) or o.description ilike any(%(patterns)s) or o.requirements ilike any(%(patterns)s))
"""

# Everything but the keywords, by the parameter that must not be null.
CONDITIONS = {
    "location": "o.location ilike %(location)s",
    "job_types": "o.job_type = any(%(job_types)s)",
    "location_types": "o.location_type = any(%(location_types)s)",
    "salary_min": "(o.salary_min >= %(salary_min)s or o.salary_max >= %(salary_min)s)",
    "salary_max": "o.salary_min <= %(salary_max)s",
}

ASKED = """
create temporary table peer_alerts (
    id integer primary key, above bigint, keywords text[], location text, job_types text[], location_types text[],
    salary_min bigint, salary_max bigint, wanted tsquery)
"""

ASK = """
copy peer_alerts (id, above, keywords, location, job_types, location_types, salary_min, salary_max) from stdin
"""

UNDERSTAND = """
update peer_alerts set wanted = (
    select string_agg('(' || form::text || ')', ' | ')::tsquery
      from unnest(keywords) keyword, lateral (
           values (phraseto_tsquery('french', keyword)), (phraseto_tsquery('english', keyword))) forms(form)
     where numnode(form) > 0)
 where keywords is not null
"""

MEETS = """
       o.visible_no > a.above
   and (a.location is null or o.location ilike a.location)
   and (a.job_types is null or o.job_type = any(a.job_types))
   and (a.location_types is null or o.location_type = any(a.location_types))
   and (a.salary_min is null or o.salary_min >= a.salary_min or o.salary_max >= a.salary_min)
   and (a.salary_max is null or o.salary_min <= a.salary_max)
"""

JOINED = f"""
with found as materialized (
    select a.id, o.job_id, o.visible_no
      from peer_alerts a join peer_offers o on o.document @@ a.wanted where {MEETS}
    union all
    select a.id, o.job_id, o.visible_no
      from peer_alerts a join peer_offers o on true where a.keywords is null and {MEETS})
select id, count(*), (array_agg(job_id order by visible_no desc))[:{SHOWN}] from found group by id
"""

Parameters = dict[str, Any]
Looking = Callable[[Parameters, Sequence[str]], str]


def lay_out(url: str) -> None:
    """Write the peers' table of offers with its indexes; no part of any answer's time."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(OFFERS)


def by_letters(parameters: Parameters, keywords: Sequence[str]) -> str:
    """The condition on keywords as the main web app writes it."""
    parameters["patterns"] = [f"%{keyword}%" for keyword in keywords]
    return BY_LETTERS


def by_words(parameters: Parameters, keywords: Sequence[str]) -> str:
    """The condition on keywords by Postgres' text search in both languages, through a GIN index."""
    forms = []
    for number, keyword in enumerate(keywords):
        parameters[f"keyword{number}"] = keyword
        forms += [f"phraseto_tsquery('{language}', %(keyword{number})s)" for language in ("french", "english")]
    return f"o.document @@ ({' || '.join(forms)})"


class OneByOne:
    """A statement per alert on one connection, planned for its values; it says only what the alert asks for."""

    def __init__(self, url: str, looking: Looking) -> None:
        self._url = url
        self._looking = looking

    def answers(self, alerts: Sequence[Asked]) -> Answers:
        with psycopg.connect(self._url, autocommit=True, prepare_threshold=None) as connection:
            return {alert.id: self._answer(connection, alert) for alert in alerts}

    def _answer(self, connection: psycopg.Connection, alert: Asked) -> Answer:
        parameters = _parameters(alert)
        conditions = ["o.visible_no > %(above)s"]
        if alert.criteria.keywords:
            conditions.append(self._looking(parameters, alert.criteria.keywords))
        conditions += [condition for name, condition in CONDITIONS.items() if parameters[name] is not None]
        statement = ONE.format(conditions=" and ".join(conditions), shown=SHOWN)
        rows = connection.execute(statement.encode(), parameters).fetchall()
        return Answer(rows[0][1] if rows else 0, tuple(row[0] for row in rows))


class Joined:
    """All alerts in one statement: written to a table, joined with the offers by text search through the GIN index."""

    def __init__(self, url: str) -> None:
        self._url = url

    def answers(self, alerts: Sequence[Asked]) -> Answers:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(ASKED)
            with connection.cursor().copy(ASK) as copy:
                for alert in alerts:
                    copy.write_row((alert.id, *_parameters(alert).values()))
            connection.execute(UNDERSTAND)
            connection.execute("analyze peer_alerts")
            rows = connection.execute(JOINED).fetchall()
        return {alert_id: Answer(total, tuple(newest)) for alert_id, total, newest in rows}


def _parameters(alert: Asked) -> Parameters:
    """In the order of ASK; what is not asked for is None."""
    criteria = alert.criteria
    return {
        "above": alert.above,
        "keywords": list(criteria.keywords) or None,
        "location": f"%{criteria.location}%" if criteria.location else None,
        "job_types": sorted(criteria.job_types) or None,
        "location_types": sorted(criteria.location_types) or None,
        "salary_min": criteria.salary_min,
        "salary_max": criteria.salary_max,
    }
