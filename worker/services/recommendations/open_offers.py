"""All open offers, ready to be compared: prepared once per process, and anew only where one has changed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.services.recommendations import loading
from worker.services.recommendations.bulk import Index
from worker.services.recommendations.loading import Compared

KEPT_SECONDS = 30.0
LOADED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class OpenOffers:
    """compared: by id, those in the index."""

    index: Index
    compared: Mapping[int, Compared]


class OpenOfferCache:
    """The open offers as this process knows them."""

    def __init__(self) -> None:
        self._offers: OpenOffers | None = None
        self._wanted: Mapping[int, str] = {}
        self._until = 0.0

    def current(self, connection: Connection) -> OpenOffers:
        """At most KEPT_SECONDS old. Cost: all offers are read, and those that changed are prepared."""
        if self._offers is None or time.monotonic() >= self._until:
            wanted = loading.open_fingerprints(connection)
            if self._offers is None or wanted != self._wanted:
                self._offers = self._build(connection, wanted)
                self._wanted = wanted
            self._until = time.monotonic() + KEPT_SECONDS
        return self._offers

    def forget(self) -> None:
        """Look again next time."""
        self._until = 0.0

    def _build(self, connection: Connection, wanted: Mapping[int, str]) -> OpenOffers:
        before = self._offers.compared if self._offers else {}
        known = {job_id: each for job_id, each in before.items() if wanted.get(job_id) == each.fingerprint}
        # Two indexes at once would double a child's memory.
        self._offers = None
        missing = [job_id for job_id in wanted if job_id not in known]
        for start in range(0, len(missing), LOADED_AT_ONCE):
            known.update(loading.offers(connection, missing[start : start + LOADED_AT_ONCE]))
        return OpenOffers(Index([each.prepared for each in known.values()]), known)


open_offer_cache = OpenOfferCache()
