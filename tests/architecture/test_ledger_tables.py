"""The ledger's tables are named in the ledger and in migrations; its conditions and its locks stand once."""

import re

from sqlalchemy import Sequence, Table

from models import ledger
from tests.factories.source import sources, statements
from worker.kit.locks import Lock

TABLES = {each.name for each in vars(ledger).values() if isinstance(each, Table | Sequence)}
NAMED = re.compile(
    rf"\b(?:from|join|into|update|using|table|only|nextval\()[\s'\"]+(?:public\.)?({'|'.join(sorted(TABLES))})\b",
    re.IGNORECASE,
)
# What sql.py says, as it would be spelled by hand.
SPELLED = re.compile(
    r"pg_notify\('task_done'|from effects \w+ where \w+\.run_id = |dispatches = 0|state in \('queued', 'running'\)"
)
PLATFORM = ("api_min", "tasks", "worker", "celeryconfig.py")
BESIDE = ("benchmarks", "migrations", "sandbox")

LONG_NUMBER = re.compile(r"\b\d[\d_]{9,}\b")
LOCKING = re.compile(r"pg_(?:try_)?advisory_\w*lock\w*\(((?:[^()]|\([^()]*\))*)\)")
# A number that is handed in: a living worker's own.
HANDED_IN = "%s"


def test_ledger_tables_are_named_in_the_ledger_only() -> None:
    elsewhere = [
        f"{place} {found[1]}"
        for path, place, text in statements(*PLATFORM)
        if not path.startswith("worker/ledger/")
        for found in NAMED.finditer(text)
    ]
    assert elsewhere == [], "ask a function of worker/ledger (runs, queries, uncertain, platform_state, audit)"


def test_the_rule_sees_what_it_forbids() -> None:
    text = "select 1 from alert_runs a\n  join task_runs r on r.id = a.run_id"
    assert [found[1] for found in NAMED.finditer(text)] == ["task_runs"]
    assert NAMED.search("listen task_runs") is None
    assert NAMED.search("select nextval('lease_numbers')")


def test_conditions_of_runs_stand_once() -> None:
    spelled = [
        f"{place} {found[0]}"
        for path, place, text in statements(*PLATFORM)
        if path != "worker/ledger/sql.py"
        for found in SPELLED.finditer(text)
    ]
    assert spelled == [], "use worker/ledger/sql.py"


def test_every_advisory_lock_is_in_the_list() -> None:
    strange = [
        f"{place} {found[1]}"
        for _, place, text in statements(*PLATFORM, *BESIDE)
        for found in LOCKING.finditer(text)
        if found[1] not in {HANDED_IN, "{lock}", "{Lock.MIGRATING}", *Lock}
    ]
    assert strange == [], "name the lock in worker/kit/locks.py"


def test_the_number_of_a_lock_stands_in_the_list_only() -> None:
    numbers = {int(each) for each in Lock if each.isdigit()}
    spelled = {
        source.path
        for source in sources(*PLATFORM, *BESIDE, "tests")
        for found in LONG_NUMBER.findall(source.text)
        if int(found) in numbers
    }
    assert spelled == {"worker/kit/locks.py"}
