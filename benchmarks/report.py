"""What a benchmark says: a table for people, and one JSON object as the last line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal in words with what was measured."""

    value: float
    goal: str
    holds: bool


@dataclass
class Report:
    """Figures by name, in the order they were measured, and the goals they are held against."""

    name: str
    conditions: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    goals: dict[str, Goal] = field(default_factory=dict)

    def figure(self, name: str, value: float, unit: str, details: Mapping[str, Any] | None = None) -> None:
        self.figures[name] = {"value": _rounded(value), "unit": unit, **(details or {})}

    def at_most(self, name: str, value: float, bound: float, unit: str = "") -> None:
        self.goals[name] = Goal(_rounded(value), f"<= {bound:g} {unit}".strip(), value <= bound)

    def at_least(self, name: str, value: float, bound: float, unit: str = "") -> None:
        self.goals[name] = Goal(_rounded(value), f">= {bound:g} {unit}".strip(), value >= bound)

    def as_json(self) -> str:
        return json.dumps(
            {
                "benchmark": self.name,
                "conditions": self.conditions,
                "figures": self.figures,
                "goals": {
                    name: {"value": goal.value, "goal": goal.goal, "holds": goal.holds}
                    for name, goal in self.goals.items()
                },
            }
        )

    def show(self, *, table: bool = True) -> None:
        """Print; the JSON object is always the last line."""
        if table:
            console = Console()
            console.print(self._figures())
            console.print(self._goals())
        print(self.as_json())

    def _figures(self) -> Table:
        table = Table("figure", "value", "unit", "details", title=f"{self.name}: figures")
        for name, facts in self.figures.items():
            rest = {key: value for key, value in facts.items() if key not in {"value", "unit"}}
            table.add_row(name, f"{facts['value']:,}", facts["unit"], json.dumps(rest) if rest else "")
        return table

    def _goals(self) -> Table:
        table = Table("goal", "wanted", "measured", "", title=f"{self.name}: goals")
        for name, goal in self.goals.items():
            table.add_row(name, goal.goal, f"{goal.value:,}", "holds" if goal.holds else "FALLS SHORT")
        return table


def _rounded(value: float) -> float:
    return round(value, 4) if abs(value) < 100 else round(value)
