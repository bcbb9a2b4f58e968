"""Anthropic's own package, held to our rules: one question, one answer, nothing repeated, no key to another address."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import anthropic

from worker.contracts.usage import Unusable, Usage
from worker.kit.database import in_transaction
from worker.providers.anthropic.errors import classified

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 45.0

T = TypeVar("T")


class AnthropicApi:
    """`url` is the API's address without `/v1`. `seconds`: how long one answer may take.

    The package's own repetitions and redirects are switched off: the ledger repeats, and no key follows a redirect.
    """

    def __init__(self, *, api_key: str, url: str, model: str, seconds: float = ANSWER_SECONDS) -> None:
        timeout = anthropic.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        transport = anthropic.DefaultHttpxClient(follow_redirects=False, timeout=timeout, trust_env=False)
        self.package = anthropic.Anthropic(
            api_key=api_key, base_url=url.rstrip("/"), max_retries=0, timeout=timeout, http_client=transport
        )
        self.model = model

    def close(self) -> None:
        self.package.close()

    def ask(self, question: Mapping[str, Any]) -> anthropic.types.Message:
        """question: the arguments of `messages.create`, but for the model. Raises a RunError."""
        message: anthropic.types.Message = self.call(lambda: self.package.messages.create(model=self.model, **question))
        return message

    def call(self, work: Callable[[], T]) -> T:
        """Something of the package, its exceptions in the ledger's words."""
        if in_transaction():
            raise RuntimeError("a provider is never called while a transaction is open")
        try:
            return work()
        except anthropic.AnthropicError as error:
            raise classified(error) from error
        except (json.JSONDecodeError, RecursionError, AttributeError) as error:  # the last for a list that is none
            raise Unusable("its package cannot read it") from error


def usage_of(message: anthropic.types.Message) -> Usage:
    """The package trusts whatever it is sent; so does nobody who pays for it. Raises Unusable."""
    counts = [getattr(getattr(message, "usage", None), name, None) for name in ("input_tokens", "output_tokens")]
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        raise Unusable("it does not say what it cost")
    return Usage(*(int(count or 0) for count in counts))
