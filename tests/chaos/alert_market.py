"""A market whose alerts are made so that what each has to be told is known without any matching."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import execute, raw

OFFERS = 40
CITIES = ("Libreville", "Oyem", "Mouila", "Tchibanga")
TYPES = ("full_time", "contract")
KINDS = 20
# Prime to the kinds and to each other, so that every kind of alert meets every kind of reader.
INACTIVE_READER, UNSUBSCRIBED, SUPPRESSED, INACTIVE_ALERT = 97, 89, 83, 79

FIRM = """
with author as (
    insert into users (id, email, role, first_name, last_name, is_active)
    values (1, 'recruteur@example.org', 'EMPLOYER', 'Awa', 'Diop', true) returning id),
firm as (insert into companies (id, name) values (1, 'Okoumé Conseil') returning id)
insert into employers (id, user_id, company_id) select 1, author.id, firm.id from author, firm
"""
JOBS = """
copy jobs (id, employer_id, company_id, title, description, job_type, location_type, location, status, is_featured,
           views_count, applications_count, salary_min, salary_max, posted_at) from stdin
"""
PEOPLE = (
    """
    insert into users (id, email, role, first_name, last_name, is_active)
    select n + 1, 'personne.' || n || '@example.org', 'CANDIDATE', 'Prénom', 'Nom', n %% %(inactive)s <> 0
      from generate_series(1, %(count)s) n
    """,
    "insert into candidates (id, user_id) select n, n + 1 from generate_series(1, %(count)s) n",
    """
    insert into recipient_preferences (user_id, all_alerts_stopped)
    select n + 1, true from generate_series(1, %(count)s) n where n %% %(unsubscribed)s = 0
    """,
    """
    insert into suppressions (address, reason)
    select 'personne.' || n || '@example.org', 'bounced' from generate_series(1, %(count)s) n
     where n %% %(suppressed)s = 0
    """,
)
ALERTS = """
copy job_alerts (id, candidate_id, name, criteria, frequency, is_active, jobs_sent_count, origin, last_number)
from stdin
"""


@dataclass
class Expected:
    """digests: the offers of each due digest by alert; skipped: alerts that find something and get nothing."""

    digests: dict[int, set[int]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    active: int = 0

    @property
    def addresses(self) -> Counter[str]:
        return Counter(f"personne.{alert}@example.org" for alert in self.digests)


def write(connection: Connection, alerts: int) -> Expected:
    """Forty open offers, and as many daily alerts as asked for, each of a candidate of its own."""
    execute(connection, FIRM)
    copy = raw(connection).cursor().copy
    with copy(JOBS) as rows:
        for number in range(1, OFFERS + 1):
            rows.write_row(_offer(number))
    shares = {"inactive": INACTIVE_READER, "unsubscribed": UNSUBSCRIBED, "suppressed": SUPPRESSED}
    for statement in PEOPLE:
        execute(connection, statement, {"count": alerts, **shares})
    expected = Expected()
    with copy(ALERTS) as rows:
        for alert in range(1, alerts + 1):
            criteria, found = _wish(alert)
            is_active = alert % INACTIVE_ALERT != 0
            name = f"Recherche {alert}"
            rows.write_row((alert, alert, name, json.dumps(criteria), "DAILY", is_active, 0, "platform", 0))
            if is_active:
                _expect(expected, alert, found)
    return expected


def _expect(expected: Expected, alert: int, found: set[int]) -> None:
    expected.active += 1
    if found and (reason := _reason(alert)):
        expected.skipped[reason] += 1
    elif found:
        expected.digests[alert] = found


def _reason(reader: int) -> str | None:
    shares = {"inactive_user": INACTIVE_READER, "unsubscribed": UNSUBSCRIBED, "suppressed": SUPPRESSED}
    return next((reason for reason, share in shares.items() if reader % share == 0), None)


def _offer(number: int) -> tuple[Any, ...]:
    """Known by a word of its own in the title, which carries a number and is never shortened to a stem."""
    place = ("on_site", CITIES[number % len(CITIES)], "published", False, 0, 0)
    posted_at = f"2026-11-01T08:{number:02}:00Z"
    title = f"Atelier{number} cherche renfort"
    return (number, 1, 1, title, "Tenue des comptes", TYPES[number % 2], *place, 300_000, 400_000, posted_at)


def _wish(alert: int) -> tuple[Mapping[str, Any], set[int]]:
    """What an alert asks for, and the offers that are meant: 4 kinds of 20 find something."""
    offer = alert // KINDS % OFFERS + 1
    other = offer % OFFERS + 1
    kinds: Mapping[int, tuple[Mapping[str, Any], set[int]]] = {
        0: ({}, {offer}),
        1: ({"keywords": [f"ATELIER{offer}", f"atelier{other}"]}, {offer, other}),
        2: ({"location": CITIES[offer % len(CITIES)].upper(), "job_types": [TYPES[offer % 2]]}, {offer}),
        3: ({"salary_min": 350_000, "salary_max": 500_000}, {offer}),
        4: ({"location": CITIES[other % len(CITIES)]}, set()),
        5: ({"job_types": [TYPES[other % 2]]}, set()),
        6: ({"salary_min": 400_001}, set()),
        7: ({"location_types": ["remote"]}, set()),
    }
    rare: tuple[Mapping[str, Any], set[int]] = ({"keywords": [f"atelier{OFFERS + alert}"]}, set())
    criteria, found = kinds.get(alert % KINDS, rare)
    return {"keywords": [f"atelier{offer}"], **criteria}, found
