"""Every task has one handler, a description and a test; what runs by the clock is such a task."""

import ast
import inspect
import re
import sys
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from types import FunctionType, ModuleType
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

import tasks
from celeryconfig import QUEUES
from tasks import bound_tasks
from tests.factories.source import Source, attributes, sources
from worker.catalogue.everything import CATALOGUE
from worker.catalogue.schedule import SCHEDULES
from worker.kit.database import Database, query
from worker.kit.settings import Settings
from worker.kit.tasks import Schedule, TaskDefinition
from worker.ledger.handlers import BoundTask
from worker.wiring import Wiring

DEFINITIONS = tuple(CATALOGUE)
LONGEST_HANDLER = 20
NAME = re.compile(r"[a-z_]+\.[a-z_]+")
TESTS = [source for source in sources("tests") if not source.path.startswith("tests/architecture/")]

CONSTANTS = {
    value.name: (noun.removeprefix("worker.catalogue."), name)
    for noun, module in sys.modules.items()
    if noun.startswith("worker.catalogue.")
    for name, value in vars(module).items()
    if isinstance(value, TaskDefinition)
}

every_task = pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
every_schedule = pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.name)


def bound() -> tuple[BoundTask, ...]:
    settings = Settings(database_url="postgresql://nowhere/none")
    return bound_tasks(Wiring(settings))


def function(handler: Any) -> FunctionType:
    inner = handler.func if isinstance(handler, partial) else handler
    assert isinstance(inner, FunctionType)
    return inner


@every_task
def test_a_task_has_exactly_one_handler(definition: TaskDefinition) -> None:
    assert [each.definition for each in bound() if each.definition.name == definition.name] == [definition]


def test_no_handler_is_bound_without_a_task_or_twice() -> None:
    assert [each.definition.name for each in bound() if each.definition.name not in CATALOGUE] == []
    handlers = Counter(function(each.handler) for each in bound())
    assert [handler.__qualname__ for handler, count in handlers.items() if count > 1] == []


def test_every_public_function_of_the_task_files_is_a_handler() -> None:
    handlers = {function(each.handler) for each in bound()}
    modules = [value for value in vars(tasks).values() if isinstance(value, ModuleType)]
    public = {
        value
        for module in modules
        if module.__name__.startswith("tasks.")
        for name, value in vars(module).items()
        if isinstance(value, FunctionType)
        and value.__module__ == module.__name__
        and name != "handlers"
        and not name.startswith("_")
    }
    assert public == handlers


def test_handlers_hold_no_logic() -> None:
    lengths = {each.definition.name: len(inspect.getsourcelines(function(each.handler))[0]) for each in bound()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_HANDLER} == {}


@every_task
def test_a_task_is_described(definition: TaskDefinition) -> None:
    assert len(definition.description) >= 30
    assert definition.description.endswith(".")
    assert NAME.fullmatch(definition.name)


@every_task
def test_a_test_names_the_task(definition: TaskDefinition) -> None:
    assert any(names(source, definition) for source in TESTS), f"no file below tests/ names {definition.name}"


def names(source: Source, definition: TaskDefinition) -> bool:
    """Whether a file says the task's name, or its constant with the catalogue's file for it (`upkeep.PRUNE`)."""
    if definition.name in source.text:
        return True
    module, constant = CONSTANTS[definition.name]
    return any(text == f"{module}.{constant}" for text, _ in attributes(source)) or any(
        isinstance(node, ast.ImportFrom)
        and node.module == f"worker.catalogue.{module}"
        and constant in [alias.name for alias in node.names]
        for node in source.tree.body
    )


@every_task
def test_a_payload_refuses_what_it_does_not_know(definition: TaskDefinition) -> None:
    assert definition.payload.model_config.get("extra") == "forbid"
    assert definition.payload.model_config.get("frozen") is True


@every_task
def test_a_payload_for_send_task_holds_ids_only(definition: TaskDefinition) -> None:
    if definition.ids_only:
        assert not_ids(definition.payload) == []


def not_ids(payload: type[BaseModel]) -> list[str]:
    """Members whose values could carry what a reader of the broker must not see."""
    harmless = (int, int | None, bool, UUID)
    return [name for name, member in payload.model_fields.items() if member.annotation not in harmless]


@every_task
def test_a_task_has_room_to_run(definition: TaskDefinition) -> None:
    assert 0 <= definition.priority <= 9
    assert definition.max_attempts >= 1
    assert definition.timeout <= definition.expires_after


@every_task
def test_a_task_is_on_a_queue_that_workers_consume(definition: TaskDefinition) -> None:
    assert definition.queue in QUEUES


def test_every_queue_has_its_row(database: Database) -> None:
    with database.transaction() as connection:
        rows = {row["name"] for row in query(connection, "select name from queues")}
    assert rows == set(QUEUES) - {"celery"}


@every_schedule
def test_a_schedule_names_a_task_and_its_payload_fits(schedule: Schedule) -> None:
    period = datetime(2028, 2, 29, 8, tzinfo=UTC).isoformat()
    payload = {name: period if value == "{period}" else value for name, value in schedule.payload.items()}
    CATALOGUE[schedule.task].payload.model_validate(payload)


def test_schedules_have_names_of_their_own() -> None:
    assert len({schedule.name for schedule in SCHEDULES}) == len(SCHEDULES)
