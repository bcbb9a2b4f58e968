"""Calls at a calendar in the name of a connected account, for whoever may ask twice."""

from collections.abc import Callable
from typing import TypeVar

from worker.contracts.accounts import AccessRefused
from worker.services.integrations.tokens import TokenSource

T = TypeVar("T")


def with_token(source: TokenSource, credential_id: int, ask: Callable[[str], T]) -> T:
    """What `ask` answers, to whom an access token is given; one that is not accepted is replaced, once.

    Raises as TokenSource.fresh and TokenSource.refused, and what `ask` raises.
    """
    token = source.fresh(credential_id)
    try:
        return ask(token.value)
    except AccessRefused:
        source.refused(token)
    token = source.fresh(credential_id)
    try:
        return ask(token.value)
    except AccessRefused as error:
        raise source.refused(token) from error
