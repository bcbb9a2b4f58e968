"""Starts programs in sessions of their own, watches them, restarts those that should be, leaves none behind."""

import contextlib
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from sandbox.processes import PROBE_SECONDS, WATCHDOG, SandboxError, end, send, wait_until

KEPT_LINES = 50
SHOWN_LINES = 20
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
STEADY_SECONDS = 10.0

Sink = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """`ready` is probed every 50 ms with the process id; without it a started process counts as ready.

    A program with `restart` comes back after any end that was not asked for, as under a container runtime:
    after 0.1 s, doubling to 5 s while it keeps dying within 10 s.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    ready: Callable[[int], bool] | None = None
    ready_seconds: float = 60.0
    stop_seconds: float = 15.0
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Death:
    """An end that nobody asked for. `code` is the exit code, negative for a signal."""

    name: str
    code: int
    lines: Sequence[str]

    def sentence(self) -> str:
        how = f"was killed by {signal.Signals(-self.code).name}" if self.code < 0 else f"ended with code {self.code}"
        said = "\n".join(f"  {line}" for line in self.lines[-SHOWN_LINES:]) or "  (it wrote nothing)"
        return f"{self.name} {how}. Its last lines:\n{said}"


@dataclass
class Child:
    """One program under supervision; `process` is None until the first start."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    started_at: float = 0.0
    restart_at: float | None = None
    pause: float = FIRST_PAUSE
    wanted: bool = True
    starts: int = 0

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Programs by name, in the order of their start. `sink` receives each line a program writes."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink
        self._children: dict[str, Child] = {}
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._monitor: threading.Thread | None = None
        self.deaths: list[Death] = []

    def start(self, program: Program) -> None:
        """Launch without waiting until it is ready."""
        with self._lock:
            child = self._children.setdefault(program.name, Child(program))
            if child.running:
                return
            child.wanted = True
            self._launch(child)
            if self._monitor is None:
                self._monitor = threading.Thread(target=self._watch, name="supervisor", daemon=True)
                self._monitor.start()

    def wait_ready(self, name: str) -> None:
        """Raises SandboxError with the program's last lines when it dies first or takes too long."""
        child = self._children[name]
        probe = child.program.ready
        deaths = len(self.deaths)

        def ready() -> bool:
            process = child.process
            return process is not None and (probe(process.pid) if probe else process.poll() is None)

        def alive() -> bool:
            return not any(death.name == name for death in self.deaths[deaths:]) and child.process is not None

        if wait_until(ready, seconds=child.program.ready_seconds, running=alive):
            return
        for death in self.deaths[deaths:]:
            if death.name == name:
                raise SandboxError(death.sentence())
        said = "\n".join(list(child.lines)[-SHOWN_LINES:])
        raise SandboxError(f"{name} was not ready within {child.program.ready_seconds:.0f} s. Its last lines:\n{said}")

    def pid(self, name: str) -> int | None:
        """The main process while it runs."""
        process = self._children[name].process
        return process.pid if process and process.poll() is None else None

    def starts(self, name: str) -> int:
        """How often it was launched."""
        return self._children[name].starts

    def lines(self) -> list[tuple[str, str]]:
        """The last 50 lines of each program, with its name."""
        return [(name, line) for name, child in self._children.items() for line in tuple(child.lines)]

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal the main process only, as a container runtime does; what follows is the program's `restart`."""
        process = self._children[name].process
        if process:
            send(process, number, group=False)

    def stop(self, *names: str) -> None:
        """SIGTERM to the main processes at once, SIGKILL to what is left of each group after its `stop_seconds`.

        Only the main process is asked: a worker's children would die of the signal that it survives to finish.
        """
        with self._lock:
            children = [self._children[name] for name in names]
            for child in children:
                child.wanted = False
                child.restart_at = None
        for child in children:
            if child.process:
                send(child.process, signal.SIGTERM, group=False)
        until = time.monotonic()
        for child in children:
            if child.process:
                _finish(child.process, until + child.program.stop_seconds - time.monotonic())

    def close(self) -> None:
        """Stop every program. Interrupted a second time, it kills them."""
        self._closing.set()
        if self._monitor and self._monitor is not threading.current_thread():
            self._monitor.join(timeout=5)
        try:
            self.stop(*reversed(self._children))
        except BaseException:
            for child in self._children.values():
                if child.process:
                    end(child.process, [])
            raise

    def fatal(self) -> Death | None:
        """The first unexpected death of a program that does not restart."""
        lasting = {name for name, child in self._children.items() if not child.program.restart}
        return next((death for death in self.deaths if death.name in lasting), None)

    def _launch(self, child: Child) -> None:
        program = child.program
        process = subprocess.Popen(
            list(program.command),
            cwd=program.folder,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        WATCHDOG.guard(process.pid)
        child.process, child.started_at, child.restart_at = process, time.monotonic(), None
        child.starts += 1
        threading.Thread(target=self._read, args=(child, process), name=f"log {program.name}", daemon=True).start()

    def _read(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        with process.stdout as output:
            for raw in output:
                line = raw.decode(errors="replace").rstrip()
                child.lines.append(line)
                if self._sink:
                    self._sink(child.program.name, line)

    def _watch(self) -> None:
        while not self._closing.wait(PROBE_SECONDS):
            with self._lock:
                for child in self._children.values():
                    self._look(child)

    def _look(self, child: Child) -> None:
        if child.wanted and child.restart_at is None and child.process and child.process.poll() is not None:
            self._bury(child, child.process)
        if child.restart_at is not None and time.monotonic() >= child.restart_at:
            self._launch(child)

    def _bury(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        """Record the death, end what is left of its group, and plan the restart."""
        end(process, [])
        self.deaths.append(Death(child.program.name, process.returncode, tuple(child.lines)))
        if not child.program.restart:
            child.wanted = False
            return
        steady = time.monotonic() - child.started_at >= STEADY_SECONDS
        child.pause = FIRST_PAUSE if steady else min(child.pause * 2, LONGEST_PAUSE)
        child.restart_at = time.monotonic() + child.pause


def _finish(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=max(0.05, seconds))
    end(process, [])


@contextlib.contextmanager
def ending_on(
    numbers: Iterable[signal.Signals] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP),
) -> Iterator[None]:
    """Each of these signals ends the block with SystemExit(128 + number), so that what encloses it cleans up."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
