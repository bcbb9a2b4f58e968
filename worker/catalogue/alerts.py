"""Alert tasks."""

from datetime import datetime
from typing import Literal

from worker.kit.tasks import Payload, TaskDefinition

Frequency = Literal["daily", "weekly", "monthly"]


class RunAlerts(Payload):
    """period: the schedule's nominal instant; one alert run exists per frequency and period."""

    frequency: Frequency
    period: datetime


class MatchShard(Payload):
    """Alerts with first_id <= id <= last_id, for one alert run."""

    alert_run_id: int
    first_id: int
    last_id: int


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

TIDY = TaskDefinition(
    name="upkeep.alerts",
    payload=Tidy,
    description="Give alerts that the main web app wrote their owner; close alert runs whose run was given up.",
    queue="upkeep",
    priority=4,
    expires_after=300,
    ids_only=True,
)
