"""Every task there is, one line each."""

from worker.catalogue import upkeep
from worker.kit.tasks import Catalogue

CATALOGUE = Catalogue(
    [
        upkeep.PRUNE,
    ]
)
