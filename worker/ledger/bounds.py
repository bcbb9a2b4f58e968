"""What a run may hold, whoever writes it. `enqueue_tasks` says the same in SQL and has the last word."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

FURTHEST = timedelta(days=400)
"""How far ahead `run_at` may lie; a past one means now."""
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)

PAYLOAD_BYTES = 256 * 1024
"""As Postgres writes the payload: a blank behind each comma and colon."""
PAYLOAD_LEVELS = 60
"""Objects and lists inside each other, the payload itself being the first."""
LARGEST_NUMBER = 10**308
"""Every number is smaller, whatever its sign: Python reads longer ones slowly or not at all."""
NUMBER_DIGITS = 308

LONGEST_KEY = 200
LOWEST_PRIORITY = 9
LARGEST_ID = 2**63 - 1


def stored_size(payload: Mapping[str, Any]) -> int:
    """Bytes of a payload as Postgres writes it."""
    return len(json.dumps(payload, ensure_ascii=False).encode())
