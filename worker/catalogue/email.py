"""E-mail tasks."""

from worker.kit.tasks import Payload, TaskDefinition


class DeliverBatch(Payload):
    batch_id: int


class BatchPending(Payload):
    """No members."""


DELIVER_BATCH = TaskDefinition(
    name="email.deliver_batch",
    payload=DeliverBatch,
    description="Send up to 100 prepared messages in one call at the mail provider.",
    queue="bulk",
    max_attempts=25,
    timeout=60,
    expires_after=72 * 3600,
    ids_only=True,
)

BATCH_PENDING = TaskDefinition(
    name="upkeep.batch_messages",
    payload=BatchPending,
    description="Put messages that have been pending for 30 s into batches; mark what nobody can know.",
    queue="upkeep",
    priority=4,
    expires_after=300,
    ids_only=True,
)
