"""Proposing the text of an e-mail template: what a writer is asked, what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from worker.contracts.usage import Usage


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """What a recruiter wants written.

    kind: the template's type. locale: `fr` or `en`, the language of the text. tone and instructions are the
    recruiter's own words (data, never commands to us). variables: the names that may stand in the text, with what
    each one means.
    """

    kind: str
    locale: str
    tone: str
    instructions: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A template's text as it came from the writer: the body is HTML, nothing in it has been checked."""

    name: str
    subject: str
    body: str
    usage: Usage


class Writer(Protocol):
    """Writes; asking twice is harmless and costs twice."""

    def most(self, request: DraftRequest) -> Usage:
        """The most that one proposal can cost; nothing is asked."""
        ...

    def propose(self, request: DraftRequest) -> Proposal:
        """Takes seconds. Raises a RunError:

        Misconfigured: key, permission, credit or model are not accepted.
        Permanent: `provider.declined` (it does not want to write this) or `provider.refused` (the request is not
        acceptable).
        RateLimited: come back later.
        Retryable: busy (`provider.busy`), unreachable, no answer in time, or one that cannot be used.
        """
        ...


class WriterAccount(Writer, Protocol):
    """A writer that can be asked about our account at it."""

    def check(self) -> str:
        """Whether the account and the model are accepted, in a sentence. Costs nothing; raises as `propose` does."""
        ...
