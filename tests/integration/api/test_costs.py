"""What a request may cost: whatever a candidate, a recruiter or a stranger sends to whichever route."""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlencode

import pytest
from flask_openapi.openapi import OpenAPI
from pydantic import SecretStr

from api_min.documents import openapi_document
from sandbox.postgres import EmbeddedPostgres
from sandbox.programs import descendants
from tests.factories import main_web_app
from tests.factories.api import Api, token
from tests.integration.api.hostile import Document, Operation, Request, requests
from tests.means import MEMORY_METER
from worker.kit.database import raw
from worker.kit.settings import Settings

SHARES = 6
# A crowded machine makes a try dearer, never cheaper.
TRIES = 3
SECONDS = 1.0
MEGABYTES = 100.0
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
RECRUITER, CANDIDATE = 1, 2
FOR_RECRUITERS = ("/api/email-templates", "/api/interviews", "/api/applications")
ALERT = {"name": "Python", "criteria": {"keywords": ["python"]}}
INTERVIEW = {"application_id": 1, "title": "Entretien", "scheduled_at": "2035-03-01T10:00:00Z"}
TEMPLATE = {"name": "Bienvenue", "type": "welcome_candidate", "subject": "Bienvenue", "body": "<p>Bonjour</p>"}

pytestmark = MEMORY_METER.mark


@dataclass
class Meter:
    """CPU seconds of this process and of Postgres, and how far this process' memory rose above where it was (MB)."""

    postgres: int
    seconds: float = 0.0
    megabytes: float = 0.0

    def __enter__(self) -> Self:
        Path("/proc/self/clear_refs").write_text("5")
        self._memory = _memory("VmRSS")
        self._began = self._cpu()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = self._cpu() - self._began
        self.megabytes = _memory("VmHWM") - self._memory

    @property
    def is_dear(self) -> bool:
        return self.seconds > SECONDS or self.megabytes > MEGABYTES

    def _cpu(self) -> float:
        return time.process_time() + sum(map(_ticks, _children(self.postgres))) / TICKS


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def _children(pid: int) -> list[int]:
    """Every backend is a child of the postmaster itself; a kernel that lists them is asked, not all of /proc."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return descendants(pid)


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With everything that lets a request go further."""
    return settings.model_copy(update={"anthropic_api_key": SecretStr("sk-ant-test")})


@pytest.fixture
def callers(api: Api) -> dict[str, Api]:
    """Those who may hurt us, with one alert, template and interview of their own; no limit of requests protects us
    here.
    """
    with api.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
        main_web_app.insert_application(raw(connection), main_web_app.insert_job(raw(connection), "Comptable"), 1)
    api.app.extensions["intowork.tally"].hit = lambda *_, **__: True
    return {
        "candidate": api.with_token(token(sub=str(CANDIDATE))),
        "recruiter": api.with_token(token(sub=str(RECRUITER))),
    }


@pytest.fixture
def ids(callers: dict[str, Api]) -> dict[str, str]:
    alert = callers["candidate"].post("/api/job-alerts", ALERT)
    template = callers["recruiter"].post("/api/email-templates", TEMPLATE)
    interview = callers["recruiter"].post("/api/interviews", INTERVIEW)
    return {
        "alert_id": str(alert.json["id"]),
        "template_id": str(template.json["id"]),
        "interview_id": str(interview.json["id"]),
        "application_id": "1",
        "note_id": "0",
        "type": "custom",
        "run_id": "00000000-0000-4000-8000-000000000000",
    }


def send(caller: Api, request: Request) -> int:
    options = {} if request.body is None else {"data": request.body, "content_type": request.content_type}
    answer = caller.call(
        request.method,
        quote(request.path, safe="/%"),
        query_string=urlencode(request.query),
        # Nobody works here: a route must not wait for its run.
        headers={"Prefer": "respond-async"},
        **options,
    )
    status: int = answer.status_code
    return status


def operations(app: OpenAPI, document: Document, share: int) -> list[Operation]:
    """Every operation is in one of the shares: those of the document, and pages, of which it says nothing."""
    described = {(method, path) for method, path, _ in document.operations}
    pages: list[Operation] = [
        (method, path, {})
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if (method, path := re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)) not in described
    ]
    return [*document.operations, *pages][share::SHARES]


@pytest.mark.parametrize("share", range(SHARES))
def test_no_request_costs_more_than_a_second_or_a_hundred_megabytes(
    api: Api, callers: dict[str, Api], ids: dict[str, str], postgres_server: EmbeddedPostgres, share: int
) -> None:
    document = Document(openapi_document(api.app))
    dear, faults = [], []
    for operation in operations(api.app, document, share):
        # What serves neither of them is refused to the candidate.
        name = "recruiter" if operation[1].startswith(FOR_RECRUITERS) else "candidate"
        for number, request in enumerate(requests(document, operation, ids)):
            for _ in range(TRIES):
                with Meter(postgres_server.pid or 0) as meter:
                    status = send(callers[name], request)
                if not meter.is_dear:
                    break
            told = f"{name} {request.method} {request.path[:60]} ({request.what}): {status}"
            if meter.is_dear:
                dear.append(f"{told}, {meter.seconds:.2f} s, {meter.megabytes:.0f} MB")
            if status >= 500:
                faults.append(told)
            if number == 0 and status == 403:
                break
    assert dear == []
    assert faults == []
