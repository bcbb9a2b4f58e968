"""All that the platform can do, on one screen: every task with its handler."""

from tasks import upkeep
from worker.catalogue import upkeep as upkeep_catalogue
from worker.ledger.outcomes import BoundTask
from worker.wiring import Wiring


def bound_tasks(wiring: Wiring) -> tuple[BoundTask, ...]:  # noqa: ARG001 - handlers that call providers take it
    """Every task bound to its handler; providers come from `wiring` when they are first needed."""
    return (BoundTask(upkeep_catalogue.PRUNE, upkeep.prune),)
