"""`python -m api_min`: the API's processes.

The application is imported once, before they are forked, so that they share its memory and a wrong setting ends the
start with its sentence. granian's own command leaves a worker deaf to SIGTERM while it loads the application.
"""

import signal

import click
from flask_openapi.openapi import OpenAPI
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from api_min import create_app
from api_min.request_parsing import HEAD_LIMIT
from worker.kit.settings import load_settings

# More connections per process than a proxy keeps open: beyond it granian accepts none, not even a health check's.
BACKPRESSURE = 1024
# Longer than the longest wait for a run that a request may ask for (30 s), shorter than the container's grace period.
KILL_SECONDS = 35
HEADER_MILLISECONDS = 10_000


def load(_target: str) -> OpenAPI:
    """In a fresh process: stop at once when told to until granian listens for signals itself."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    return create_app()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def main(host: str, port: int, workers: int) -> None:
    """Serve the API with API_THREADS threads in each process."""
    settings = load_settings()
    server = Server(
        "api_min",
        host,
        port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=settings.api_threads,
        backpressure=BACKPRESSURE,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=4 * HEAD_LIMIT),
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_SECONDS,
    )
    server.serve(target_loader=load)


if __name__ == "__main__":
    main()
