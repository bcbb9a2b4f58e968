"""All that the platform can do, on one screen: every task with its handler."""

from functools import partial

from tasks import alerts, email, upkeep
from worker.catalogue import alerts as alerts_catalogue
from worker.catalogue import email as email_catalogue
from worker.catalogue import upkeep as upkeep_catalogue
from worker.ledger.handlers import BoundTask
from worker.wiring import Wiring


def bound_tasks(wiring: Wiring) -> tuple[BoundTask, ...]:
    """Every task bound to its handler; providers come from `wiring` when they are first needed."""
    return (
        BoundTask(alerts_catalogue.RUN, alerts.run),
        BoundTask(alerts_catalogue.MATCH_SHARD, partial(alerts.match_shard, wiring)),
        BoundTask(alerts_catalogue.INSTANT, alerts.instant),
        BoundTask(alerts_catalogue.TEST, alerts.test),
        BoundTask(alerts_catalogue.RERUN, alerts.rerun),
        BoundTask(alerts_catalogue.TIDY, alerts.tidy),
        BoundTask(email_catalogue.SEND, email.send),
        BoundTask(email_catalogue.SEND_BULK, email.send_bulk),
        BoundTask(email_catalogue.DELIVER_BATCH, partial(email.deliver_batch, wiring)),
        BoundTask(email_catalogue.DELIVER_MESSAGE, partial(email.deliver_message, wiring)),
        BoundTask(email_catalogue.BATCH_PENDING, email.batch_pending),
        BoundTask(email_catalogue.APPLY_EVENT, email.apply_event),
        BoundTask(email_catalogue.DRAFT, partial(email.draft, wiring)),
        BoundTask(upkeep_catalogue.PRUNE, upkeep.prune),
        BoundTask(upkeep_catalogue.ANONYMISE, upkeep.anonymise),
        BoundTask(upkeep_catalogue.BULK, upkeep.bulk),
    )
