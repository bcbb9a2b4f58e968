"""Writing what a request asks for once, however often it is repeated under its key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from api_min.auth import Caller
from api_min.context import context
from api_min.errors import CONFLICT, ApiError
from api_min.limits import check_limit
from worker.kit.commits import certainly
from worker.ledger import answers
from worker.ledger.answers import Earlier, Key

# Seconds for which a request whose commit got no answer asks whether it was carried out.
ASK_FOR = 10.0
# What a person's answers may take of the database while they are kept: some 200 MB, at a template's full length.
KEPT = "2000 per day"

T = TypeVar("T")
Work = Callable[[Connection], T]


class AnsweredBefore(Exception):
    """The request was carried out before: `answer` is what was kept of it."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__("this request was answered before")
        self.answer = answer


class KeyTakenError(Exception):
    """Another request with the same key was faster."""


@dataclass(frozen=True, slots=True)
class Repeatable(Generic[T]):
    """A request that may come again under its key (None: it has none).

    keep: from what the request made, the answer that its repetitions get; called in the transaction that makes it.
    """

    key: Key | None
    keep: Callable[[T], Mapping[str, Any]]


def earlier(key: Key | None) -> Earlier | None:
    """What was asked for under this key before. Raises ApiError 409 when it was something else."""
    if key is None:
        return None
    with context().database.transaction() as connection:
        found = answers.find(connection, key)
    if found is not None and not found.same:
        raise ApiError(409, CONFLICT)
    return found


def write_once(caller: Caller, request: Repeatable[T], prepare: Callable[[], Work[T]]) -> T:
    """Do what a request asks for in one transaction, once per key; what the work gave.

    prepare: checks, counts against limits and gives the work; not called for a repetition. What it refuses, or the
    work, leaves no key. A commit whose answer was lost is looked up: the value is then what it would have been.
    Raises AnsweredBefore, and ApiError 409 for a key of another request, and 429.
    """
    key = request.key
    if (found := earlier(key)) is not None and found.answer is not None:
        raise AnsweredBefore(found.answer)
    if key is not None and caller.kind == "user":
        check_limit(KEPT, "answers kept", key.scope)
    work = prepare()
    try:
        return certainly(context().database, _kept(work, request, key) if key else work, seconds=ASK_FOR)
    except KeyTakenError:
        first = earlier(key)
        if first is None or first.answer is None:
            raise ApiError(409, CONFLICT) from None
        raise AnsweredBefore(first.answer) from None


def _kept(work: Work[T], request: Repeatable[T], key: Key) -> Work[T]:
    def kept(connection: Connection) -> T:
        if not answers.claim(connection, key):
            raise KeyTakenError
        made = work(connection)
        answers.keep(connection, key, request.keep(made))
        return made

    return kept
