"""A partner's program that receives webhooks: it checks nothing, keeps what came, and answers as it is told to.

/receiver/{name}: any name is a receiver of its own.

Below /_emulator/receiver:
GET, PUT faults: the switches (SWITCHES); `only` names the receivers that meet faults.
GET deliveries?name=: what came, in order: receiver, headers (in lower case), body (text), answer (its status).
GET counters: deliveries by receiver.
"""

import threading
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.operations import FAULTS, Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, Router, json_object, json_response

SWITCHES: Mapping[str, Any] = {
    **FAULTS,
    "accepted": None,  # the JSON of a usual answer, such as {id, url}; None: 204 without a body
    "answer": None,  # {status, text?, headers?}: given instead, `times` times
}
CONTROL = "/_emulator/receiver"
KEPT = 10_000


class Receiver:
    name = "receiver"

    def __init__(self) -> None:
        self.switches = Switches(SWITCHES)
        self.operations = Operations(self.switches)
        self._guard = threading.Lock()
        self._deliveries: list[dict[str, Any]] = []
        self._routes = Router()
        self._routes.add("POST", "/receiver/{name}", self._receive)
        self._controls = Router()
        self._add_controls()

    def answer(self, request: Request) -> Response:
        return self._routes.answer(request)

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _receive(self, request: Request) -> Response:
        return self.operations.run(request.parameters["name"], request, self._take, _failed)

    def _take(self, request: Request) -> Response:
        response = self._answer(request)
        kept = {
            "receiver": request.parameters["name"],
            "headers": dict(request.headers),
            "body": request.body.decode("utf-8", "replace"),
            "answer": int(response.status),
        }
        with self._guard:
            self._deliveries = [*self._deliveries[-KEPT:], kept]
        return response

    def _answer(self, request: Request) -> Response:
        told = self.switches["answer"]
        if told and self.operations.meets(request.parameters["name"]) and self.switches.draw(1.0):
            return Response(int(told["status"]), str(told.get("text", "")).encode(), dict(told.get("headers", {})))
        accepted = self.switches["accepted"]
        return Response(204) if accepted is None else json_response(accepted)

    def _add_controls(self) -> None:
        add = self._controls.add
        add("GET", f"{CONTROL}/faults", lambda _: json_response(self.switches.all()))
        add("PUT", f"{CONTROL}/faults", self._set_faults)
        add("GET", f"{CONTROL}/deliveries", self._show)
        add("GET", f"{CONTROL}/counters", lambda _: json_response(self.operations.counts()))

    def _set_faults(self, request: Request) -> Response:
        self.switches.set(json_object(request.body))
        return json_response(self.switches.all())

    def _show(self, request: Request) -> Response:
        name = request.query.get("name")
        with self._guard:
            found = [each for each in self._deliveries if name in (None, each["receiver"])]
        return json_response({"deliveries": found})


def _failed(status: int) -> Response:
    return json_response({"error": "the receiver failed"}, status)
