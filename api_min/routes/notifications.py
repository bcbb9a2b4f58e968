"""The bell: a user's own notifications."""

import dataclasses
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import notifications
from api_min.answers import json_response
from api_min.auth import EVERYBODY, access, caller
from api_min.idempotency import once
from api_min.request_parsing import note_preference, preferred_wait
from api_min.schemas.common import GUARDED, problems
from api_min.schemas.integrations import Message
from api_min.schemas.notifications import (
    Choices,
    NotificationPath,
    NotificationQuery,
    Notifications,
    Preferences,
    UnreadCount,
    UnreadQuery,
)
from worker.services.notifications.preferences import Choice, Preference

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


@api.get("/unread-count", summary="How many are unread", responses={200: UnreadCount, **problems(*GUARDED, 422)})
@access(roles=EVERYBODY)
def count_unread(query: UnreadQuery) -> Response:
    """At once; or with `?after=N` and `Prefer: wait=S` as soon as it is another number than N, at most S seconds later.

    An answer without `Preference-Applied` says that too many wait already: come back in half a minute.
    """
    seconds = preferred_wait() or 0
    if query.after is None or not seconds:
        return json_response({"unread_count": notifications.count_unread(caller())})
    unread = notifications.await_unread(caller(), query.after, seconds)
    if unread.waited:
        note_preference(f"wait={seconds}")
    return json_response({"unread_count": unread.number})


@api.get("/preferences", summary="What is wanted, and how", responses={200: Preferences, **problems(*GUARDED)})
@access(roles=EVERYBODY)
def show_preferences() -> Response:
    """Each kind that the caller may get, with its defaults until something else is chosen."""
    return _preferences(notifications.find_preferences(caller()))


@api.patch(
    "/preferences", summary="Choose what is wanted", responses={200: Preferences, **problems(*WRITING, 413, 415)}
)
@access(roles=EVERYBODY)
def choose(body: Choices) -> Response:
    """Kinds and members that are not named stay. What cannot be chosen is refused, and nothing is changed then."""
    wanted = [(each.kind, Choice(each.in_app, each.mail)) for each in body.preferences]
    return once(partial(notifications.decide, caller(), wanted), _preferences)


def _preferences(found: Sequence[Preference]) -> Response:
    return json_response({"preferences": [dataclasses.asdict(each) for each in found]})


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
