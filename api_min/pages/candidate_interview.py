"""A candidate's page of one interview, without a login: what the signed link in his mails allows.

GET and HEAD only show, whatever the interview has become since the mail was sent. POST answers for him, once.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Response, redirect, request

from api_min.actions import candidate_interviews
from api_min.actions.candidate_interviews import LONGEST_REASON, Action, Answer, Refusal
from api_min.auth import open_route
from api_min.calendar_responses import calendar_response
from api_min.interview_texts import KINDS, REFUSALS
from api_min.localising import _, language
from api_min.pages.shell import Pages, page
from api_min.request_parsing import body_limit
from worker.services.email.wording import datetimes, formats
from worker.services.interviews.calendar_addresses import Entry, addresses
from worker.services.interviews.candidate_links import Grant
from worker.services.interviews.candidate_pages import CandidatePage
from worker.services.interviews.mail_words import names_of
from worker.services.interviews.rows import Interview

pages = Pages("candidate_interview", __name__)

LARGEST = 16 * 1024
LONGEST_LINE, MOST_LINES = 1000, 200

# The address itself is the permission: no other site may read it from a link, no search engine keep it.
HEADERS: Mapping[str, str] = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@pages.after_request
def _keep_secret(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


@pages.get("/i/<token>")
@open_route
def show(token: str) -> Response:
    """Programs that follow every link of a mail change nothing."""
    grant = _grant(token)
    return _page(token, candidate_interviews.find(grant))


@pages.get("/i/<token>/calendar.ics")
@open_route
def download(token: str) -> Response:
    """For a calendar that no link of the page leads to: a second one changes the entry of the first."""
    found = candidate_interviews.calendar_file(_grant(token))
    return _nothing() if found is None else calendar_response(found, "entretien.ics", attached=True)


@pages.post("/i/<token>")
@open_route
@body_limit(LARGEST)
def answer(token: str) -> Response:
    """Back to the page, which says what is so now: a page that is loaded again sends nothing twice."""
    grant = _grant(token)
    found = candidate_interviews.find(grant)
    refusal = candidate_interviews.answer(grant, _answer()) if found else None
    if found is None or refusal is not None:
        return _page(token, candidate_interviews.find(grant), refusal)
    back = redirect(f"/i/{token}?lang={language()}", 303)
    back.headers["Cache-Control"] = "no-store"
    return back  # type: ignore[return-value]


def _grant(token: str) -> Grant | None:
    return candidate_interviews.open_link(token, request.remote_addr)


def _answer() -> Answer | None:
    """What the form says; None when it makes no sense."""
    reason = request.form.get("reason", "").strip().replace("\r\n", "\n")
    try:
        start = datetime.fromisoformat(request.form.get("start", "")[:40])
        action = Action(request.form.get("action", ""))
    except ValueError:
        return None
    return Answer(action, start, reason or None) if start.tzinfo is not None else None


def _page(token: str, found: CandidatePage | None, refusal: Refusal | None = None) -> Response:
    if found is None:
        return _nothing()
    interview = found.interview
    place = datetimes.zone(interview.timezone)
    return page(
        "interview/candidate.html",
        409 if refusal in (Refusal.MOVED, Refusal.OVER, Refusal.TAKEN) else 422 if refusal else 200,
        token=token,
        found=found,
        interview=interview,
        title=formats.stored(interview.title, LONGEST_LINE),
        company=formats.stored(found.company, LONGEST_LINE),
        offer=formats.stored(found.offer, LONGEST_LINE),
        location=formats.stored(interview.location, LONGEST_LINE),
        description=_lines(interview.description),
        people=names_of(interview)[:MOST_LINES],
        kind=_(KINDS[interview.kind]) if interview.kind else "",
        link=_link(interview),
        host=_host(_link(interview) or ""),
        day=lambda moment: datetimes.day(moment, place, language()),
        when=lambda moment: _when(moment, place),
        addresses=addresses(_entry(interview)) if found.can_answer else {},
        refusal=_(REFUSALS[refusal]) if refusal else None,
        reason=request.form.get("reason", "")[: 2 * LONGEST_REASON] if refusal else "",
        longest_reason=LONGEST_REASON,
    )


def _when(moment: datetime, place: ZoneInfo) -> str:
    return f"{datetimes.day(moment, place, language())}, {datetimes.hour(moment, place, language())}"


def _link(interview: Interview) -> str | None:
    """The main web app stores whatever is written there."""
    link = (interview.meeting_link or "").strip()
    return link if link.lower().startswith(("https://", "http://")) and _host(link) else None


def _host(link: str) -> str:
    """Where a link leads; empty for one that leads nowhere. The whole address of a call fills half a phone."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def _lines(text: str | None) -> str:
    return "\n".join(formats.stored(line, LONGEST_LINE) for line in (text or "").splitlines()[:MOST_LINES]).strip()


def _entry(interview: Interview) -> Entry:
    link = _link(interview) or ""
    return Entry(
        formats.stored(interview.title, LONGEST_LINE),
        interview.scheduled_at,
        interview.end,
        formats.stored(interview.location, LONGEST_LINE) or link,
        "\n".join(each for each in (link, _lines(interview.description)) if each),
    )


def _nothing() -> Response:
    """The same for a link that we never made, for one to an address that is not the interview's any more, and for an
    interview that is gone.
    """
    return page(
        "interview/nothing.html",
        404,
        title=_("Ce lien n’est pas valable"),
        sentence=_(
            "Il est peut-être incomplet, ou cet entretien n’existe plus. Ouvrez le lien du dernier message que vous "
            "avez reçu, ou écrivez au recruteur."
        ),
    )
