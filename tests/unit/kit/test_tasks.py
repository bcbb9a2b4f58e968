"""What of a payload may be shown."""

from typing import Any

import pytest

from worker.catalogue.everything import CATALOGUE
from worker.kit.tasks import Payload, TaskDefinition


class Asked(Payload):
    shown = frozenset({"batch_id", "job_ids", "frequency"})

    batch_id: str
    job_ids: list[Any]
    frequency: str
    to: str


STORED: dict[str, Any] = {
    "application_id": 7,
    "batch_id": "0190-abc",
    "job_ids": ["a", 1, {"id": "y"}],
    "paid": "yes, by Ada",
    "frequency": "daily",
    "to": "ada@example.org",
    "urgent": True,
    "score": 1.5,
    "nothing": None,
    "values": {"first_name": "Ada", "frequency": "x", "list": ["x", {"id": "y", "note": 2}]},
}


def test_a_shown_payload_hides_text_and_keeps_declared_members_and_numbers() -> None:
    assert Asked.redacted(STORED) == {
        "application_id": 7,
        "batch_id": "0190-abc",
        "job_ids": ["a", 1, {"id": "•••"}],
        "paid": "•••",
        "frequency": "daily",
        "to": "•••",
        "urgent": True,
        "score": 1.5,
        "nothing": None,
        "values": {"first_name": "•••", "frequency": "•••", "list": ["•••", {"id": "•••", "note": 2}]},
    }


def test_nothing_is_shown_that_no_payload_declares() -> None:
    assert Payload.redacted({"id": "7", "kind": "x", "n": 7}) == {"id": "•••", "kind": "•••", "n": 7}


@pytest.mark.parametrize("task", CATALOGUE, ids=lambda task: task.name)
def test_a_payload_shows_members_that_it_has(task: TaskDefinition) -> None:
    assert task.payload.shown <= set(task.payload.model_fields)


@pytest.mark.parametrize(
    "name", ["recipient", "subject", "text", "html", "reply_to", "values", "tone", "instructions", "reason"]
)
def test_no_payload_shows_what_people_wrote(name: str) -> None:
    assert [task.name for task in CATALOGUE if name in task.payload.shown] == []
