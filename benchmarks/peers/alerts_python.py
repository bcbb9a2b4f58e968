"""Every alert against every offer in plain Python: the definition itself, on offers that are normalised beforehand."""

from collections.abc import Sequence

from benchmarks.peers.alerts_peers import SHOWN, Answer, Answers, Asked
from worker.services.matching.definition import matches
from worker.services.matching.offers import Offer, newest_first, prepare


class PythonLoop:
    """offers: the published ones, with their numbers. Normalising them is no part of any answer's time."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        self.offers = sorted((prepare(offer) for offer in offers), key=newest_first)

    def answers(self, alerts: Sequence[Asked]) -> Answers:
        return {alert.id: self._answer(alert) for alert in alerts}

    def _answer(self, alert: Asked) -> Answer:
        found = [
            prepared.offer.id
            for prepared in self.offers
            if (prepared.offer.number or 0) > alert.above and matches(alert.criteria, prepared)
        ]
        return Answer(len(found), tuple(found[:SHOWN]))
