"""Every advisory lock of the platform. Postgres knows them by number: one that served two ends would stop strangers."""

import hashlib
from enum import StrEnum, unique
from uuid import UUID


@unique
class Lock(StrEnum):
    """What is locked, and the lock's number as SQL. The last three are taken by functions of the database,
    and the last one is 256 locks, told apart by `place`.
    """

    MIGRATING = "4938217650113"
    NUMBERING_OFFERS = "7313340226001"
    PREPARING_OFFERS = "7313340226002"
    SERVING_BACKLOGS = "7313340226003"
    CHOOSING_JUDGEMENTS = "7313340226004"
    TEMPLATE_DEFAULTS = "hashtextextended('email_templates.is_default', 0)"
    ANNOUNCING_RUNS = "hashtext('task_runs.announce')"
    GROUPING_NOTIFICATIONS = "hashtextextended('notifications.group', place)"


def lock_number(identifier: UUID) -> int:
    """The number (signed 64 bit) of the lock that a living worker holds, by its id."""
    digest = hashlib.blake2b(identifier.bytes, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
