"""What runs by the clock: one line per entry, rules on the clock of PLATFORM_TIMEZONE."""

from worker.catalogue import upkeep
from worker.kit.tasks import Schedule

SCHEDULES = (Schedule("upkeep.prune", upkeep.PRUNE.name, "17 * * * *"),)
