"""A worker with tasks of the tests' own: `celery -A tests.factories.worker_app worker`."""

from tests.factories.worker_tasks import TASKS
from worker.celery import build_app
from worker.kit.settings import load_settings

app = build_app(TASKS, load_settings())
