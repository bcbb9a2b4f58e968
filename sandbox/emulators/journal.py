"""What was asked and answered, the newest last."""

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.emulators.web import Request, Response

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """status 0: the connection was dropped. Sizes are in bytes."""

    number: int
    at: str
    provider: str
    method: str
    path: str
    status: int
    note: str
    key: str | None
    user_agent: str | None
    bytes: int
    sha256: str


class Journal:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0
        self._guard = threading.Lock()

    def add(self, provider: str, request: Request, response: Response) -> None:
        digest = request.digest
        with self._guard:
            self._count += 1
            self._entries.append(
                Entry(
                    number=self._count,
                    at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                    provider=provider,
                    method=request.method,
                    path=request.path,
                    status=0 if response.dropped else int(response.status),
                    note=response.note,
                    key=request.headers.get("idempotency-key"),
                    user_agent=request.headers.get("user-agent"),
                    bytes=len(request.body),
                    sha256=digest,
                )
            )

    def newest(self, limit: int, provider: str | None = None) -> list[dict[str, Any]]:
        with self._guard:
            entries = list(self._entries)
        wanted = [entry for entry in entries if provider in (None, entry.provider)]
        return [asdict(entry) for entry in wanted[-limit:]] if limit else []

    @property
    def count(self) -> int:
        return self._count
