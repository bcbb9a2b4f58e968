"""The bell: a user's own notifications."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import notifications
from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.idempotency import once
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.integrations import Message
from api_min.schemas.notifications import NotificationPath, NotificationQuery, Notifications, UnreadCount

EVERYBODY = ("employer", "candidate", "admin")
WRITING = (*GUARDED, 409, 422)

api = APIBlueprint("notifications", __name__, url_prefix="/api/notifications", abp_security=[{"bearer": []}])


@api.get("", summary="Notifications", responses={200: Notifications, **problems(*GUARDED, 422)})
@access(roles=EVERYBODY)
def list_all(query: NotificationQuery) -> Response:
    """The newest first."""
    page = notifications.find(caller(), unread_only=query.unread_only, limit=query.limit, offset=query.offset)
    shown = [_shown(each) for each in page.notifications]
    return json_response({"notifications": shown, "total": page.total, "unread_count": page.unread})


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": row["label"].lower(), **{name: value for name, value in row.items() if name != "label"}}


@api.get("/unread-count", summary="How many are unread", responses={200: UnreadCount, **problems(*GUARDED)})
@access(roles=EVERYBODY)
def count_unread() -> Response:
    return json_response({"unread_count": notifications.count_unread(caller())})


@api.put("/mark-all-read", summary="Mark all as read", responses={200: Message, **problems(*WRITING)})
@access(roles=EVERYBODY)
def mark_all_read() -> Response:
    """All there are, however many."""
    return once(
        partial(notifications.mark_all_read, caller()),
        lambda _: json_response({"message": "Toutes les notifications ont été marquées comme lues"}),
    )


@api.put("/<notification_id>/read", summary="Mark as read", responses={200: Message, **problems(*WRITING, 404)})
@access(roles=EVERYBODY)
def mark_read(path: NotificationPath) -> Response:
    """When it was first read stays."""
    return once(
        partial(notifications.mark_read, caller(), path.notification_id),
        lambda _: json_response({"message": "Notification marquée comme lue"}),
    )


@api.delete("/<notification_id>", summary="Delete a notification", responses={200: Message, **problems(*WRITING, 404)})
@access(roles=EVERYBODY)
def delete(path: NotificationPath) -> Response:
    return once(
        partial(notifications.delete, caller(), path.notification_id),
        lambda _: json_response({"message": "Notification supprimée"}),
    )
