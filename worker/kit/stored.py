"""JSON that Postgres holds and Python cannot bear: nested too deeply, or with numbers of thousands of digits.

Postgres reads both. A row with such a value must not spoil the rows that are read together with it.
"""

import json
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import abc
from psycopg.types.json import set_json_loads

LEVELS = 200
"""Far above all that we store, far below what ends a walk through it."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands where the value would; `reason` goes on with "the value …"."""

    reason: str


def mind_json(connection: "psycopg.Connection[Any]") -> None:
    """From now on the connection's columns of type json and jsonb never fail to load."""
    set_json_loads(load, connection)


def load(data: abc.Buffer | str) -> Any:
    """The value, or Unreadable."""
    text = data if isinstance(data, str) else bytes(data).decode()
    try:
        value = json.loads(text)
    except RecursionError:
        return Unreadable(f"is nested deeper than {LEVELS} levels")
    except ValueError:
        return Unreadable("holds a number with thousands of digits")
    if text.count("{") + text.count("[") > LEVELS and deeper(value, LEVELS):
        return Unreadable(f"is nested deeper than {LEVELS} levels")
    return value


def deeper(value: Any, levels: int) -> bool:
    """Whether objects and lists stand deeper in one another, `value` being the first of them."""
    level = [value]
    for _ in range(levels):
        level = [
            member
            for container in level
            for member in (container.values() if isinstance(container, dict) else container)
            if isinstance(member, dict | list)
        ]
        if not level:
            return False
    return True
