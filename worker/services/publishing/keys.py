"""The keys of effects on a posting: publishing it and withdrawing it wait for each other."""

from typing import Literal

from worker.kit.errors import Permanent
from worker.ledger.plans import EffectKey
from worker.services.publishing.rows import Posting

Operation = Literal["publish", "withdraw"]
NO_CREATION = "The posting has no time of creation; it cannot be told apart from its copies."


def key_of(posting: Posting, operation: Operation) -> EffectKey:
    if posting.created_at is None:
        raise Permanent(NO_CREATION)
    row = f"posting:{posting.id}"
    return EffectKey(f"{row}:{operation}", posting.generation, posting.created_at, row)
