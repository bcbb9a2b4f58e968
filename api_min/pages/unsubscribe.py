"""Unsubscribing and preferences, without a login: what a signed link from a mail allows.

A mail may be forwarded: a link that is good for all alerts ends or resumes them, and names none.
GET and HEAD only show. POST to the link itself unsubscribes at once (RFC 8058), as often as it is sent.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from api_min.actions import unsubscribing
from api_min.actions.unsubscribing import Action, Change
from api_min.auth import open_route
from api_min.localising import _
from api_min.pages.shell import Pages, page
from api_min.request_parsing import body_limit, row_id
from models.enums import AlertFrequency
from worker.services.alerts.eligibility import AlertPreference, Preferences
from worker.services.email.recipients.unsubscribing import Grant

pages = Pages("unsubscribe", __name__)

LARGEST = 16 * 1024

# The address itself is the permission: no other site may read it from a link, no search engine keep it.
HEADERS: Mapping[str, str] = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@pages.after_request
def _keep_secret(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


@pages.get("/u/<token>")
@open_route
def ask(token: str) -> Response:
    """A page with a button: programs that follow every link of a mail change nothing."""
    grant = _grant(token)
    found = unsubscribing.find(grant)
    if grant is None or found is None:
        return _nothing(grant)
    return _page("unsubscribe/ask.html", token=token, grant=grant, alert=_only(grant, found), stopped=found.stopped)


@pages.post("/u/<token>")
@open_route
@body_limit(LARGEST)
def unsubscribe(token: str) -> Response:
    grant = _grant(token)
    found = unsubscribing.end(grant)
    if grant is None or found is None:
        return _nothing(grant)
    return _page("unsubscribe/done.html", token=token, grant=grant, alert=_only(grant, found))


@pages.get("/u/<token>/preferences")
@open_route
def show_preferences(token: str) -> Response:
    grant = _grant(token)
    return _preferences(token, grant, unsubscribing.find(grant))


@pages.post("/u/<token>/preferences")
@open_route
@body_limit(LARGEST)
def change_preferences(token: str) -> Response:
    grant = _grant(token)
    changed = unsubscribing.change(grant, _wanted())
    return _preferences(token, grant, unsubscribing.find(grant), changed=changed)


def _grant(token: str) -> Grant | None:
    return unsubscribing.open_link(token, request.remote_addr)


def _only(grant: Grant, found: Preferences) -> AlertPreference | None:
    return found.alerts[0] if grant.alert_id is not None else None


def _wanted() -> Change | None:
    """What the form asks for; None when it makes no sense."""
    try:
        return Change(Action(request.form.get("action", "")), _alert_id(), _frequency())
    except ValueError:
        return None


def _alert_id() -> int | None:
    return row_id(request.form.get("alert", "")) or None


def _frequency() -> AlertFrequency | None:
    try:
        return AlertFrequency.parse(request.form.get("frequency", ""))
    except ValueError:
        return None


def _preferences(
    token: str, grant: Grant | None, found: Preferences | None, *, changed: bool | None = None
) -> Response:
    if grant is None or found is None:
        return _nothing(grant)
    return _page(
        "unsubscribe/preferences.html",
        422 if changed is False else 200,
        token=token,
        grant=grant,
        alerts=found.alerts if grant.alert_id is not None else (),
        stopped=found.stopped,
        changed=changed,
        frequencies=_frequencies(),
    )


def _frequencies() -> dict[AlertFrequency, str]:
    return {
        AlertFrequency.INSTANT: _("Immédiat"),
        AlertFrequency.DAILY: _("Quotidien"),
        AlertFrequency.WEEKLY: _("Hebdomadaire"),
        AlertFrequency.MONTHLY: _("Mensuel"),
    }


def _nothing(grant: Grant | None) -> Response:
    """A link that we never made is 404; one whose alert or account is gone has nothing left to unsubscribe from."""
    if grant is None:
        return _notice(
            404,
            _("Ce lien n’est pas valable"),
            _("Il est peut-être incomplet. Ouvrez-le depuis le message que vous avez reçu, ou connectez-vous."),
        )
    return _notice(
        200,
        _("Cette alerte n’existe plus"),
        _("Elle a été supprimée : vous ne recevrez plus de message à son sujet. Il n’y a rien d’autre à faire."),
    )


def _notice(status: int, title: str, sentence: str) -> Response:
    return _page("unsubscribe/notice.html", status, title=title, sentence=sentence)


def _page(template: str, status: int = 200, **values: Any) -> Response:
    return page(template, status, manage_url=unsubscribing.manage_link(), **values)
