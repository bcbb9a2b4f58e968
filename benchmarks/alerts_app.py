"""The platform's worker with the tasks of alerts alone: `celery -A benchmarks.alerts_app worker`.

Mail stays where it is stored: no worker knows the tasks that would deliver it.
"""

from tasks import bound_tasks
from worker.celery import build_app
from worker.kit.settings import load_settings
from worker.wiring import Wiring

KEPT = ("alerts.", "upkeep.alerts")

_settings = load_settings()
app = build_app(
    [bound for bound in bound_tasks(Wiring(_settings)) if bound.definition.name.startswith(KEPT)], _settings
)
