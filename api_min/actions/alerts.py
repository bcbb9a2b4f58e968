"""A candidate's job alerts: saved, listed, changed, switched, deleted, and what they sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from api_min.actions.once import Repeatable, Work, write_once
from api_min.actions.profiles import candidate
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import NO_ALERT, ApiError, existing
from api_min.limits import check_write_limit
from worker.services.alerts import store
from worker.services.alerts.store import AlertView, NewAlert, Owner
from worker.services.alerts.timetable import next_send_at

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Saved:
    """An alert as it now is. duplicate_of: another one that asks for the same, as often."""

    alert: AlertView
    duplicate_of: int | None


def create(caller: Caller, new: NewAlert, request: Repeatable[Saved]) -> Saved:
    """Raises ApiError 404, 409, 422 and 429."""
    most = context().settings.alerts_per_candidate
    try:
        return _save(caller, request, lambda connection, who: store.create(connection, who, new, most=most))
    except store.TooManyAlerts as error:
        raise ApiError(422, str(error)) from None


def find(caller: Caller, *, is_active: bool | None, limit: int, offset: int) -> tuple[list[AlertView], int]:
    """The newest first, with how many there are in all."""
    with context().database.transaction() as connection:
        return store.find(connection, owner(connection, caller), is_active=is_active, limit=limit, offset=offset)


def get(caller: Caller, alert_id: int) -> AlertView:
    """Raises ApiError 404."""
    with context().database.transaction() as connection:
        return find_alert(connection, caller, alert_id)


def find_alert(connection: Connection, caller: Caller, alert_id: int) -> AlertView:
    """An alert of the caller. Raises ApiError 404."""
    return existing(store.get(connection, owner(connection, caller), alert_id), NO_ALERT)


def change(caller: Caller, alert_id: int, changes: dict[str, Any], request: Repeatable[Saved]) -> Saved:
    """changes: members of AlertView. Raises ApiError 404, 409 and 429."""
    return _save(caller, request, lambda connection, who: store.change(connection, who, alert_id, changes))


def delete(caller: Caller, alert_id: int, request: Repeatable[None]) -> None:
    """Its digests go with it; mails and notifications stay. Raises ApiError 404, 409 and 429."""

    def work(connection: Connection, who: Owner) -> None:
        if not store.delete(connection, who, alert_id):
            raise ApiError(404, NO_ALERT)

    _write(caller, request, work)


def toggle(caller: Caller, alert_id: int, request: Repeatable[AlertView]) -> AlertView:
    """An alert switched on or off. Raises ApiError 404, 409 and 429."""
    return _write(caller, request, lambda connection, who: existing(store.toggle(connection, who, alert_id), NO_ALERT))


def list_digests(caller: Caller, alert_id: int, *, limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
    """What an alert sent, the newest first, with how many there are in all. Raises ApiError 404."""
    with context().database.transaction() as connection:
        alert = find_alert(connection, caller, alert_id)
        return store.digests(connection, alert.id, limit=limit, offset=offset)


def next_send(alert: AlertView) -> datetime | None:
    """When the alert is due next; None while it is paused."""
    if not alert.is_active:
        return None
    zone = context().settings.platform_timezone
    return next_send_at(alert.frequency, after=datetime.now(UTC), time_zone=zone)


def owner(connection: Connection, caller: Caller) -> Owner:
    """The candidate that calls. Raises ApiError 404."""
    who = candidate(connection, caller)
    return Owner(candidate_id=who.id, user_id=who.user_id)


def _write(caller: Caller, request: Repeatable[T], work: Callable[[Connection, Owner], T]) -> T:
    """Do `work` for the calling candidate in one transaction, once per key. Raises ApiError 404, 409 and 429."""

    def prepare() -> Work[T]:
        check_write_limit(caller.name)
        return lambda connection: work(connection, owner(connection, caller))

    return write_once(caller, request, prepare)


def _save(caller: Caller, request: Repeatable[Saved], work: Callable[[Connection, Owner], AlertView | None]) -> Saved:
    def save(connection: Connection, who: Owner) -> Saved:
        alert = existing(work(connection, who), NO_ALERT)
        return Saved(alert, store.duplicate_of(connection, who, alert))

    return _write(caller, request, save)
