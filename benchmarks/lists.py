"""`python -m benchmarks lists`: how long a reader waits for each list while the largest tables hold `--rows` rows.

The real API on loopback, one request after another on one connection, each by another reader; one page as the route
gives it without being told a size. The goal is the 95th percentile.
"""

import time
from argparse import Namespace
from collections.abc import Mapping, Sequence

import jwt
import requests

from benchmarks import list_rows
from benchmarks.report import Report
from benchmarks.stack import Stack
from worker.kit.database import execute

SECRET = "a secret of at least thirty-two bytes, shared with the main web app"  # noqa: S105 - of this run
WARM_UP, FEWEST, SHARE = 10, 100, 100
GOAL = 50.0

ADMINISTRATOR = """
insert into users (email, role, first_name, last_name, is_active) values ('admin@example.org', 'ADMIN', 'A', 'B', true)
"""
OPERATOR = "select id, 0 from users where role = 'ADMIN'"
EMPLOYERS = "select user_id, 0 from employers where company_id is not null"
CANDIDATES = "select user_id, 0 from candidates"
APPLICATIONS = """
select e.user_id, a.id from job_applications a join jobs j on j.id = a.job_id join employers e on e.id = j.employer_id
"""
OFFERS = "select e.user_id, j.id from jobs j join employers e on e.id = j.employer_id"
# Who reads, and the id in the address: two columns.
LISTS: Mapping[str, str] = {
    "/api/tasks": OPERATOR,
    "/api/suppressions": OPERATOR,
    "/api/email-templates": EMPLOYERS,
    "/api/email-templates/{template_id}/versions": """
        select e.user_id, t.id from email_templates t join employers e on e.company_id = t.company_id
    """,
    "/api/job-alerts": CANDIDATES,
    "/api/job-alerts/{alert_id}/digests": """
        select c.user_id, a.id from job_alerts a join candidates c on c.id = a.candidate_id
    """,
    "/api/interviews": f"({EMPLOYERS} limit 50) union all ({CANDIDATES} limit 50) union all ({OPERATOR})",
    "/api/interviews/application/{application_id}": APPLICATIONS,
    "/api/applications/{application_id}/notes": APPLICATIONS,
    "/api/applications/{application_id}/collaboration/colleagues": APPLICATIONS,
    "/api/applications/{application_id}/history": APPLICATIONS,
    "/api/applications/{application_id}/scorecards": APPLICATIONS,
    "/api/applications/{application_id}/timeline": APPLICATIONS,
    "/api/integrations/custom/deliveries": EMPLOYERS,
    "/api/notifications": f"({EMPLOYERS} limit 50) union all ({CANDIDATES} limit 50)",
    "/api/ai-scoring/scored-applications/{job_id}": OFFERS,
}
# What they show is searched for or scored at that moment: `preview` and `recommendations` measure that.
COMPUTED = frozenset({"/api/job-alerts/{alert_id}/preview", "/api/ai-scoring/candidate/job-matches"})


def run(options: Namespace) -> Report:
    """options: rows, runs."""
    count = max(options.runs // SHARE, FEWEST)
    report = Report("lists", {"rows of the largest tables": options.rows, "requests per list": count})
    with Stack() as stack:
        _open(stack, options.rows)
        stack.start_api("api_min:create_app", {"NEXTAUTH_SECRET": SECRET})
        with requests.Session() as session:
            for path, readers in LISTS.items():
                _measure(report, session, stack, path, _readers(stack, readers, count))
    return report


def _open(stack: Stack, rows: int) -> None:
    with stack.database.transaction() as connection:
        execute(connection, ADMINISTRATOR)
        list_rows.fill(connection, rows)
    for statement in ("vacuum (analyze)", "checkpoint"):
        stack.maintain(statement)


def _readers(stack: Stack, statement: str, count: int) -> Sequence[tuple[int, int]]:
    """As many as there are requests, in no order of the tables."""
    found = stack.rows(
        f"select * from ({statement}) as all_of_them (reader, id) order by md5(reader || ':' || id) limit %s", count
    )
    return [(found[number % len(found)][0], found[number % len(found)][1]) for number in range(count)]


def _measure(
    report: Report, session: requests.Session, stack: Stack, path: str, readers: Sequence[tuple[int, int]]
) -> None:
    taken = []
    for number, (reader, identifier) in enumerate([*readers[:WARM_UP], *readers]):
        address = f"http://127.0.0.1:{stack.api_port}{path.partition('{')[0]}"
        if "{" in path:
            address += f"{identifier}{path.partition('}')[2]}"
        began = time.perf_counter()
        answer = session.get(address, headers={"Authorization": f"Bearer {_token(reader)}"}, timeout=60)
        if number >= WARM_UP:
            taken.append(1000 * (time.perf_counter() - began))
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}: {answer.text[:300]}")
    taken.sort()
    middle, late = taken[len(taken) // 2], taken[len(taken) * 95 // 100]
    report.figure(path, late, "ms (p95)", {"p50": round(middle, 1), "max": round(taken[-1], 1)})
    report.at_most(path, late, GOAL, "ms")


def _token(user_id: int) -> str:
    now = int(time.time())
    claims = {"sub": str(user_id), "type": "access", "iat": now, "exp": now + 3600}
    return jwt.encode(claims, SECRET, algorithm="HS256")
