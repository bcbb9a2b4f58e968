"""The demonstration: the steps in their order."""

from collections.abc import Sequence

import requests
from sqlalchemy.exc import SQLAlchemyError

from sandbox.console import Screen
from sandbox.demo import (
    alerts,
    collaboration,
    connections,
    emails,
    intake,
    interview_changes,
    interviews,
    partners,
    publishing,
    recommendations,
    searches,
)
from sandbox.demo.scene import Scene, Step, StepFailed

STEPS: Sequence[Step] = (
    *intake.STEPS,
    *alerts.CALM_STEPS,
    *searches.STEPS,
    *emails.STEPS,
    *connections.STEPS,
    *interviews.STEPS,
    *interview_changes.STEPS,
    *publishing.STEPS,
    *partners.STEPS,
    *collaboration.STEPS,
    *recommendations.STEPS,
    *intake.CALM_END,
    *alerts.STORM_STEPS,
)
FAULTS = (StepFailed, requests.RequestException, SQLAlchemyError, KeyError, ValueError)


def play(scene: Scene, screen: Screen, steps: Sequence[Step] = STEPS) -> bool:
    """Whether every step succeeded; what follows a failed step is not played, because it builds on it."""
    for step in steps:
        try:
            screen.passed(step.title, step.act(scene))
        except FAULTS as error:
            screen.failed(step.title, _sentence(error))
            return False
    return True


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, StepFailed) else f"{type(error).__name__}: {error}"
