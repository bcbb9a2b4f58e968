"""Resend's webhooks: what became of each mail taken, signed as Svix signs, with its bad habits on demand."""

import base64
import hmac
import json
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import requests

from sandbox.emulators.resend.store import Message
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, json_object, json_response

SECRET = "whsec_" + base64.b64encode(b"the emulator signs webhooks with it").decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"the secret that was or will be used").decode()
SWITCHES: Mapping[str, Any] = {
    "url": None,  # where to; nothing is sent without
    "secret": SECRET,
    "duplicates": 0.0,  # share of deliveries that come twice, under the same id
    "disorder": 0.0,  # share of requests for mail whose events come in any order
    "old": 0.0,  # share of deliveries whose signature is ten minutes old
    "two_signatures": 0.0,  # share of deliveries signed with another secret as well
    "opened": False,  # people open what arrives
}
OLD = 600
TRIES = 6
FIRST_PAUSE = 0.1
IDLE = 2.0
KEPT = 1000

# What becomes of a mail is told by the beginning of its address, as with Resend's own test addresses.
FATES: Mapping[str, tuple[str, ...]] = {
    "bounced": ("sent", "bounced"),
    "softbounced": ("sent", "delivery_delayed", "bounced"),
    "complained": ("sent", "delivered", "complained"),
    "failed": ("failed",),
    "suppressed": ("suppressed",),
}
USUAL = ("sent", "delivered")
DETAILS: Mapping[str, Mapping[str, Any]] = {
    "bounced": {"bounce": {"type": "Permanent", "subType": "General", "message": "550 5.1.1 The address is unknown."}},
    "softbounced": {"bounce": {"type": "Transient", "subType": "MailboxFull", "message": "The mailbox is full."}},
    "failed": {"failed": {"reason": "reached_daily_quota"}},
    "suppressed": {"suppressed": {"type": "OnAccountSuppressionList", "message": "The address is suppressed."}},
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way. age: how many seconds ago it claims to be signed."""

    id: str
    type: str
    email_id: str
    body: bytes
    age: int = 0
    secrets: tuple[str, ...] = (SECRET,)
    tries: int = 0

    def headers(self) -> dict[str, str]:
        instant = int(time.time()) - self.age
        signed = f"{self.id}.{instant}.".encode() + self.body
        return {
            "content-type": "application/json",
            "user-agent": "Svix-Webhooks/emulated",
            "svix-id": self.id,
            "svix-timestamp": str(instant),
            "svix-signature": " ".join(_signature(secret, signed) for secret in self.secrets),
        }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


class Webhooks:
    """Sends from a thread of its own, which lives while there is something to send."""

    def __init__(self) -> None:
        self.switches = Switches(SWITCHES)
        self._guard = threading.Lock()
        self._queue: queue.Queue[Delivery] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._answers: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._open = 0

    def accepted(self, messages: Sequence[Message]) -> None:
        """Report what becomes of mails just taken."""
        if not self.switches["url"]:
            return
        steps = max(len(_fate(message)) for message in messages) + 1
        planned = [
            (message, fate[step])
            for step in range(steps)
            for message in messages
            if step < len(fate := self._events(message))
        ]
        if self.switches.hits("disorder"):
            random.shuffle(planned)
        for message, type_ in planned:
            self._send_later(self._spoiled(_delivery(message, type_)))

    def _events(self, message: Message) -> tuple[str, ...]:
        fate = _fate(message)
        return (*fate, "opened") if self.switches["opened"] and "delivered" in fate else fate

    def _spoiled(self, delivery: Delivery) -> Delivery:
        secret = self.switches["secret"]
        secrets = (OTHER_SECRET, secret) if self.switches.hits("two_signatures") else (secret,)
        return replace(delivery, secrets=secrets, age=OLD if self.switches.hits("old") else 0)

    def _send_later(self, delivery: Delivery) -> None:
        for _ in range(2 if self.switches.hits("duplicates") else 1):
            with self._guard:
                self._open += 1
                self._queue.put(delivery)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="resend-webhooks", daemon=True)
                    self._thread.start()

    def _work(self) -> None:
        with requests.Session() as session:
            while True:
                try:
                    delivery = self._queue.get(timeout=IDLE)
                except queue.Empty:
                    if self._leave():
                        return
                    continue
                self._deliver(session, delivery)

    def _leave(self) -> bool:
        with self._guard:
            if not self._queue.empty():
                return False
            self._thread = None
            return True

    def _deliver(self, session: requests.Session, delivery: Delivery) -> None:
        status = self._post(session, delivery)
        if status // 100 != 2 and delivery.tries + 1 < TRIES and self.switches["url"]:
            time.sleep(FIRST_PAUSE * 2**delivery.tries)
            # A repetition is signed anew.
            self._queue.put(replace(delivery, tries=delivery.tries + 1, age=0))
            return
        with self._guard:
            self._open = max(0, self._open - 1)

    def _post(self, session: requests.Session, delivery: Delivery) -> int:
        """The answer's status; 0 when there was none."""
        url = self.switches["url"]
        if not url:
            return 0
        try:
            answer = session.post(
                url, data=delivery.body, headers=delivery.headers(), timeout=15, allow_redirects=False
            )
            status = answer.status_code
        except requests.RequestException:
            status = 0
        self._answers.append(
            {"id": delivery.id, "type": delivery.type, "email_id": delivery.email_id, "status": status}
        )
        return status

    def end(self) -> None:
        """Forget what is still to be sent."""
        self.switches.reset()
        with self._guard:
            while not self._queue.empty():
                self._queue.get_nowait()
            self._open = 0
            self._answers.clear()

    def show(self, _: Request) -> Response:
        return json_response({**self.switches.all(), "open": self._open, "deliveries": list(self._answers)})

    def configure(self, request: Request) -> Response:
        self.switches.set(json_object(request.body))
        return self.show(request)

    def send_now(self, message: Message, wishes: Mapping[str, Any]) -> Response:
        """One event at once, as often as `times` says; {type, id?, age?, two_signatures?, times?, data?}."""
        if not self.switches["url"] or not isinstance(wishes.get("type"), str):
            raise BadRequest("set the webhooks' url first, and name the event's type: {type: delivered}")
        delivery = _delivery(message, wishes["type"], wishes.get("data") or {})
        secret = self.switches["secret"]
        delivery = replace(
            delivery,
            id=wishes.get("id") or delivery.id,
            age=int(wishes.get("age") or 0),
            secrets=(OTHER_SECRET, secret) if wishes.get("two_signatures") else (secret,),
        )
        with requests.Session() as session:
            statuses = [self._post(session, delivery) for _ in range(int(wishes.get("times") or 1))]
        return json_response({"id": delivery.id, "statuses": statuses})


def _kind(message: Message) -> str:
    local = message.to[0].rpartition("<")[2].partition("@")[0].lower()
    return local.partition("+")[0].partition(".")[0]


def _fate(message: Message) -> tuple[str, ...]:
    return FATES.get(_kind(message), USUAL)


def _delivery(message: Message, type_: str, data: Mapping[str, Any] | None = None) -> Delivery:
    details = DETAILS.get(_kind(message) if type_ == "bounced" and _kind(message) in DETAILS else type_, {})
    now = datetime.now(UTC)
    body = {
        "type": f"email.{type_}",
        "created_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {
            "email_id": message.id,
            "message_id": f"<{message.id}@emulator.invalid>",
            "created_at": (now - timedelta(seconds=1)).isoformat(),
            "from": message.sender,
            "to": list(message.to),
            "subject": message.subject,
            "tags": dict(message.tags),
            **details,
            **(data or {}),
        },
    }
    return Delivery(f"msg_{uuid4().hex}", f"email.{type_}", message.id, json.dumps(body).encode())
