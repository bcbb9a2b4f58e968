"""The bell: a person's own notifications, with what each one leads to."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Response, request

from api_min.actions import notifications
from api_min.auth import EVERYBODY, access, caller
from api_min.context import context
from api_min.localising import _
from api_min.pages import dashboard
from api_min.pages.dashboard import Next, Said
from api_min.pages.shell import Pages
from api_min.request_parsing import row_id
from worker.kit.ids import LARGEST_ROW_ID

pages = Pages("notification_pages", __name__)

PATH = "/dashboard/notifications"
PAGE = 20
# Kinds that always lead to an offer or an application, until it is deleted.
ABOUT_SOMETHING = frozenset({"NEW_APPLICATION", "STATUS_CHANGE"})


@pages.get(PATH)
@access(roles=EVERYBODY, session=True)
def list_all() -> Response:
    """The newest first, `?unread=1` only those that are; `?page=` from 1."""
    unread_only, number = _filter()
    found = notifications.find(caller(), unread_only=unread_only, limit=PAGE, offset=(number - 1) * PAGE)
    matching = found.unread if unread_only else found.total
    return dashboard.show(
        "dashboard/notifications.html",
        notifications=found.notifications,
        total=found.total,
        unread_only=unread_only,
        page=number,
        last=max(1, -(-matching // PAGE)),
    )


@pages.post(f"{PATH}/read")
@access(roles=EVERYBODY, session=True)
@dashboard.form
def mark_all_read() -> Response:
    return dashboard.once(partial(notifications.mark_all_read, caller()), _all_read)


@pages.post(f"{PATH}/<notification_id>/read")
@access(roles=EVERYBODY, session=True)
@dashboard.form
def mark_read(notification_id: str) -> Response:
    return dashboard.once(
        partial(notifications.mark_read, caller(), row_id(notification_id)), lambda _read: Next(_back())
    )


@pages.post(f"{PATH}/<notification_id>/delete")
@access(roles=EVERYBODY, session=True)
@dashboard.form
def delete(notification_id: str) -> Response:
    said = Said(_("Notification supprimée"))
    return dashboard.once(
        partial(notifications.delete, caller(), row_id(notification_id)), lambda _gone: Next(_back(), said)
    )


@pages.post(f"{PATH}/<notification_id>/open")
@access(roles=EVERYBODY, session=True)
@dashboard.form
def open_one(notification_id: str) -> Response:
    """Read from now on. Its page leads to what it is about: a form may not lead to another site."""
    own = Next(f"{PATH}/{row_id(notification_id)}")
    return dashboard.once(partial(notifications.mark_read, caller(), row_id(notification_id)), lambda _read: own)


@pages.get(f"{PATH}/<notification_id>")
@access(roles=EVERYBODY, session=True)
def show_one(notification_id: str) -> Response:
    found = notifications.existing(caller(), row_id(notification_id))
    target = _target(found)
    gone = target is None and found["label"] in ABOUT_SOMETHING
    return dashboard.show("dashboard/notification.html", notification=found, gone=gone, target=target)


def _filter() -> tuple[bool, int]:
    number = row_id(request.args.get("page", "")) or 1
    return request.args.get("unread") == "1", min(number, LARGEST_ROW_ID // PAGE)


def _target(row: Mapping[str, Any]) -> str | None:
    """Where the main web app shows it, as its own bell would lead; None when that was deleted or there is nothing."""
    frontend = context().settings.frontend_url.rstrip("/")
    if row["related_application_id"]:
        return f"{frontend}/dashboard/applications"
    if row["related_job_id"]:
        return f"{frontend}/dashboard/jobs/{row['related_job_id']}"
    return None


def _back() -> str:
    return dashboard.local_path(request.form.get("back"), PATH)


def _all_read(count: int) -> Next:
    if not count:
        return Next(PATH, Said(_("Tout était déjà lu."), "info"))
    return Next(PATH, Said(_("Toutes les notifications sont lues.")))
