"""MyJobMag's API for recruiting software, as its guide tells it: POST, PUT and GET /myjobmag/api/ats/jobs.php.

Any key `mjm_<cc>_…` is good until it is revoked; each sees its own jobs.

Below /_emulator/myjobmag:
GET, PUT faults: the switches (SWITCHES); operations: create, update, close, get, list.
GET jobs: all, in order, with what was charged. POST jobs {external_id, state}: MyJobMag's people decide.
POST keys/{key}/revoke: the employer made a new key, which ends this one.
GET counters: calls by operation.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.emulators.operations import FAULTS, Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Handler, Request, Response, Router, json_object, json_response

SWITCHES: Mapping[str, Any] = {
    **FAULTS,
    "auto_publish": False,  # the account's jobs are published without a look
    "price": "50",
    "credit": None,  # how many jobs the account may still place
}
STATES = ("pending_review", "published", "rejected", "closed", "expired")
REQUIRED = ("external_id", "title", "description", "deadline", "apply_url")
PATH = "/myjobmag/api/ats/jobs.php"
CONTROL = "/_emulator/myjobmag"

_KEY = re.compile(r"mjm_[a-z]{2}_[A-Za-z0-9_-]+", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(slots=True)
class Job:
    key: str
    members: dict[str, Any]
    state: str
    charged: str
    number: int
    requests: int = field(default=1)

    def shown(self) -> dict[str, Any]:
        published = self.state == "published"
        return {
            "external_id": self.members["external_id"],
            "state": self.state,
            "received_date": "2026-11-28 09:14:32",
            "published_date": "2026-11-28 10:00:00" if published else "",
            "public_link": f"https://www.myjobmag.example/job/{self.number}" if published else "",
            "amount_charged": self.charged,
        }


class MyJobMag:
    name = "myjobmag"

    def __init__(self) -> None:
        self.switches = Switches(SWITCHES)
        self.operations = Operations(self.switches)
        self._guard = threading.RLock()
        self._jobs: dict[tuple[str, str], Job] = {}
        self._revoked: set[str] = set()
        self._controls = Router()
        self._add_controls()

    def answer(self, request: Request) -> Response:
        if request.path != PATH:
            return _error(404, "Not found")
        handlers: Mapping[str, tuple[str, Handler]] = {
            "POST": ("close", self._close) if request.query.get("action") == "close" else ("create", self._create),
            "PUT": ("update", self._update),
            "GET": ("get", self._get) if "external_id" in request.query else ("list", self._list),
        }
        if request.method not in handlers:
            return _error(405, "Method not allowed")
        operation, handler = handlers[request.method]
        return self.operations.run(
            operation, request, lambda asked: self._unauthorised(asked) or handler(asked), _failed
        )

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _unauthorised(self, request: Request) -> Response | None:
        key = _key(request)
        if not _KEY.fullmatch(key) or key in self._revoked:
            return _error(401, "Invalid or missing API key")
        return None

    def _create(self, request: Request) -> Response:
        members = _members(request)
        missing = [name for name in REQUIRED if not str(members.get(name) or "").strip()]
        if missing:
            return _error(422, f"Missing required fields: {', '.join(missing)}")
        if not _DAY.fullmatch(str(members["deadline"])):
            return _error(422, "deadline must be YYYY-MM-DD")
        with self._guard:
            known = self._jobs.get((_key(request), str(members["external_id"])))
            if known is not None:
                known.requests += 1
                return json_response(known.shown())
            return self._place(_key(request), members)

    def _place(self, key: str, members: dict[str, Any]) -> Response:
        credit = self.switches["credit"]
        if credit is not None and len(self._jobs) >= int(credit):
            return _error(402, "Insufficient credit")
        state = "published" if self.switches["auto_publish"] else "pending_review"
        job = Job(key, members, state, str(self.switches["price"]), len(self._jobs) + 1)
        self._jobs[key, str(members["external_id"])] = job
        return json_response(job.shown(), 201)

    def _update(self, request: Request) -> Response:
        job = self._named(request, _members(request).get("external_id"))
        if job is None:
            return _error(404, "Job not found")
        job.members.update(_members(request))
        return json_response(job.shown())

    def _close(self, request: Request) -> Response:
        job = self._named(request, _members(request).get("external_id"))
        if job is None:
            return _error(404, "Job not found")
        job.state = "closed"
        return json_response(job.shown())

    def _get(self, request: Request) -> Response:
        job = self._named(request, request.query["external_id"])
        return _error(404, "Job not found") if job is None else json_response(job.shown())

    def _list(self, request: Request) -> Response:
        return json_response({"jobs": [job.shown() for job in self._jobs.values() if job.key == _key(request)]})

    def _named(self, request: Request, number: Any) -> Job | None:
        return self._jobs.get((_key(request), str(number)))

    def _add_controls(self) -> None:
        add = self._controls.add
        add("GET", f"{CONTROL}/faults", lambda _: json_response(self.switches.all()))
        add("PUT", f"{CONTROL}/faults", self._set_faults)
        add("GET", f"{CONTROL}/jobs", self._show)
        add("POST", f"{CONTROL}/jobs", self._decide)
        add("POST", f"{CONTROL}/keys/{{key}}/revoke", self._revoke)
        add("GET", f"{CONTROL}/counters", lambda _: json_response(self.operations.counts()))

    def _set_faults(self, request: Request) -> Response:
        self.switches.set(json_object(request.body))
        return json_response(self.switches.all())

    def _show(self, _: Request) -> Response:
        jobs = [{**job.members, **job.shown(), "requests": job.requests} for job in self._jobs.values()]
        return json_response({"jobs": jobs})

    def _decide(self, request: Request) -> Response:
        """{external_id, state}."""
        wishes = json_object(request.body)
        if wishes.get("state") not in STATES:
            raise BadRequest(f"state is one of {', '.join(STATES)}")
        for (_, number), job in self._jobs.items():
            if number == wishes.get("external_id"):
                job.state = wishes["state"]
                return json_response(job.shown())
        raise BadRequest("no such job")

    def _revoke(self, request: Request) -> Response:
        self._revoked.add(request.parameters["key"])
        return json_response({"revoked": len(self._revoked)})


def _key(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key if scheme == "Bearer" else ""


def _members(request: Request) -> dict[str, Any]:
    try:
        return json_object(request.body)
    except BadRequest:
        return {}


def _error(status: int, message: str) -> Response:
    response = json_response({"error": message}, status)
    response.note = message
    return response


def _failed(status: int) -> Response:
    return _error(status, "Too many requests" if status == 429 else "Internal server error")
