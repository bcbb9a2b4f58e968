"""Each table that is forgotten stands once among the periods, and the runbook tells them."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

import tasks.upkeep
import worker.ledger.retention
import worker.services
from tests.factories.source import ROOT
from worker.kit.retention import Retention

ENTRIES = [*worker.ledger.retention.RETENTION, *tasks.upkeep.RETENTION]
RUNBOOK = (ROOT / "docs/runbook.md").read_text("utf-8")
TOLD = RUNBOOK.partition("## What is forgotten, and when")[2].partition("\n## ")[0]


def test_a_table_has_one_entry() -> None:
    tables = [each.table for each in ENTRIES]
    assert len(tables) == len(set(tables))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.table)
def test_periods_are_named_and_told(entry: Retention) -> None:
    assert entry.periods
    for name, period in entry.periods.items():
        assert name
        assert timedelta(0) < period == timedelta(days=period.days)
        assert f"{period.days}" in TOLD, "docs/runbook.md: What is forgotten, and when"


def test_every_list_is_run_over() -> None:
    services = Path(worker.services.__path__[0])
    nouns = [path.parent.name for path in services.glob("*/retention.py")]
    declared = [each for noun in nouns for each in import_module(f"worker.services.{noun}.retention").RETENTION]
    assert sorted(each.table for each in declared) == sorted(each.table for each in tasks.upkeep.RETENTION)
