"""Messages that a run writes and then waits for: put into batches, delivered by its child runs, followed to the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from worker.catalogue.email import DeliverBatch
from worker.kit.database import query
from worker.kit.errors import Permanent
from worker.kit.tasks import TaskDefinition
from worker.ledger import runs
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.outcomes import Run
from worker.ledger.runs import Child
from worker.services.email.delivery import messages
from worker.services.email.delivery.messages import NewMessage

# The last delivery makes its parent due at once; this is for the news that gets lost.
LOOK_AGAIN = 5.0
OPEN = ("pending", "sending", "unknown")

BOX = """
with mine as (
    select id, row_number() over (order by id) - 1 as ordinal from email_messages
     where source = any(%(sources)s) and state = 'pending' and batch_id is null),
made as (insert into email_batches (count) select count(*) from mine having count(*) > 0 returning id)
update email_messages m set batch_id = made.id, ordinal = mine.ordinal, updated_at = now()
  from mine cross join made where m.id = mine.id
"""

UNDELIVERED = """
select distinct b.id from email_messages m join email_batches b on b.id = m.batch_id
 where m.source = any(%(sources)s) and b.finished_at is null and b.id <> all (%(held)s::bigint[])
 order by b.id
"""

OUTCOMES = """
select state, error, count(*) as count from email_messages where source = any(%s) group by state, error
"""


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """How far the messages are. waiting: deliveries that are not over; trouble: the run of one that went wrong."""

    waiting: bool
    states: Mapping[str, int]
    reasons: Mapping[str, int]
    trouble: Child | None = field(default=None, compare=False)

    @property
    def open(self) -> int:
        """Messages whose outcome is not known."""
        return sum(self.states.get(state, 0) for state in OPEN)


def post(connection: Connection, run: Run, delivery: TaskDefinition, new: Sequence[NewMessage]) -> None:
    """Write up to 100 messages and have them delivered by a child of this run.

    A message that this run wrote before is not written again; a delivery that ended without an outcome is repeated.
    """
    messages.write(connection, new)
    sources = [message.source for message in new]
    query(connection, BOX, {"sources": sources})
    # Before the batches are looked at: one that ends in between is finished then.
    held = [int(each) for each in runs.held_by_children(connection, run.id, "batch_id")]
    enqueue_all(
        connection,
        [
            NewRun(
                delivery.name,
                DeliverBatch(batch_id=row["id"]).model_dump(),
                parent_id=run.id,
                company_id=run.company_id,
            )
            for row in query(connection, UNDELIVERED, {"sources": sources, "held": held})
        ],
    )


def follow(connection: Connection, run: Run, sources: Sequence[str]) -> DeliveryStatus:
    """What became of the messages that this run wrote."""
    states: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for row in query(connection, OUTCOMES, (list(sources),)):
        states[row["state"]] = states.get(row["state"], 0) + row["count"]
        if row["error"]:
            reasons[row["error"]] = reasons.get(row["error"], 0) + row["count"]
    delivery = runs.worst_child(connection, run.id)
    waiting = delivery is not None and delivery.under_way
    return DeliveryStatus(waiting, states, reasons, None if waiting else delivery)


def undelivered(status: DeliveryStatus, said: str) -> Permanent:
    """Why mails have no outcome although their deliveries are over; `said` is a sentence that begins the message."""
    delivery = status.trouble or Child("failed", None)
    error = delivery.error or {}
    if delivery.state == "uncertain":
        return Permanent(
            f"{said} Nobody knows whether the provider took the mail; a person has to look and settle it.",
            code="provider.unknown_outcome",
            status=504,
        )
    return Permanent(
        f"{said} {error.get('message', 'The delivery was stopped.')}",
        code=error.get("code", "email.undelivered"),
        status=error.get("status", 502),
    )
