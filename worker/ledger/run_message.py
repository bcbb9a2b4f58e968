"""The broker message that names runs to claim. It holds ids and nothing else; a lost one is published again."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

MARK = "intowork.ids"


def arguments(ids: Sequence[UUID]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments of a broker message that names runs to claim."""
    return [MARK, [str(identifier) for identifier in ids]], {}


def named_ids(args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[UUID]:
    """The ids that a run message names; empty when the message is none of ours."""
    if kwargs or len(args) != 2 or args[0] != MARK or not isinstance(args[1], list):
        return []
    try:
        return [UUID(each) for each in args[1]]
    except (AttributeError, TypeError, ValueError):
        return []


def message_id(task_id: object) -> UUID:
    """A message's id; whoever sends one may have named it anything."""
    try:
        return UUID(str(task_id))
    except ValueError:
        return uuid5(NAMESPACE_OID, str(task_id))
