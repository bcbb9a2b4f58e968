"""`intowork dev` and `intowork demo`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from sandbox.access import refuse_production, service_key
from sandbox.console import Screen
from sandbox.demo.play import play
from sandbox.demo.scene import Scene
from sandbox.processes import WATCHDOG, SandboxError
from sandbox.programs import EVERYTHING, PARTS
from sandbox.runs import FinishedRuns
from sandbox.stack import Stack, wait_for_ever
from sandbox.state import own_folder, sole_user, state_folder, wipe
from sandbox.supervisor import Sink, ending_on
from worker.kit.database import Database

POLL_SECONDS = 0.5


_folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the data live (default: .sandbox in the checkout; for root below /var/tmp).",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object per line instead of text.")


@click.command("dev")
@click.option("--fresh", is_flag=True, help="Start with an empty database.")
@click.option("--no-flower", is_flag=True, help="Leave Flower out.")
@click.option("--only", default="", metavar="PARTS", help=f"Start only these, separated by commas: {', '.join(PARTS)}.")
@_folder_option
@_json_option
def dev(*, fresh: bool, no_flower: bool, only: str, folder: Path | None, as_json: bool) -> None:
    """The whole platform on this machine, until Ctrl-C. A second start finds the data of the first."""
    screen = Screen(as_json=as_json)
    with _ending_well(screen), _data("dev", folder, fresh=fresh) as data:
        stack = Stack(data, _parts(only, no_flower=no_flower), usual_ports=True, sink=screen.log, report=screen.step)
        with _running(stack) as database:
            screen.addresses(_addresses(stack, service_key(database, data)))
            _show_runs(stack, screen, database)


@click.command("demo")
@click.option("--check", is_flag=True, help="Play once and stop; exit code 1 when a step fails.")
@_folder_option
@_json_option
def demo(*, check: bool, folder: Path | None, as_json: bool) -> None:
    """What the platform does, shown step by step on an empty database; then it stays up until Ctrl-C."""
    screen = Screen(as_json=as_json)
    passed = False
    with _ending_well(screen), _data("demo", folder, fresh=True) as data:
        stack = Stack(data, usual_ports=True, sink=_quiet(screen, check=check), report=screen.step)
        with _running(stack) as database:
            scene = Scene(stack, database)
            passed = play(scene, screen)
            if not check:
                screen.addresses(_addresses(stack, scene.key))
                _show_runs(stack, screen, database)
    if not passed:
        raise SystemExit(1)


commands: Sequence[click.Command] = (dev, demo)


@contextmanager
def _ending_well(screen: Screen) -> Iterator[None]:
    """Signals unwind; faults are told as a sentence with exit code 1; nothing started here is left."""
    try:
        with ending_on():
            yield
    except SandboxError as error:
        screen.failed("Sandbox", str(error))
        raise SystemExit(1) from error
    finally:
        WATCHDOG.close()


@contextmanager
def _data(name: str, folder: Path | None, *, fresh: bool) -> Iterator[Path]:
    """The data folder of this command, held by this process alone."""
    refuse_production()
    data = own_folder(folder or state_folder()) / name
    with sole_user(data):
        if fresh:
            wipe(data)
        yield data


@contextmanager
def _running(stack: Stack) -> Iterator[Database]:
    stack.start()
    database = Database(stack.url("postgres"), name="intowork-sandbox")
    try:
        yield database
    finally:
        database.close()
        stack.stop()


def _parts(only: str, *, no_flower: bool) -> Mapping[str, int]:
    names = [name.strip() for name in only.split(",") if name.strip()] or list(EVERYTHING)
    return {name: 1 for name in names if not (no_flower and name == "flower")}


def _quiet(screen: Screen, *, check: bool) -> Sink | None:
    """A demonstration's own words come first; with --check only a dead process' last lines are shown."""
    return None if check else screen.log


def _addresses(stack: Stack, key: str) -> list[tuple[str, str]]:
    secrets = stack.secrets
    offers: Mapping[str, Callable[[], list[tuple[str, str]]]] = {
        "api": lambda: [
            ("API documentation", f"{stack.url('api')}/api/docs"),
            ("API", f"{stack.url('api')}/api/tasks"),
            ("Service key", key),
        ],
        "emulators": lambda: [("Mailbox and providers", f"{stack.url('emulators')}/")],
        "flower": lambda: [
            ("Flower", stack.url("flower")),
            ("Flower sign-in", f"intowork / {secrets['flower_password']}"),
        ],
    }
    rows = [row for part, offer in offers.items() if part in stack.parts for row in offer()]
    return [*rows, ("Postgres", stack.url("postgres")), ("Redis", stack.url("redis"))]


def _show_runs(stack: Stack, screen: Screen, database: Database) -> None:
    screen.say("Ctrl-C stops everything. Finished runs:")
    wait_for_ever(stack, POLL_SECONDS, partial(_look, FinishedRuns(database), stack, screen))


def _look(finished: FinishedRuns, stack: Stack, screen: Screen) -> None:
    for run in finished.new():
        screen.run(run, f"{stack.url('api')}/api/tasks/{run['id']}")
