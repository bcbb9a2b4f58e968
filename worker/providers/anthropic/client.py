"""Claude through Anthropic's own package: one question, one structured answer."""

import json
from collections.abc import Mapping
from typing import Any

import anthropic

from worker.contracts.drafting import DraftRequest, Proposal, Usage
from worker.kit.database import in_transaction
from worker.kit.errors import Permanent, Retryable
from worker.providers.anthropic import payloads
from worker.providers.anthropic.errors import classified

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 45.0


class AnthropicClient:
    """A `Writer`. `url` is the API's address without `/v1`. `seconds`: how long one answer may take.

    The package's own repetitions and redirects are switched off: the ledger repeats, and no key follows a redirect.
    """

    def __init__(self, *, api_key: str, url: str, model: str, seconds: float = ANSWER_SECONDS) -> None:
        timeout = anthropic.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        self._transport = anthropic.DefaultHttpxClient(follow_redirects=False, timeout=timeout, trust_env=False)
        self._client = anthropic.Anthropic(
            api_key=api_key, base_url=url.rstrip("/"), max_retries=0, timeout=timeout, http_client=self._transport
        )
        self._model = model

    def close(self) -> None:
        self._client.close()

    def check(self) -> str:
        if in_transaction():
            raise RuntimeError("a provider is never called while a transaction is open")
        try:
            self._client.models.retrieve(self._model)
        except anthropic.AnthropicError as error:
            raise classified(error) from error
        except (json.JSONDecodeError, RecursionError) as error:
            raise _unusable("its package cannot read it") from error
        return f"Anthropic accepts our key, and knows {self._model}."

    def most(self, request: DraftRequest) -> Usage:
        return payloads.most(request)

    def propose(self, request: DraftRequest) -> Proposal:
        message = self._ask(payloads.question(request))
        answer = _tool_input(message)
        texts = [answer.get(name) for name in ("name", "subject", "body")]
        if not all(isinstance(text, str) and text.strip() for text in texts):
            raise _unusable("a part of the text is missing")
        name, subject, body = (str(text).strip() for text in texts)
        return Proposal(name, subject, body, _usage(message))

    def _ask(self, question: Mapping[str, Any]) -> anthropic.types.Message:
        if in_transaction():
            raise RuntimeError("a provider is never called while a transaction is open")
        try:
            message: anthropic.types.Message = self._client.messages.create(model=self._model, **question)
        except anthropic.AnthropicError as error:
            raise classified(error) from error
        except (json.JSONDecodeError, RecursionError) as error:
            raise _unusable("its package cannot read it") from error
        return message


def _tool_input(message: anthropic.types.Message) -> Mapping[str, Any]:
    reason = getattr(message, "stop_reason", None)
    if reason == "refusal":
        raise Permanent(
            "Claude does not want to write this text; ask for it in other words.", code="provider.declined", status=422
        )
    if reason == "max_tokens":
        raise _unusable("it was cut off")
    for block in getattr(message, "content", None) or ():
        if block.type == "tool_use" and isinstance(block.input, dict):
            return block.input
    raise _unusable("it does not have the agreed form")


def _usage(message: anthropic.types.Message) -> Usage:
    """The package trusts whatever it is sent; so does nobody who pays for it."""
    counts = [getattr(getattr(message, "usage", None), name, None) for name in ("input_tokens", "output_tokens")]
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        raise _unusable("it does not say what it cost")
    return Usage(*(int(count or 0) for count in counts))


def _unusable(why: str) -> Retryable:
    return Retryable(f"Claude's answer cannot be used: {why}.", after=1.0, code="provider.unusable_answer")
