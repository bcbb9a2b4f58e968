"""What a person at the terminal sees: prefixed logs, the table of addresses, one line per finished run."""

import itertools
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_cyan", "bright_magenta")
MARKS: Mapping[str, str] = {
    "succeeded": "[green]ok[/]",
    "failed": "[red]failed[/]",
    "cancelled": "[yellow]cancelled[/]",
    "uncertain": "[bold red]uncertain[/]",
}


class Screen:
    """Output for people, or with `as_json` one JSON object per line for programs. Safe to call from any thread."""

    def __init__(self, *, as_json: bool = False, console: Console | None = None) -> None:
        self._as_json = as_json
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._colours: dict[str, str] = {}
        self._cycle = itertools.cycle(COLOURS)
        self._lock = threading.Lock()

    def log(self, name: str, line: str) -> None:
        """One line that a process wrote."""
        if not line.strip():
            return
        with self._lock:
            colour = self._colours.setdefault(name, next(self._cycle))
        self._show({"event": "log", "process": name, "line": line}, f"[{colour}]{name:>12} |[/] {escape(line)}")

    def step(self, name: str, seconds: float) -> None:
        """A part of the platform that is ready."""
        event = {"event": "ready", "part": name, "seconds": round(seconds, 2)}
        self._show(event, f"  [green]✓[/] {name} [dim]{seconds:.1f} s[/]")

    def say(self, sentence: str) -> None:
        self._show({"event": "note", "text": sentence}, escape(sentence))

    def passed(self, title: str, sentence: str) -> None:
        event = {"event": "step", "title": title, "passed": True, "text": sentence}
        self._show(event, f"[green]✓[/] [bold]{escape(title)}[/]  {escape(sentence)}")

    def failed(self, title: str, sentence: str) -> None:
        event = {"event": "step", "title": title, "passed": False, "text": sentence}
        self._show(event, f"[red]✗ {escape(title)}[/]  {escape(sentence)}")

    def addresses(self, rows: Sequence[tuple[str, str]]) -> None:
        """What listens where, and how to get in."""
        if self._as_json:
            self._show({"event": "addresses", **dict(rows)}, "")
            return
        width = max(len(name) for name, _ in rows)
        for name, value in rows:
            self._console.print(f"  [bold]{name:<{width}}[/]  {escape(value)}")

    def run(self, run: Mapping[str, Any], address: str) -> None:
        """A finished run: `run` holds id, task, state, attempt, seconds, finished_at."""
        seconds = run["seconds"]
        took = f"{seconds:.2f} s" if seconds is not None else ""
        line = (
            f"[dim]{run['finished_at'].astimezone():%H:%M:%S}[/]  [bold]{run['task']}[/] #{str(run['id'])[-8:]}"
            f"  try {run['attempt']}  {MARKS.get(run['state'], run['state'])} {took}  [dim]→ {address}[/]"
        )
        self._show({"event": "run", **{name: str(value) for name, value in run.items()}, "address": address}, line)

    def _show(self, event: Mapping[str, Any], markup: str) -> None:
        if self._as_json:
            self._console.out(json.dumps(event, ensure_ascii=False), highlight=False)
        else:
            self._console.print(markup)
