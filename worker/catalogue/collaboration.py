"""Tasks of colleagues who judge applications together."""

from typing import Annotated

from pydantic import Field

from worker.kit.tasks import Payload, TaskDefinition


class RemindScorecards(Payload):
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


REMIND_SCORECARDS = TaskDefinition(
    name="collaboration.remind_scorecards",
    payload=RemindScorecards,
    description="Remind who interviewed an applicant a day ago of his own scorecard, if it is not handed in.",
    queue="default",
    priority=7,
    timeout=60,
    expires_after=3600,
    ids_only=True,
)
