"""The platform's worker with the benchmarks' tasks: `celery -A benchmarks.worker_app worker`."""

from benchmarks.tasks import TASKS
from worker.celery import build_app
from worker.kit.settings import load_settings

app = build_app(TASKS, load_settings())
