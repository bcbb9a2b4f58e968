"""Unsubscribing and preferences without a login: what a signed link from a mail allows."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from api_min.context import context
from api_min.limits import check_link_limit
from models.enums import AlertFrequency
from worker.services.alerts import eligibility
from worker.services.alerts.eligibility import Preferences
from worker.services.email.recipients import unsubscribing
from worker.services.email.recipients.unsubscribing import Grant


class Action(StrEnum):
    STOP_ALL = "stop_all"
    RESUME_ALL = "resume_all"
    PAUSE = "pause"
    RESUME = "resume"
    FREQUENCY = "frequency"


@dataclass(frozen=True, slots=True)
class Change:
    """What a person asks for. alert_id and frequency: of the actions that are about one alert."""

    action: Action
    alert_id: int | None = None
    frequency: AlertFrequency | None = None


def open_link(token: str, address: str | None) -> Grant | None:
    """What the token allows; None for one that we never made. Raises ApiError 429."""
    grant = unsubscribing.read(context().settings, token)
    check_link_limit(grant.user_id if grant else None, address)
    return grant


def find(grant: Grant | None) -> Preferences | None:
    """What the grant is about; None when there is no grant, or what it is about is gone."""
    if grant is None:
        return None
    with context().database.transaction() as connection:
        return _find(connection, grant)


def end(grant: Grant | None) -> Preferences | None:
    """Unsubscribe; what the grant was about before. None as `find`, and nothing is done then."""
    if grant is None:
        return None
    with context().database.transaction() as connection:
        found = _find(connection, grant)
        if found is not None:
            _end(connection, grant)
    return found


def change(grant: Grant | None, wanted: Change | None) -> bool:
    """Do what a person asks for; False when that makes no sense, the grant does not allow it, or it came too late."""
    if grant is None or wanted is None:
        return False
    with context().database.transaction() as connection:
        return _find(connection, grant) is not None and _change(connection, grant, wanted)


def manage_link() -> str:
    """The main web app's page about alerts, which asks for a login."""
    return unsubscribing.manage_link(context().settings)


def _find(connection: Connection, grant: Grant) -> Preferences | None:
    return eligibility.find(connection, grant.user_id, grant.alert_id)


def _end(connection: Connection, grant: Grant) -> None:
    if grant.alert_id is None:
        eligibility.set_stopped(connection, grant.user_id, stopped=True)
    else:
        eligibility.set_active(connection, grant.user_id, grant.alert_id, active=False)


def _change(connection: Connection, grant: Grant, wanted: Change) -> bool:
    user_id, alert_id = grant.user_id, wanted.alert_id
    if wanted.action in (Action.STOP_ALL, Action.RESUME_ALL):
        stopped = wanted.action is Action.STOP_ALL
        return grant.alert_id is None and eligibility.set_stopped(connection, user_id, stopped=stopped)
    if alert_id is None or grant.alert_id != alert_id:
        return False
    if wanted.action is Action.FREQUENCY:
        frequency = wanted.frequency
        return frequency is not None and eligibility.set_frequency(connection, user_id, alert_id, frequency)
    return eligibility.set_active(connection, user_id, alert_id, active=wanted.action is Action.RESUME)
