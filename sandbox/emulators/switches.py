"""Faults on demand: named switches with defaults, drawn from a seeded generator."""

import random
import threading
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.web import BadRequest


class Switches:
    """A number is the share of requests that meets the fault (0 to 1).

    Two names exist for every provider: `seed` makes the draws repeatable, and `times` is how many faults are
    drawn before the provider works again (None: no end).
    """

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        self._defaults = {**defaults, "seed": None, "times": None}
        self._guard = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self.set({})

    def set(self, values: Mapping[str, Any]) -> None:
        """Replace all switches: what is not named falls back to its default."""
        unknown = sorted(set(values) - set(self._defaults))
        if unknown:
            raise BadRequest(f"unknown switches {', '.join(unknown)}; known: {', '.join(sorted(self._defaults))}")
        with self._guard:
            self._values = {**self._defaults, **values}
            self._random = random.Random(self._values["seed"])

    def all(self) -> dict[str, Any]:
        return dict(self._values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def hits(self, name: str) -> bool:
        """Draw the switch `name` once."""
        if not self._values[name]:
            return False
        return self.draw(float(self._values[name]))

    def draw(self, share: float) -> bool:
        with self._guard:
            left = self._values["times"]
            if left == 0 or self._random.random() >= share:
                return False
            if left is not None:
                self._values["times"] = left - 1
            return True
