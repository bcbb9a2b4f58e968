"""`python -m benchmarks careers`: what a career page costs with many offers in the table, with and without an ETag.

`--offers` open offers (default 100,000), a fifth of them of one company; the others share `COMPANIES`. `--runs` / 100
requests of each kind and repetition (200 by default), one after the other, each for another page. CPU of the API and of
Postgres together; the client's is not counted.
"""

import http.client
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.measure import Cost, cost_of, median
from benchmarks.report import Report
from benchmarks.stack import Stack
from sandbox.processes import LOOPBACK
from sandbox.seed.vocabulary.phrases import REASONS
from worker.kit.database import execute

SHARE = 100
FEWEST = 20
COMPANIES = 500
LARGE_SHARE = 5
WARM_UP = 30
GOAL_KNOWN, GOAL_NEW = 2.0, 8.0
# A new offer every minute; some thousand characters of text, as employers write.
MARKET = """
with firms as (
    insert into companies (name, description, industry, city, country)
    select 'Entreprise ' || n, repeat('Une entreprise de la région. ', 10), 'Services', 'Libreville', 'GA'
      from generate_series(0, %(companies)s) n returning id),
author as (
    insert into users (email, role, first_name, last_name, is_active)
    values ('recruteur@exemple.cm', 'EMPLOYER', 'Awa', 'Diop', true) returning id),
staff as (insert into employers (user_id, company_id) select author.id, min(firms.id) from author, firms
          group by author.id returning id, company_id)
insert into jobs (employer_id, company_id, title, description, requirements, responsibilities, benefits, job_type,
                  location_type, location, country, zone, language, salary_min, salary_max, currency, status,
                  is_featured, views_count, applications_count, posted_at, expires_at)
select staff.id,
       staff.company_id + case when n %% %(large)s = 0 then 0 else 1 + n %% %(companies)s end,
       'Comptable confirmé (H/F) ' || n,
       repeat(%(text)s || E'\\n\\n', 6), repeat(E'• Diplôme de niveau Bac+3 ou équivalent\\n', 5),
       repeat(E'• Tenir la comptabilité générale et analytique\\n', 8), repeat(E'• Assurance santé\\n', 4),
       'full_time', 'hybrid', 'Libreville, Gabon', 'GA', 'CEMAC', 'fr', 250000, 400000, 'XAF', 'published',
       false, 0, 0, now() - n * interval '1 minute', case when n %% 2 = 0 then now() + interval '30 days' end
  from staff, generate_series(1, %(offers)s) n
"""
# Many more than there are in life: whether an offer was withdrawn is asked of each one that a page shows.
WITHDRAWN = """
insert into job_postings (job_id, channel, state)
select id, 'INTOWORK', 'withdrawn' from jobs where id % 20 = 1
"""


@dataclass
class Reader:
    """One connection that is kept, as a proxy's is."""

    port: int

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=60)

    def get(self, path: str, tag: str | None = None) -> tuple[int, str, int]:
        """Status, ETag (the address of a redirect), bytes."""
        self._connection.request("GET", path, headers={"If-None-Match": tag} if tag else {})
        response = self._connection.getresponse()
        size = len(response.read())
        return response.status, response.getheader("Location") or response.getheader("ETag") or "", size

    def settled(self, path: str) -> str:
        """Where the bare numbers lead."""
        status, address, _ = self.get(path)
        return address if status == 301 else path


def run(options: Namespace) -> Report:
    """options: offers, runs, repetitions."""
    count = max(options.runs // SHARE, FEWEST)
    report = Report("careers", {"open offers": options.offers, "requests": count, "repetitions": options.repetitions})
    with Stack() as stack:
        _open(stack, options.offers)
        stack.start_api("api_min:create_app", {"PLATFORM_URL": "https://exemple.ga"})
        reader = Reader(stack.api_port)
        for kind, pages in _kinds(stack, reader, count).items():
            _measure(report, stack, reader, kind, pages, options.repetitions)
        _tell_sitemaps(report, stack, reader)
    return report


def _open(stack: Stack, offers: int) -> None:
    with stack.database.transaction() as connection:
        values = {"offers": offers, "companies": COMPANIES, "large": LARGE_SHARE, "text": REASONS[0]}
        execute(connection, MARKET, values)
        execute(connection, WITHDRAWN, {})
    for statement in ("vacuum (analyze)", "checkpoint"):
        stack.maintain(statement)


def _kinds(stack: Stack, reader: Reader, count: int) -> dict[str, Sequence[str]]:
    """Pages by kind, each at its own address."""
    offers = stack.rows("select company_id, id from jobs where id %% 20 <> 1 order by md5(id::text) limit %s", count)
    companies = stack.rows("select id from companies order by id offset 1 limit %s", count)
    [(large,)] = stack.rows("select min(id) from companies")
    middle = stack.rows("select id from jobs where company_id = %s order by md5(id::text) limit %s", large, count)
    page = reader.settled(f"/carrieres/{large}")
    return {
        "an offer": [reader.settled(f"/carrieres/{company}/{job}") for company, job in offers],
        "a company": [reader.settled(f"/carrieres/{company}") for (company,) in companies],
        "a fifth of all offers, first page": [page] * count,
        "a fifth of all offers, any page": [f"{page}?after={job}" for (job,) in middle],
        "a company's RSS": [f"{reader.settled(f'/carrieres/{company}')}/rss.xml" for (company,) in companies],
    }


def _measure(report: Report, stack: Stack, reader: Reader, kind: str, pages: Sequence[str], repetitions: int) -> None:
    tags: dict[str, str] = {}

    def render() -> None:
        for page in pages:
            status, tags[page], size = reader.get(page)
            if status != 200 or size > 100_000:
                raise RuntimeError(f"{page} answered {status} with {size} bytes")

    def ask_again() -> None:
        for page in pages:
            if reader.get(page, tags[page])[0] != 304:
                raise RuntimeError(f"{page} was sent again though nothing changed")

    for page in pages[:WARM_UP]:
        reader.get(page)
    new, known = (_costs(stack, work, len(pages), repetitions) for work in (render, ask_again))
    for what, costs, goal in (("no ETag", new, GOAL_NEW), ("matching ETag", known, GOAL_KNOWN)):
        cpu = median([each.milliseconds for each in costs])
        details = {"by process": costs[-1].by_process(), "wall": round(median([1000 / each.rate for each in costs]), 2)}
        report.figure(f"{kind}, {what}", cpu, "CPU ms", details)
        report.at_most(f"{kind}, {what}", cpu, goal, "CPU ms")


def _costs(stack: Stack, work: Callable[[], None], units: int, repetitions: int) -> list[Cost]:
    return [cost_of(units, stack.roots("api"), work) for _ in range(repetitions)]


def _tell_sitemaps(report: Report, stack: Stack, reader: Reader) -> None:
    """Nobody waits for them: told without a goal."""
    [(large,)] = stack.rows("select min(id) from companies")
    page = reader.settled(f"/carrieres/{large}")
    for what, path in (
        ("the index of sitemaps", "/carrieres/sitemap.xml"),
        ("its largest part", f"{page}/sitemap.xml"),
    ):
        cost = cost_of(1, stack.roots("api"), partial(reader.get, path))
        report.figure(what, cost.milliseconds, "CPU ms")
