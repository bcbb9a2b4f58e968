"""The platform's own tasks and the tests' in one worker: `celery -A tests.factories.chaos_app worker`."""

from tasks import bound_tasks
from tests.factories.worker_tasks import TASKS as TEST_TASKS
from worker.celery import build_app
from worker.kit.settings import load_settings
from worker.wiring import Wiring

SETTINGS = load_settings()
TASKS = (*bound_tasks(Wiring(SETTINGS)), *TEST_TASKS)

app = build_app(TASKS, SETTINGS)
