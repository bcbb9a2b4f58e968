"""Alert tasks."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.tasks import Payload, TaskDefinition

Frequency = Literal["daily", "weekly", "monthly"]


class RunAlerts(Payload):
    """period: the schedule's nominal instant; one alert run exists per frequency and period."""

    shown = frozenset({"frequency", "period"})

    frequency: Frequency
    period: datetime


class MatchShard(Payload):
    """Alerts with first_id <= id <= last_id, for one alert run."""

    alert_run_id: int
    first_id: int
    last_id: int


class SendInstant(Payload):
    """job_id: an offer that was just published; 0 for whatever has changed among the offers."""

    job_id: int = Field(default=0, ge=0, le=LARGEST_ROW_ID)


class OneAlert(Payload):
    alert_id: int = Field(ge=1, le=LARGEST_ROW_ID)


class Tidy(Payload):
    """No members."""


RUN = TaskDefinition(
    name="alerts.run",
    payload=RunAlerts,
    description="One frequency and period of job alerts: shards, counts, and ends when its shards have ended.",
    queue="default",
    timeout=120,
    expires_after=3 * 24 * 3600,
)

MATCH_SHARD = TaskDefinition(
    name="alerts.match_shard",
    payload=MatchShard,
    description="Match a range of alerts against the new offers and store their digests.",
    queue="bulk",
    priority=4,
    timeout=300,
    expires_after=3 * 24 * 3600,
    ids_only=True,
)

INSTANT = TaskDefinition(
    name="alerts.instant",
    payload=SendInstant,
    description="Tell instant alerts of what was just published, each at most once per 15 minutes.",
    queue="default",
    priority=4,
    timeout=120,
    expires_after=3600,
    ids_only=True,
)

TEST = TaskDefinition(
    name="alerts.test",
    payload=OneAlert,
    description="Mail an alert's newest open offers to its owner, marked as a test; nothing else changes.",
    queue="default",
    timeout=120,
    expires_after=3600,
    ids_only=True,
)

RERUN = TaskDefinition(
    name="alerts.rerun",
    payload=OneAlert,
    description="Send one alert what it has not been served yet, outside its schedule.",
    queue="default",
    timeout=120,
    expires_after=3600,
    ids_only=True,
)

TIDY = TaskDefinition(
    name="upkeep.alerts",
    payload=Tidy,
    description="Give alerts of the main web app their owner, close alert runs given up, start instant ones due.",
    queue="upkeep",
    priority=4,
    expires_after=300,
    ids_only=True,
)
