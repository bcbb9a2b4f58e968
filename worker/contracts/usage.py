"""What an answer of a language model cost."""

from dataclasses import dataclass

from worker.kit.errors import Permanent, Retryable


@dataclass(frozen=True, slots=True)
class Usage:
    """In tokens, those of the question and those of the answer."""

    input_tokens: int
    output_tokens: int

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens)


class Unusable(Retryable):
    """An answer that has to be paid for and is none. usage: None where it does not say what it cost.

    cut: it did not fit into what it was allowed; it may with more.
    """

    code = "provider.unusable_answer"

    def __init__(self, why: str, *, usage: Usage | None = None, cut: bool = False) -> None:
        super().__init__(f"Claude's answer cannot be used: {why}.", after=1.0)
        self.usage = usage
        self.cut = cut


class Declined(Permanent):
    """The model does not want to answer; that has to be paid for, too. usage: as of `Unusable`."""

    code = "provider.declined"

    def __init__(self, message: str, *, usage: Usage | None = None) -> None:
        super().__init__(message)
        self.usage = usage
