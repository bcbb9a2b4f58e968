"""A candidate's job alerts: saved, listed, changed, switched, deleted, and what they sent."""

from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min import alert_texts
from api_min.actions import alerts
from api_min.answers import json_response, no_content
from api_min.auth import access, caller
from api_min.idempotency import once
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.job_alerts import (
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
from worker.services.alerts.criteria_json import to_json
from worker.services.alerts.store import AlertView, NewAlert

PREFIX = "/api/job-alerts"
ONE = (*GUARDED, 404, 422)
WRITING = (*WITH_BODY, 404, 409)
CHANGING = (*ONE, 409)

api = APIBlueprint("job_alerts", __name__, url_prefix=PREFIX, abp_security=[{"bearer": []}])


@api.post("", summary="Save an alert", responses={201: SavedAlert, **problems(*WRITING)})
@access(roles=("candidate",))
def create(body: NewJobAlert) -> Response:
    """Offers published from now on are sent. An alert that another one already says is saved, with a warning."""
    new = NewAlert(body.name, body.criteria.parsed(), body.frequency, body.is_active)
    return once(partial(alerts.create, caller(), new), partial(_saved, status=201))


@api.get("", summary="The candidate's alerts", responses={200: AlertList, **problems(*ONE)})
@access(roles=("candidate",))
def list_all(query: AlertQuery) -> Response:
    """The newest first. X-Total-Count tells how many there are in all."""
    found, total = alerts.find(caller(), is_active=query.is_active, limit=query.limit, offset=query.offset)
    return json_response([shown(each) for each in found], headers={"X-Total-Count": str(total)})


@api.get("/<alert_id>", summary="One alert", responses={200: Alert, **problems(*ONE)})
@access(roles=("candidate",))
def show(path: AlertPath) -> Response:
    return json_response(shown(alerts.get(caller(), path.alert_id)))


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
    return once(partial(alerts.change, caller(), alert_id, changes), _saved)


@api.delete("/<alert_id>", summary="Delete an alert", responses={204: None, **problems(*CHANGING)})
@access(roles=("candidate",))
def delete(path: AlertPath) -> Response:
    """Its digests go with it; mails and notifications stay."""
    return once(partial(alerts.delete, caller(), path.alert_id), no_content)


@api.post("/<alert_id>/toggle", summary="Switch an alert on or off", responses={200: Alert, **problems(*CHANGING)})
@access(roles=("candidate",))
def toggle(path: AlertPath) -> Response:
    """An alert that comes back carries on where it stopped: offers published meanwhile are in its next digest."""
    return once(partial(alerts.toggle, caller(), path.alert_id), lambda alert: json_response(shown(alert)))


@api.get("/<alert_id>/digests", summary="What an alert sent", responses={200: DigestList, **problems(*ONE)})
@access(roles=("candidate",))
def list_digests(path: AlertPath, query: DigestQuery) -> Response:
    """The newest first."""
    found, total = alerts.list_digests(caller(), path.alert_id, limit=query.limit, offset=query.offset)
    return json_response(found, headers={"X-Total-Count": str(total)})


def shown(alert: AlertView) -> dict[str, Any]:
    computed = {"criteria", "next_send_at"}
    return {
        **{name: getattr(alert, name) for name in Alert.model_fields if name not in computed},
        "criteria": to_json(alert.criteria),
        "next_send_at": alerts.next_send(alert),
    }


def _saved(made: alerts.Saved, status: int = 200) -> Response:
    warnings = [] if made.duplicate_of is None else [alert_texts.duplicate(made.duplicate_of)]
    return json_response({**shown(made.alert), "warnings": warnings}, status)
