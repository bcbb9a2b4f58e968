"""Meet conferences of events: asked for, pending, there, failed, or not allowed."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.emulators.google.accounts import MEET, Account
from sandbox.emulators.google.refusals import invalid
from sandbox.emulators.switches import Switches

CONFERENCE_SWITCHES: Mapping[str, Any] = {
    "conference": "success",  # success at once, pending, failure (after the wait), or refused (400)
    "conference_gets": 2,  # pending until the event was read this often; None: reading does not end it
    "conference_seconds": None,  # pending until so many seconds have passed; with both None it stays pending
}
MODES = ("success", "pending", "failure", "refused")
_ICON = "https://fonts.gstatic.com/s/i/productlogos/meet_2020q4/v6/web-512dp/logo_meet_2020q4_color_2x_web_512dp.png"
_LETTERS = "abcdefghijkmnopqrstuvwxyz"


@dataclass(slots=True)
class Conference:
    """One request for a conference; `code` is what its address ends in."""

    request_id: str
    code: str
    status: str = "pending"
    reads_left: int | None = None
    due: float | None = None

    @property
    def link(self) -> str | None:
        """None until there is a conference."""
        return f"https://meet.google.com/{self.code}" if self.status == "success" else None

    def shown(self) -> dict[str, Any]:
        request = {
            "requestId": self.request_id,
            "conferenceSolutionKey": {"type": MEET},
            "status": {"statusCode": self.status},
        }
        if self.link is None:
            return {"createRequest": request}
        label = self.link.removeprefix("https://")
        return {
            "createRequest": request,
            "entryPoints": [{"entryPointType": "video", "uri": self.link, "label": label}],
            "conferenceSolution": {"key": {"type": MEET}, "name": "Google Meet", "iconUri": _ICON},
            "conferenceId": self.code,
        }


class Conferences:
    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    def written(self, data: Any, before: Conference | None, account: Account, event: str) -> Conference | None:
        """What becomes of a body's `conferenceData`, sent with conferenceDataVersion=1; raises Refused.

        None removes the conference. The request id of before, or what was read before, changes nothing.
        """
        if data is None:
            return None
        if self._switches["conference"] == "refused":
            raise invalid("Invalid conference type value.")
        wish = data.get("createRequest") if isinstance(data, dict) else None
        if before is not None and (data == before.shown() or _names(wish, before.request_id)):
            return before
        return self._asked(wish, account, event)

    def read(self, conference: Conference) -> bool:
        """The event was read once more. True: what it shows has changed."""
        if conference.status != "pending":
            return False
        if conference.reads_left is not None:
            conference.reads_left -= 1
        read_enough = conference.reads_left is not None and conference.reads_left <= 0
        if not read_enough and (conference.due is None or time.time() < conference.due):
            return False
        conference.status = "failure" if self._switches["conference"] == "failure" else "success"
        return True

    def _asked(self, wish: Any, account: Account, event: str) -> Conference:
        if not isinstance(wish, dict):
            raise invalid("Invalid conference data: a createRequest is needed.")
        key = wish.get("conferenceSolutionKey")
        if (key.get("type") if isinstance(key, dict) else MEET) not in account.conference_types:
            raise invalid("Invalid conference type value.")
        request_id = wish.get("requestId")
        if not isinstance(request_id, str) or not request_id:
            raise invalid("Missing conference request id.", "required")
        conference = Conference(request_id, _code(f"{event} {request_id}"))
        if self._switches["conference"] == "success":
            conference.status = "success"
            return conference
        seconds = self._switches["conference_seconds"]
        conference.reads_left = self._switches["conference_gets"]
        conference.due = None if seconds is None else time.time() + float(seconds)
        return conference


def _names(wish: Any, request_id: str) -> bool:
    return isinstance(wish, dict) and wish.get("requestId") == request_id


def _code(seed: str) -> str:
    """Ten letters: aaa-bbbb-ccc."""
    letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in hashlib.sha256(seed.encode()).digest()[:10])
    return f"{letters[:3]}-{letters[3:7]}-{letters[7:]}"
