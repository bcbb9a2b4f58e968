"""The tables of job alerts are named in their own room only, and decisions about who gets them in one file of it."""

import re

from sqlalchemy import Table

import models.alerts
from tests.factories.source import statements

TABLES = {each.name for each in vars(models.alerts).values() if isinstance(each, Table)}
NAMED = re.compile(rf"\b(?:from|join|into|update|using|table|only)\s+({'|'.join(sorted(TABLES))})\b", re.IGNORECASE)
DECISIONS = re.compile(r"\ball_alerts_stopped\b")
ROOM = "worker/services/alerts/"


def test_alert_tables_are_named_in_their_own_room_only() -> None:
    elsewhere = [
        f"{place} {found[1]}"
        for path, place, text in statements("api_min", "tasks", "worker")
        if not path.startswith(ROOM)
        for found in NAMED.finditer(text)
    ]
    assert elsewhere == [], "ask a function of worker/services/alerts, or be handed one"


def test_what_recipients_decided_is_read_and_written_in_one_file() -> None:
    files = {path for path, _, text in statements("api_min", "tasks", "worker") if DECISIONS.search(text)}
    assert files == {f"{ROOM}eligibility.py"}


def test_the_rule_sees_what_it_forbids() -> None:
    assert "job_alerts" in TABLES
    assert NAMED.search("select 1\n  from job_alerts a")
