"""The alert benchmark's market in Postgres: offers, people, and as many of their alerts as a run is given."""

import json
from collections.abc import Iterable
from typing import Any

import psycopg

from benchmarks import alert_market
from benchmarks.alerts_run import Runner
from benchmarks.peers.alerts_peers import Answer, Answers, Asked
from benchmarks.stack import Stack
from worker.catalogue import alerts as catalogue
from worker.catalogue.everything import CATALOGUE
from worker.kit.database import execute
from worker.ledger.synchronise import synchronise_catalogue
from worker.services.matching.criteria import parse_criteria
from worker.services.matching.offers import Offer

ALERTS_PER_PERSON = 2

OFFERS = f"""
copy jobs (employer_id, company_id, status, is_featured, views_count, applications_count,
           {", ".join(alert_market.OFFER_COLUMNS)}) from stdin
"""

# One person in six reads English, one in a hundred is inactive, one in two hundred's address is suppressed.
PEOPLE = (
    """
    insert into users (id, email, role, first_name, last_name, name, is_active)
    select n + 1, 'personne.' || n || '@example.org', 'CANDIDATE', 'Prénom ' || n, 'Nom', 'Prénom ' || n || ' Nom',
           n %% 100 <> 99
      from generate_series(1, %(people)s) n
    """,
    "insert into candidates (id, user_id) select n, n + 1 from generate_series(1, %(people)s) n",
    """
    insert into recipient_preferences (user_id, locale)
    select n + 1, 'en' from generate_series(1, %(people)s) n where n %% 6 = 5
    """,
    """
    insert into suppressions (address, reason)
    select 'personne.' || n || '@example.org', 'bounced' from generate_series(1, %(people)s) n where n %% 200 = 150
    """,
)

ALERTS_TABLE = "create unlogged table benchmark_alerts (id integer primary key, name text, criteria json, above bigint)"

ALERTS = """
insert into job_alerts (id, candidate_id, name, criteria, frequency, is_active, jobs_sent_count, origin, last_number)
select id, 1 + (id - 1) / %(each)s, name, criteria, 'DAILY', true, 0, 'platform', above
  from benchmark_alerts where id <= %(count)s order by id
"""

EMPTY = """
truncate alert_runs, alert_digests, job_alerts, notifications, email_messages, email_batches,
         task_runs, task_attempts, task_keys, effects
"""

UNPREPARED = """
select count(*) from jobs j left join job_search s on s.job_id = j.id
 where s.visible_no is null or s.refreshed_at is null
"""

NUMBERED = """
select j.id, j.title, s.visible_no as number, j.description, j.requirements, j.responsibilities, j.profil_formation,
       j.profil_posture, j.location, j.country, j.location_type::text as location_type, j.job_type::text as job_type,
       j.salary_min, j.salary_max, j.currency, j.language
  from jobs j join job_search s on s.job_id = j.id
"""

# Without those whose owner gets no mail.
ASKED = """
select a.id, a.criteria, w.above from job_alerts a join benchmark_alerts w on w.id = a.id
  join candidates c on c.id = a.candidate_id join users u on u.id = c.user_id
 where a.id = any(%(ids)s) and u.is_active
   and not exists (select from suppressions s where s.address = lower(u.email))
 order by a.id
"""

STORED = """
select (select count(*) from alert_digests) as digests, (select count(*) from email_messages) as messages,
       (select count(*) from notifications) as notifications,
       (select count(*) from job_alerts where jobs_sent_count > 0) as counted,
       (select count(*) from job_alerts where last_number < highest_job_number()) as behind
"""


class AlertsDataset:
    """Use `open`, `prepare` and `remember` once, in this order, then `fill` before each run."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.runner = Runner(stack)

    def open(self, jobs: int) -> None:
        """Write the offers and start the dispatcher."""
        with self.stack.database.transaction() as connection:
            synchronise_catalogue(connection, CATALOGUE)
            execute(connection, alert_market.FIRM)
            execute(connection, ALERTS_TABLE)
        shared = (1, 1, "published", False, 0, 0)
        self._copy(OFFERS, ((*shared, *row) for row in alert_market.offers(jobs)))
        self.stack.maintain("analyze jobs")
        self.stack.start_dispatcher()

    def prepare(self) -> None:
        """Documents and numbers of all offers, as the platform's upkeep makes them."""
        with self.runner.worker():
            while before := self._unprepared():
                self.runner.complete(catalogue.TIDY, {})
                if self._unprepared() == before:
                    raise RuntimeError(f"{before} offers have no document or no number after {catalogue.TIDY.name}.")
        self.stack.maintain("vacuum (analyze) job_search")

    def _unprepared(self) -> int:
        return int(self.stack.rows(UNPREPARED)[0][0])

    def preparing_seconds(self) -> float:
        """How long the upkeep worked, from its first start to its last end."""
        sql = "select extract(epoch from max(finished_at) - min(created_at))::float from task_runs where task = %s"
        return float(self.stack.rows(sql, catalogue.TIDY.name)[0][0])

    def offers(self) -> list[Offer]:
        return [Offer(**row) for row in self.runner.dicts(NUMBERED)]

    def remember(self, alerts: Iterable[alert_market.Alert], count: int) -> None:
        """Keep `count` alerts aside, and the people they belong to."""
        with self.stack.database.transaction() as connection:
            for statement in PEOPLE:
                execute(connection, statement, {"people": -(-count // ALERTS_PER_PERSON)})
        rows = ((alert.id, alert.name, json.dumps(alert.criteria), alert.above) for alert in alerts)
        self._copy("copy benchmark_alerts from stdin", rows)
        for table in ("users", "candidates", "recipient_preferences", "suppressions"):
            self.stack.maintain(f"vacuum (analyze) {table}")

    def distinct_wishes(self) -> int:
        return int(self.stack.rows("select count(distinct criteria::text) from benchmark_alerts")[0][0])

    def fill(self, count: int) -> None:
        """The first `count` alerts as they stand before a run, and nothing that an earlier run has left."""
        with self.stack.database.transaction() as connection:
            execute(connection, EMPTY)
            execute(connection, ALERTS, {"count": count, "each": ALERTS_PER_PERSON})
        self.stack.maintain("vacuum (analyze) job_alerts")
        self.stack.maintain("checkpoint")

    def asked(self, ids: Iterable[int]) -> list[Asked]:
        """These alerts as peers get them, without those whose owner gets no mail."""
        rows = self.runner.dicts(ASKED, {"ids": list(ids)})
        return [Asked(row["id"], parse_criteria(row["criteria"]), row["above"]) for row in rows]

    def digests(self) -> Answers:
        """What the run has stored, by alert."""
        rows = self.stack.rows("select alert_id, total, job_ids from alert_digests")
        return {alert_id: Answer(total, tuple(job_ids)) for alert_id, total, job_ids in rows}

    def stored(self) -> dict[str, int]:
        """Rows that the run has written; `behind`: alerts that have not looked at all offers."""
        return {name: int(count) for name, count in self.runner.dicts(STORED)[0].items()}

    def _copy(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with psycopg.connect(self.stack.database_url) as connection, connection.cursor() as cursor:
            with cursor.copy(statement.encode()) as copy:
                for row in rows:
                    copy.write_row(row)
            connection.commit()
