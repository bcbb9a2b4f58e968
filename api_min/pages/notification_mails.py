"""Ending mails of a kind of notification, without a login: what a signed link from such a mail allows.

GET and HEAD only show. POST ends these mails at once (RFC 8058), as often as it is sent.
"""

from typing import Any

from flask import Response, request

from api_min.actions import notification_mails
from api_min.auth import open_route
from api_min.pages.shell import Pages, page
from api_min.request_parsing import body_limit
from worker.services.notifications.kinds import RULES
from worker.services.notifications.mail_links import MailGrant

pages = Pages("notification_mails", __name__)

LARGEST = 16 * 1024


@pages.after_request
def _keep_secret(response: Response) -> Response:
    """The address itself is the permission."""
    response.headers.update({"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"})
    return response


@pages.get("/u/mails/<token>")
@open_route
def ask(token: str) -> Response:
    """A page with a button: programs that follow every link of a mail change nothing."""
    grant = _grant(token)
    return _page("ask", token, grant) if grant else _nothing()


@pages.post("/u/mails/<token>")
@open_route
@body_limit(LARGEST)
def decide(token: str) -> Response:
    grant = _grant(token)
    if grant is None:
        return _nothing()
    wanted = request.form.get("action") == "resume"
    notification_mails.decide(grant, wanted=wanted)
    return _page("resumed" if wanted else "done", token, grant)


def _grant(token: str) -> MailGrant | None:
    return notification_mails.open_link(token, request.remote_addr)


def _page(state: str, token: str, grant: MailGrant) -> Response:
    return _shown("notification_mails/mails.html", state=state, token=token, name=RULES[grant.kind].name)


def _nothing() -> Response:
    return _shown("notification_mails/nothing.html", 404)


def _shown(template: str, status: int = 200, **values: Any) -> Response:
    return page(template, status, choose_url=notification_mails.choose_link(), **values)
