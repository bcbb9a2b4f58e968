"""What a step of the demonstration is and what it can reach."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from sandbox.stack import Stack
from worker.kit.database import Database

PROBE_SECONDS = 0.1


class StepFailed(Exception):
    """A step did not end as promised: a sentence with what was expected and what was found."""


@dataclass
class Scene:
    """The running platform, seen from outside: through its API with a service key, and through its database.

    `template`: the one that the recruiter of the demonstration has saved. `interviews`: the answer to each, with the
    candidate's `email`, by the calendar's name in routes.
    """

    stack: Stack
    database: Database
    key: str = ""
    runs: list[str] = field(default_factory=list)
    template: int = 0
    interviews: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request to the API as the service key's holder."""
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return requests.request(method, self.stack.url("api") + path, headers=headers, timeout=35, **options)

    def finished(self, run_id: str, *, seconds: float) -> Mapping[str, Any]:
        """The run once it has ended; StepFailed when it has not after so long."""
        until = time.monotonic() + seconds
        while True:
            answer = expect(self.call("GET", f"/api/tasks/{run_id}"), 200).json()
            if answer["finished_at"]:
                return dict(answer)
            if time.monotonic() > until:
                raise StepFailed(f"Run {run_id} is still {answer['status']} after {seconds:.0f} s.")
            time.sleep(PROBE_SECONDS)


@dataclass(frozen=True, slots=True)
class Step:
    """`act` tells in a sentence what happened, or raises StepFailed."""

    title: str
    act: Callable[[Scene], str]


def expect(answer: requests.Response, status: int) -> requests.Response:
    """The answer itself when it has this status."""
    if answer.status_code != status:
        raise StepFailed(f"{answer.request.method} {answer.url} answered {answer.status_code}: {answer.text[:300]}")
    return answer


def expect_state(run: Mapping[str, Any], state: str) -> None:
    if run["state"] != state:
        error = (run.get("error") or {}).get("message", "no error is recorded")
        raise StepFailed(f"Run {run['id']} of {run['task']} ended {run['state']} instead of {state}: {error}")
