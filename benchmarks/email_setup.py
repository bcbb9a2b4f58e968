"""What the mail benchmark works on: people with alerts, offers, an emulated provider, and the platform's own worker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import requests

from benchmarks import drain
from benchmarks.measure import process_times, proportional_memory, tree
from benchmarks.stack import Stack
from sandbox.processes import LOOPBACK, free_port
from worker.catalogue.email import SEND, SendMail
from worker.catalogue.everything import CATALOGUE
from worker.kit.database import execute
from worker.ledger.enqueue import enqueue
from worker.ledger.synchronise import synchronise_catalogue
from worker.services.email.delivery import batches

OFFERS = 300
OFFERS_PER_MAIL = 10
# More than cores: a child waits for its slot, for the provider and for three commits.
CHILDREN = 4

PEOPLE = """
with people as (
    insert into users (email, role, first_name, last_name, name, is_active)
    select 'personne.' || n || '@example.org', 'CANDIDATE', 'Prénom ' || n, 'Nom', 'Prénom ' || n || ' Nom', true
      from generate_series(1, %(count)s) n returning id),
profiles as (insert into candidates (user_id) select id from people returning id)
insert into job_alerts (candidate_id, name, criteria, frequency, is_active, jobs_sent_count, origin)
select id, 'Comptabilité à Libreville', '{}', 'DAILY', true, 0, 'platform' from profiles
"""

MARKET = """
with author as (
    insert into users (email, role, first_name, last_name, is_active)
    values ('recruteur@example.org', 'EMPLOYER', 'Awa', 'Diop', true) returning id),
firm as (insert into companies (name) values ('Okoumé Conseil') returning id),
employer as (
    insert into employers (user_id, company_id) select author.id, firm.id from author, firm returning id, company_id)
insert into jobs (employer_id, company_id, title, description, job_type, location_type, location, status, is_featured,
                  views_count, applications_count, posted_at, salary_min, salary_max, currency)
select e.id, e.company_id, 'Comptable senior n° ' || n, 'Tenue des comptes', 'full_time', 'hybrid', 'Libreville',
       'published', false, 0, 0, now() - make_interval(hours => n), 400000 + n, 650000 + n, 'XAF'
  from employer e, generate_series(1, %(offers)s) n
"""

# Digests as the alerts write them, half of them in English.
DIGESTS = """
with offers as (select array_agg(id order by id) as ids from jobs),
wanted as (
    select a.id as alert_id, a.name, u.id as user_id, u.email, row_number() over (order by a.id) as n
      from job_alerts a join candidates c on c.id = a.candidate_id join users u on u.id = c.user_id
     order by a.id limit %(count)s)
insert into email_messages (source, template, recipient, context, locale, user_id)
select 'alert_digest:' || %(round)s || '-' || w.n, 'job_alert', w.email,
       jsonb_build_object('alert_id', w.alert_id, 'alert_name', w.name, 'frequency', 'daily', 'more', 3,
                          'job_ids', to_jsonb(o.ids[1 + w.n %% %(last)s : %(each)s + w.n %% %(last)s])),
       case when w.n %% 2 = 0 then 'fr' else 'en' end, w.user_id
  from wanted w, offers o
"""


@dataclass
class EmailSetup:
    """A stack with people, offers and a provider; `url` is where the provider is steered."""

    stack: Stack
    port: int = field(default_factory=free_port)
    rounds: int = 0
    worker: str = ""

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/_emulator"

    def open(self, people: int) -> None:
        with self.stack.database.transaction() as connection:
            synchronise_catalogue(connection, CATALOGUE)
            execute(connection, MARKET, {"offers": OFFERS})
            execute(connection, PEOPLE, {"count": people})
        self.stack.maintain("analyze")
        self.stack.start("emulators", ("-m", "sandbox.emulators", "--port", str(self.port)))
        self.stack.wait(self._answers, "the emulator")
        self.stack.start_dispatcher()

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/resend/faults", timeout=2).ok
        except requests.RequestException:
            return False

    def start_worker(self, rate: float) -> None:
        """The platform's worker with a limit in requests per second; each has a name of its own."""
        self.worker = f"worker at {rate:g}"
        environment = {
            "RESEND_API_KEY": "re_benchmark",
            "RESEND_API_URL": f"http://{LOOPBACK}:{self.port}/resend",
            "RESEND_RATE": str(rate),
            "SIGNING_SECRET": "a-secret-of-the-benchmark-with-enough-characters",
        }
        celery = ("-m", "celery", "--quiet", "-A", "worker", "worker", "--pool", "prefork")
        size = ("--concurrency", str(CHILDREN), "--without-gossip", "--without-mingle")
        self.stack.start(self.worker, (*celery, *size), environment)
        self.stack.wait(lambda: self.stack.registered() == CHILDREN + 1, "the worker")

    def stop_worker(self) -> None:
        self.stack.supervisor.stop(self.worker)
        self.stack.wait(lambda: self.stack.registered() == 0, "the worker's end")

    def write(self, count: int) -> None:
        """Pending digests to as many people, and the provider's memory emptied."""
        self.rounds += 1
        drain.clear(self.stack)
        with self.stack.database.transaction() as connection:
            execute(connection, "truncate email_messages, email_batches, effects, rate_limits")
            execute(
                connection,
                DIGESTS,
                {
                    "count": count,
                    "round": self.rounds,
                    "last": OFFERS - OFFERS_PER_MAIL,
                    "each": OFFERS_PER_MAIL,
                },
            )
        self.stack.maintain("analyze email_messages")
        requests.post(f"{self.url}/reset", timeout=30).raise_for_status()

    def fill(self, *, most: int | None = None, times: int = 1) -> None:
        """Batches of a hundred, or `times` batches of `most` messages each."""
        for _ in range(times):
            with self.stack.database.transaction() as connection:
                batches.fill(connection, most=most or 1_000_000)

    def steer(self, switches: Mapping[str, Any]) -> None:
        requests.put(f"{self.url}/resend/faults", json=dict(switches), timeout=5).raise_for_status()

    def urgent(self, number: int) -> float:
        """One mail that somebody waits for; the seconds from the request until the provider has taken it."""
        mail = SendMail(recipient=f"urgent.{number}@example.org", subject="Votre entretien", text="À lundi.")
        with self.stack.database.transaction() as connection:
            run_id = enqueue(connection, SEND, mail).id
        self.stack.wait(lambda: bool(self._waited(run_id)), "an urgent mail")
        return self._waited(run_id)[0]

    def _waited(self, run_id: UUID) -> list[float]:
        rows = self.stack.database.autocommit(
            """
            select extract(epoch from m.sent_at - r.created_at)::float8 as seconds
              from task_runs r join email_messages m on m.source = 'run:' || r.id
             where r.id = %(run)s and m.state = 'sent'
            """,
            {"run": run_id},
        )
        return [row["seconds"] for row in rows]

    def sent(self) -> int:
        return int(self.stack.rows("select count(*) from email_messages where state = 'sent'")[0][0])

    def wait_until_sent(self, count: int, *, seconds: float) -> None:
        """Asked through a kept connection: to open one costs Postgres as much as fifty mails."""
        open_batches = "select 1 as found from email_batches where finished_at is null limit 1"
        self.stack.wait(lambda: not self.stack.database.autocommit(open_batches, {}), "the mail", seconds=seconds)
        taken = requests.get(f"{self.url}/resend/counts", timeout=60).json()
        if (self.sent(), taken["accepted"], taken["duplicates"]) != (count, count, 0):
            raise RuntimeError(f"{self.sent()} of {count} mails were sent, and the provider says {taken}.")

    def answers(self) -> list[dict[str, Any]]:
        """The provider's journal, oldest first."""
        entries: list[dict[str, Any]] = requests.get(f"{self.url}/journal?limit=20000", timeout=60).json()["entries"]
        return sorted(entries, key=lambda entry: entry["number"])

    def largest_child(self) -> float:
        """Proportional memory of the worker's largest child, in MiB."""
        _, *children = tree(self.stack.roots(self.worker)[self.worker], process_times())
        return max(proportional_memory(pid) for pid in children) / 2**20
