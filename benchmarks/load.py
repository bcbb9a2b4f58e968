"""Requests from a process of its own, whose CPU nobody counts: an order as JSON on standard input, answers as JSON.

Run as `python -m benchmarks.load`; `send` starts it.
"""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.stack import CHECKOUT, Stack
from sandbox.processes import LOOPBACK

EXPECTED = frozenset({200, 202})


@dataclass(frozen=True, slots=True)
class Order:
    """`count` equal POST requests over `connections` kept-alive connections.

    rate: requests per second at fixed instants; without it each connection sends as soon as it was answered.
    keys: service keys in turn, one per connection, because the API limits how much one key may ask.
    """

    port: int
    path: str
    body: str
    count: int
    connections: int
    keys: Sequence[str]
    rate: float | None = None
    wait: int | None = None

    def headers(self, place: int) -> dict[str, str]:
        """The headers of the connection number `place`."""
        key = self.keys[place % len(self.keys)]
        made = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        return made if self.wait is None else {**made, "Prefer": f"wait={self.wait}"}


@dataclass(frozen=True, slots=True)
class Answer:
    """sent: seconds since 1970; took: seconds until the whole answer was read."""

    sent: float
    took: float
    status: int
    body: Mapping[str, Any]


def send(stack: Stack, order: Order) -> list[Answer]:
    """Carry out an order in another process. Raises RuntimeError when an answer is no success."""
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
        env=stack.environment,
    )
    if finished.returncode:
        raise RuntimeError(f"The sender failed:\n{finished.stderr}")
    answers = [Answer(**each) for each in json.loads(finished.stdout)]
    for answer in answers:
        if answer.status not in EXPECTED:
            raise RuntimeError(f"The API answered {answer.status}: {answer.body}")
    return answers


def carry_out(order: Order) -> list[Answer]:
    """In this process; every connection is open before the first request goes out."""
    with ThreadPoolExecutor(order.connections) as threads:
        begin = time.time() + 0.2
        parts = threads.map(lambda place: _one_connection(order, place, begin), range(order.connections))
        return [answer for part in parts for answer in part]


def _one_connection(order: Order, place: int, begin: float) -> list[Answer]:
    connection = http.client.HTTPConnection(LOOPBACK, order.port, timeout=60)
    connection.connect()
    answers = []
    headers = order.headers(place)
    for number in range(place, order.count, order.connections):
        due = begin + (number / order.rate if order.rate else 0.0)
        time.sleep(max(0.0, due - time.time()))
        answers.append(_request(connection, order, headers))
    connection.close()
    return answers


def _request(connection: http.client.HTTPConnection, order: Order, headers: Mapping[str, str]) -> Answer:
    sent, began = time.time(), time.perf_counter()
    connection.request("POST", order.path, order.body, headers)
    response = connection.getresponse()
    body = response.read()
    took = time.perf_counter() - began
    return Answer(sent, took, response.status, json.loads(body))


def main() -> None:
    order = Order(**json.loads(sys.stdin.read()))
    print(json.dumps([asdict(answer) for answer in carry_out(order)]))


if __name__ == "__main__":
    main()
