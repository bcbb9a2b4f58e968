"""A candidate's job alerts: saved, listed, changed, switched, deleted, and what they sent."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from sqlalchemy import Connection

from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.context import context
from api_min.errors import ApiError
from api_min.idempotency import Work, once
from api_min.limits import check_limit
from api_min.pages import alert_texts
from api_min.people import candidate
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.job_alerts import (
    NOT_FOUND,
    Alert,
    AlertChanges,
    AlertList,
    AlertPath,
    AlertQuery,
    AlertReplacement,
    DigestList,
    DigestQuery,
    NewJobAlert,
    SavedAlert,
)
from worker.services.alerts import store
from worker.services.alerts.store import AlertView, NewAlert, Owner
from worker.services.alerts.timetable import next_send_at
from worker.services.alerts.wishes import canonical

PREFIX = "/api/job-alerts"
WRITES = "60 per minute"
ONE = (*GUARDED, 404, 422)
WRITING = (*WITH_BODY, 404, 409)
CHANGING = (*ONE, 409)

T = TypeVar("T")

api = APIBlueprint("job_alerts", __name__, url_prefix=PREFIX, abp_security=[{"bearer": []}])


@api.post("", summary="Save an alert", responses={201: SavedAlert, **problems(*WRITING)})
@access(roles=("candidate",))
def create(body: NewJobAlert) -> Response:
    """Offers published from now on are sent. An alert that another one already says is saved, with a warning."""
    new = NewAlert(body.name, body.criteria.parsed(), body.frequency, body.is_active)
    most = context().settings.alerts_per_candidate
    try:
        return _saved(lambda connection, who: store.create(connection, who, new, most=most), 201)
    except store.TooManyAlerts as error:
        raise ApiError(422, str(error)) from None


@api.get("", summary="The candidate's alerts", responses={200: AlertList, **problems(*ONE)})
@access(roles=("candidate",))
def list_all(query: AlertQuery) -> Response:
    """The newest first. X-Total-Count tells how many there are in all."""
    with context().database.transaction() as connection:
        found, total = store.find(
            connection, owner(connection), is_active=query.is_active, limit=query.limit, offset=query.offset
        )
    return json_response([shown(each) for each in found], headers={"X-Total-Count": str(total)})


@api.get("/<alert_id>", summary="One alert", responses={200: Alert, **problems(*ONE)})
@access(roles=("candidate",))
def show(path: AlertPath) -> Response:
    with context().database.transaction() as connection:
        found = existing(store.get(connection, owner(connection), path.alert_id))
    return json_response(shown(found))


@api.put("/<alert_id>", summary="Replace an alert", responses={200: SavedAlert, **problems(*WRITING)})
@access(roles=("candidate",))
def replace_alert(path: AlertPath, body: AlertReplacement) -> Response:
    """A frequency that is left out is `daily`. Criteria that ask for something else do not look back."""
    changes: dict[str, Any] = {
        "name": body.name,
        "criteria": body.criteria.parsed(),
        "frequency": body.frequency,
    }
    if body.is_active is not None:
        changes["is_active"] = body.is_active
    return _changed(path.alert_id, changes)


@api.patch("/<alert_id>", summary="Change parts of an alert", responses={200: SavedAlert, **problems(*WRITING)})
@access(roles=("candidate",))
def change(path: AlertPath, body: AlertChanges) -> Response:
    """What is left out stays. Criteria are replaced as a whole; those that ask for something else do not look back:
    offers that are already published are not sent.
    """
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if body.criteria is not None:
        given["criteria"] = body.criteria.parsed()
    return _changed(path.alert_id, given)


def _changed(alert_id: int, changes: dict[str, Any]) -> Response:
    return _saved(lambda connection, who: existing(store.change(connection, who, alert_id, changes)))


@api.delete("/<alert_id>", summary="Delete an alert", responses={204: None, **problems(*CHANGING)})
@access(roles=("candidate",))
def delete(path: AlertPath) -> Response:
    """Its digests go with it; mails and notifications stay."""

    def work(connection: Connection, who: Owner) -> Response:
        if not store.delete(connection, who, path.alert_id):
            raise ApiError(404, NOT_FOUND)
        return Response(status=204)

    return _write(work)


@api.post("/<alert_id>/toggle", summary="Switch an alert on or off", responses={200: Alert, **problems(*CHANGING)})
@access(roles=("candidate",))
def toggle(path: AlertPath) -> Response:
    """An alert that comes back carries on where it stopped: offers published meanwhile are in its next digest."""
    return _write(lambda connection, who: json_response(shown(existing(store.toggle(connection, who, path.alert_id)))))


@api.get("/<alert_id>/digests", summary="What an alert sent", responses={200: DigestList, **problems(*ONE)})
@access(roles=("candidate",))
def list_digests(path: AlertPath, query: DigestQuery) -> Response:
    """The newest first."""
    with context().database.transaction() as connection:
        alert = existing(store.get(connection, owner(connection), path.alert_id))
        found, total = store.digests(connection, alert.id, limit=query.limit, offset=query.offset)
    return json_response(found, headers={"X-Total-Count": str(total)})


def shown(alert: AlertView) -> dict[str, Any]:
    computed = {"criteria", "next_send_at"}
    return {
        **{name: getattr(alert, name) for name in Alert.model_fields if name not in computed},
        "criteria": canonical(alert.criteria),
        "next_send_at": _next(alert),
    }


def _next(alert: AlertView) -> datetime | None:
    if not alert.is_active:
        return None
    zone = context().settings.platform_timezone
    return next_send_at(alert.frequency, after=datetime.now(UTC), time_zone=zone)


def existing(found: T | None) -> T:
    """What was found. Raises ApiError 404."""
    if found is None:
        raise ApiError(404, NOT_FOUND)
    return found


def owner(connection: Connection) -> Owner:
    """The candidate that calls. Raises ApiError 404."""
    who = candidate(connection)
    return Owner(candidate_id=who.id, user_id=who.user_id)


def _write(work: Callable[[Connection, Owner], Response]) -> Response:
    """Do `work` for the calling candidate in one transaction, once per key. Raises ApiError 404, 409 and 429."""

    def prepare() -> Work:
        check_limit(WRITES, "writes", caller().name)
        return lambda connection: work(connection, owner(connection))

    return once(prepare)


def _saved(work: Callable[[Connection, Owner], AlertView], status: int = 200) -> Response:
    def write(connection: Connection, who: Owner) -> Response:
        alert = work(connection, who)
        twin = store.twin_of(connection, who, alert)
        warnings = [] if twin is None else [alert_texts.duplicate(twin)]
        return json_response({**shown(alert), "warnings": warnings}, status)

    return _write(write)
