"""MyJobMag, a job board of five African and British sites with an API for recruiting software.

Source: MyJobMag, "ATS API developer guidelines" (/ats-integration-guide of each site). A key is `mjm_<cc>_<token>`,
good at the site of its country alone. `external_id` is ours: a second request with it is answered with the job that is
there and costs nothing.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import requests

from worker.contracts.partners import Advert, KeyRefused, Placement, board_country, told_id, told_url
from worker.kit.errors import RateLimited, Refused, RunError, UnknownOutcome
from worker.kit.figures import pause
from worker.kit.http import CallLimits, SendWindow, build_session
from worker.kit.words import sentence

SITES: Mapping[str, str] = {
    # By the countries of `worker.contracts.partners.BOARD_COUNTRIES`.
    "gh": "https://www.myjobmagghana.com",
    "ke": "https://www.myjobmag.co.ke",
    "ng": "https://www.myjobmag.com",
    "uk": "https://www.myjobmag.co.uk",
    "za": "https://www.myjobmag.co.za",
}
PATH = "/api/ats/jobs.php"
LONGEST_MESSAGE = 300
_PRIVATE = re.compile(r"[^\s<>\"'`(),;:]+@[^\s<>\"'`(),;:]+|\bmjm_[\w-]*|[\w./+~=-]{40,}")
CLOSED = frozenset({"closed", "expired", "rejected", "deleted"})


class MyJobMag:
    """A `JobBoard`. url: instead of the site of a key's country (an emulator); empty for the real ones."""

    def __init__(self, *, url: str = "", limits: CallLimits | None = None) -> None:
        self._url = url.rstrip("/")
        self._session = build_session(limits)

    def close(self) -> None:
        self._session.close()

    def body(self, offer: Advert, key: str) -> bytes:
        members = {
            "external_id": key,
            "title": offer.title,
            "description": offer.text,
            "deadline": offer.deadline.isoformat(),
            "apply_url": offer.apply_url,
            "company_name": offer.company_name,
            "company_about": offer.company_about,
            "company_website": offer.company_website,
            "company_logo_url": offer.company_logo,
        }
        given = {name: value for name, value in members.items() if value}
        return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()

    def create(self, token: str, body: bytes, *, deadline: float) -> Placement:
        with SendWindow(deadline).applied():
            return _placement(self._call("POST", token, body=body))

    def end(self, token: str, key: str, *, deadline: float) -> None:
        body = json.dumps({"external_id": key}).encode()
        with SendWindow(deadline).applied():
            response = self._call("POST", token, body=body, query={"action": "close"})
        if response.status_code not in (404, 409):
            _refuse(response)

    def find(self, token: str, key: str) -> Placement | None:
        response = self._call("GET", token, query={"external_id": key})
        return None if response.status_code == 404 else _placement(response)

    def _call(
        self, method: str, token: str, *, body: bytes | None = None, query: Mapping[str, str] | None = None
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._session.request(method, self._site(token) + PATH, params=query, data=body, headers=headers)

    def _site(self, token: str) -> str:
        site = SITES.get(board_country(token) or "")
        if site is None:
            raise KeyRefused("The key is none of MyJobMag's; copy it again from the employer account there.")
        return self._url or site


def _placement(response: requests.Response) -> Placement:
    _refuse(response)
    said = _members(response)
    number, state = told_id(said.get("external_id")), said.get("state")
    if not number or not isinstance(state, str):
        raise UnknownOutcome("MyJobMag gave an answer that cannot be read; whether the offer was taken is unknown.")
    url = told_url(said.get("public_link"))
    return Placement(number, visible=state == "published" and bool(url), url=url, closed=state in CLOSED)


def _members(response: requests.Response) -> Mapping[str, Any]:
    try:
        said = response.json()
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _refuse(response: requests.Response) -> None:
    if not 200 <= response.status_code < 300:
        raise _refusal(response)


def _refusal(response: requests.Response) -> RunError:
    status, told = response.status_code, _members(response)
    said = _shown(sentence(told.get("error") or told.get("message"), 10 * LONGEST_MESSAGE))
    if status == 401:
        return KeyRefused("MyJobMag does not take the company's key any more; give it a new one.")
    if status == 429:
        after = pause(response.headers.get("Retry-After"), least=1.0, most=3600.0, usual=60.0)
        return RateLimited(f"MyJobMag's limit is reached: {said}", after=after)
    if status >= 500 or status < 400:
        return UnknownOutcome(f"MyJobMag failed ({status}); whether the offer was taken is unknown.")
    if status == 402:
        return Refused(f"The company's credit at MyJobMag is used up: {said}", code="partner.credit")
    return Refused(f"MyJobMag refused the offer ({status}): {said}", details={"status": status})


def _shown(said: str) -> str:
    """Without what might be an address or a key: it will be logged."""
    return _PRIVATE.sub("…", said)[:LONGEST_MESSAGE] or "no reason given."
