"""When an alert is looked at next."""

from datetime import datetime

from models.enums import AlertFrequency
from worker.catalogue import alerts
from worker.catalogue.schedule import SCHEDULES
from worker.ledger.schedules import next_period

RULES = {each.payload["frequency"]: each.rule for each in SCHEDULES if each.task == alerts.RUN.name}


def next_send_at(frequency: AlertFrequency, *, after: datetime, time_zone: str) -> datetime | None:
    """The next period of the frequency's schedule, in UTC; None where no clock decides (`instant`)."""
    rule = RULES.get(frequency.value)
    return next_period(rule, time_zone, after) if rule else None
