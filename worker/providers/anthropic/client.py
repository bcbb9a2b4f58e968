"""Claude writes: one question, one structured answer."""

from collections.abc import Mapping
from typing import Any

import anthropic

from worker.contracts.drafting import DraftRequest, Proposal
from worker.contracts.usage import Declined, Unusable, Usage
from worker.providers.anthropic import payloads
from worker.providers.anthropic.api import AnthropicApi, usage_of


class AnthropicClient(AnthropicApi):
    """A `Writer`."""

    def check(self) -> str:
        self.call(lambda: self.package.models.retrieve(self.model))
        return f"Anthropic accepts our key, and knows {self.model}."

    def most(self, request: DraftRequest) -> Usage:
        return payloads.most(request)

    def propose(self, request: DraftRequest) -> Proposal:
        message = self.ask(payloads.question(request))
        answer = _tool_input(message)
        texts = [answer.get(name) for name in ("name", "subject", "body")]
        if not all(isinstance(text, str) and text.strip() for text in texts):
            raise Unusable("a part of the text is missing")
        name, subject, body = (str(text).strip() for text in texts)
        return Proposal(name, subject, body, usage_of(message))


def _tool_input(message: anthropic.types.Message) -> Mapping[str, Any]:
    reason = getattr(message, "stop_reason", None)
    if reason == "refusal":
        raise Declined("Claude does not want to write this text; ask for it in other words.")
    if reason == "max_tokens":
        raise Unusable("it was cut off")
    for block in getattr(message, "content", None) or ():
        if block.type == "tool_use" and isinstance(block.input, dict):
            return block.input
    raise Unusable("it does not have the agreed form")
