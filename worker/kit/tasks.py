"""What a task is: a stable name, a typed payload and a policy. Handlers live elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from worker.kit.addresses import HIDDEN

QueueName = Literal["operations", "interactive", "default", "bulk", "upkeep"]


# More members than any model has: each unknown one would be a fault of its own.
MOST_MEMBERS = 100


def few(count: int) -> Callable[[Any], Any]:
    """Refuses a list or object with more than `count` items in one fault, before any of them is looked at."""

    def check(value: Any) -> Any:
        if isinstance(value, (list, tuple, dict)) and len(value) > count:
            raise ValueError(f"has {len(value)} items; at most {count} are taken")
        return value

    return check


def at_most(count: int) -> BeforeValidator:
    """For an annotation; it stands before what turns text into a list, because the last one acts first."""
    return BeforeValidator(few(count))


class Payload(BaseModel):
    """Base of every task's payload: immutable, unknown members refused.

    shown: the members whose texts hold ids and words of ours, which whoever looks at a run may read. Numbers and truth
    values may always be read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    shown: ClassVar[frozenset[str]] = frozenset()

    _few = model_validator(mode="before")(few(MOST_MEMBERS))

    @classmethod
    def redacted(cls, stored: Mapping[str, Any]) -> dict[str, Any]:
        """A stored payload, right or wrong, as it may be shown: every other text is hidden, below shown members too."""
        return {name: _redacted(value, shown=name in cls.shown) for name, value in stored.items()}


def _redacted(value: Any, *, shown: bool) -> Any:
    if isinstance(value, Mapping):
        return {name: _redacted(each, shown=False) for name, each in value.items()}
    if isinstance(value, list):
        return [_redacted(each, shown=shown) for each in value]
    return HIDDEN if isinstance(value, str) and not shown else value


@cache
def _schema(payload: type[Payload]) -> Mapping[str, Any]:
    return payload.model_json_schema()


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """One kind of background work.

    timeout and expires_after are in seconds. `batch` is how many runs one broker message may carry: above 1
    only for tasks whose whole work is one database transaction. `ids_only` allows Celery's `send_task`,
    because such a payload may be seen by anyone who can read the broker. `urgent`: somebody waits for its effect,
    which takes the next free slot of a rate limit, before all that stand in line.
    """

    name: str
    payload: type[Payload]
    description: str
    queue: QueueName = "default"
    priority: int = 5
    max_attempts: int = 5
    timeout: int = 60
    expires_after: int = 24 * 3600
    batch: int = 1
    ids_only: bool = False
    urgent: bool = False

    def schema(self) -> Mapping[str, Any]:
        """The payload's JSON Schema (draft 2020-12)."""
        return _schema(self.payload)


@dataclass(frozen=True, slots=True)
class Schedule:
    """rule: cron (minute hour day month weekday). A payload value `"{period}"` becomes the period's nominal
    instant (ISO 8601, UTC). catch_up: `all` missed periods, or only the `latest`; the others stay as skipped.
    """

    name: str
    task: str
    rule: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    catch_up: Literal["all", "latest"] = "latest"


class Catalogue:
    """Every task by name, in the order given."""

    def __init__(self, definitions: Iterable[TaskDefinition]) -> None:
        self._by_name: dict[str, TaskDefinition] = {}
        for definition in definitions:
            if definition.name in self._by_name:
                raise ValueError(f"task {definition.name} is defined twice")
            self._by_name[definition.name] = definition

    def __iter__(self) -> Iterator[TaskDefinition]:
        return iter(self._by_name.values())

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: str) -> TaskDefinition | None:
        return self._by_name.get(name)

    def __getitem__(self, name: str) -> TaskDefinition:
        return self._by_name[name]
