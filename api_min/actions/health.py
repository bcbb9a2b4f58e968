"""Whether requests can be taken, and what keeps what is enqueued from starting."""

from dataclasses import dataclass
from datetime import UTC, datetime

from api_min.context import context
from api_min.errors import RETRY_AFTER_MIGRATION, ApiError
from worker.contracts.api_versions import linkedin_fault
from worker.kit.settings import Settings
from worker.ledger.health import ClosedGate, Readiness, closed_gates, readiness


@dataclass(frozen=True, slots=True)
class Health:
    """faults: sentences; what is enqueued meanwhile is kept."""

    found: Readiness
    faults: tuple[str, ...]


def look() -> Health:
    """Raises ApiError 503 when the migrations are behind this release."""
    with context().database.transaction() as connection:
        found = readiness(connection)
        sentence = found.behind
        closed = () if sentence else closed_gates(connection)
    if sentence:
        raise ApiError(503, sentence, headers={"Retry-After": str(RETRY_AFTER_MIGRATION)})
    return Health(found, (*map(_closed, closed), *_faults(found), *_versions(context().settings)))


def _closed(gate: ClosedGate) -> str:
    since = gate.closed_at.astimezone(UTC)
    return (
        f"The provider {gate.gate.partition(':')[2]} does not accept our configuration: {gate.waiting} runs wait since "
        f"{since:%Y-%m-%d %H:%M} UTC. GET /api/queues tells why."
    )


def _versions(settings: Settings) -> list[str]:
    """Of providers' APIs that are in use."""
    if not settings.linkedin_client_id:
        return []
    fault = linkedin_fault(settings.linkedin_api_version, datetime.now(UTC).date())
    return [fault] if fault else []


def _faults(found: Readiness) -> list[str]:
    age = found.dispatcher_age_seconds
    if age is None:
        return ["No dispatcher has ever run here: nothing starts until one does (python -m worker.dispatcher)."]
    faults = []
    if found.dispatcher_silent:
        faults.append(f"The dispatcher has been silent for {age:.0f} s: nothing starts until it runs again.")
    if not found.broker_reachable:
        faults.append("The dispatcher cannot reach the broker: nothing starts until it does.")
    return faults
