"""What is too long is one fault: none of its items is looked at."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from api_min.schemas.alert_criteria import LONGEST_LIST, AlertCriteria
from api_min.schemas.email_templates import MOST_APPLICATIONS, MOST_VALUES, PreviewRequest, SendRequest
from api_min.schemas.job_alerts import NewJobAlert
from api_min.schemas.tasks import MOST_IN_BATCH, NewTask, NewTasks
from worker.kit.tasks import MOST_MEMBERS, Payload

UNKNOWN = {f"member_{number}": 0 for number in range(MOST_MEMBERS + 1)}


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (AlertCriteria, {"keywords": [{}] * (LONGEST_LIST + 1)}),
        (AlertCriteria, {"job_types": [{}] * (LONGEST_LIST + 1)}),
        (AlertCriteria, {"location_types": [{}] * (LONGEST_LIST + 1)}),
        (PreviewRequest, {"values": {str(number): {} for number in range(MOST_VALUES + 1)}}),
        (SendRequest, {"application_ids": ["no id"] * (MOST_APPLICATIONS + 1)}),
        (NewTasks, {"tasks": [{}] * (MOST_IN_BATCH + 1)}),
        (NewTask, UNKNOWN),
        (NewJobAlert, UNKNOWN),
        (Payload, UNKNOWN),
    ],
)
def test_what_is_too_long_is_one_fault(model: type[BaseModel], given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    assert [fault["msg"].partition(";")[2] for fault in caught.value.errors()] == [
        f" at most {_bound(given)} are taken"
    ]


def _bound(given: dict[str, Any]) -> int:
    [longest] = [given] if len(given) > 1 else given.values()
    return len(longest) - 1
