"""All that the platform can do, noun by noun: each file maps its tasks to their handlers."""

from tasks import (
    alerts,
    collaboration,
    email,
    integrations,
    interview_times,
    interviews,
    notifications,
    partners,
    publishing,
    recommendations,
    upkeep,
)
from worker.ledger.handlers import BoundTask
from worker.wiring import Wiring

NOUNS = (
    alerts.handlers,
    collaboration.handlers,
    email.handlers,
    integrations.handlers,
    interviews.handlers,
    interview_times.handlers,
    notifications.handlers,
    partners.handlers,
    publishing.handlers,
    recommendations.handlers,
    upkeep.handlers,
)


def bound_tasks(wiring: Wiring) -> tuple[BoundTask, ...]:
    """Every task bound to its handler; providers come from `wiring` when they are first needed."""
    return tuple(BoundTask(task, handler) for noun in NOUNS for task, handler in noun(wiring).items())
