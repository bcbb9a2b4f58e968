"""What can go wrong, as the ledger understands it.

PlatformError
├── LeaseLost          the run belongs to somebody else now; nothing may be written
├── NotSent            a precondition failed before anything left this machine
└── RunError           raised by handlers and providers; the ledger decides what follows
    ├── Retryable      try again, later
    │   └── Unreachable    nothing left this machine
    ├── RateLimited    try again when the limit allows; the attempt is given back
    ├── NeedsReconnect a person has to reconnect; the attempt is given back and the run parks
    ├── Misconfigured  a provider does not accept our key, account, domain or plan; all its runs park until it does
    ├── Permanent      trying again cannot help
    │   └── Refused    a provider's definite answer about the content: nothing was executed
    ├── UnknownOutcome the call may or may not have happened
    └── Doubtful       nor can any repetition tell: the run waits for a person

Providers classify, the ledger decides. Messages are sentences that people may read; they carry no secret
and no personal data.
"""

from collections.abc import Mapping
from typing import Any


class PlatformError(Exception):
    """Root of everything this platform raises on purpose."""


class LeaseLost(PlatformError):
    """The run was taken by another worker, ended, or was cancelled: roll back and leave."""


class NotSent(PlatformError):
    """A send was given up before the first byte left: the effect's intent stays as it was."""


class RunError(PlatformError):
    """A run's failure. `code` is stable and dotted; `status` is the HTTP status a waiting caller gets."""

    code = "run.failed"
    status = 500

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.status = status or self.status


class Retryable(RunError):
    """Trying again may help. `after` is in seconds; None leaves the time to the retry policy."""

    code = "run.retryable"
    status = 503

    def __init__(self, message: str, *, after: float | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.after = after


class Unreachable(Retryable):
    """The connection was never made (refused, no such host, connect timeout): nothing was sent."""

    code = "provider.unreachable"


class RateLimited(RunError):
    """A provider's limit is reached. `after` is in seconds from now."""

    code = "provider.rate_limited"
    status = 503

    def __init__(self, message: str, *, after: float, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.after = after


class NeedsReconnect(RunError):
    """A connection is lost until a person renews it; `gate` names the connection."""

    code = "provider.needs_reconnect"
    status = 400

    def __init__(self, message: str, *, gate: str) -> None:
        super().__init__(message)
        self.gate = gate


class Misconfigured(RunError):
    """A provider does not accept our key, account, domain or plan; nothing was executed. No run is to blame.

    The provider's gate closes: operators are told once, its runs wait, and one of them tries from time to time.
    waits: False where the run is worth nothing later, because somebody looks at the answer now; it fails then.
    """

    code = "provider.configuration"
    status = 503

    def __init__(self, message: str, *, provider: str, waits: bool = True) -> None:
        super().__init__(message)
        self.gate = gate_of(provider)
        self.waits = waits


def gate_of(provider: str) -> str:
    """The gate at which the runs of a provider wait while it does not accept our configuration."""
    return f"provider:{provider}"


class Permanent(RunError):
    """Trying again cannot help."""

    code = "run.permanent"
    status = 422


class Refused(Permanent):
    """A provider's definite refusal: nothing was executed under this key.

    `details` are the provider's machine-readable facts (for a batch: the refused positions).
    """

    code = "provider.refused"
    status = 502

    def __init__(self, message: str, *, code: str | None = None, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, code=code)
        self.details = dict(details or {})


class UnknownOutcome(RunError):
    """The call left this machine and no trustworthy answer came back."""

    code = "provider.unknown_outcome"
    status = 504


class Doubtful(RunError):
    """Nobody can know by machine whether the call happened: the run waits for a person."""

    code = "effect.uncertain"
    status = 504
