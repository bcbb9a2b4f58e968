"""A failure as it is kept and shown: a stable code, a sentence, and for operators where it came from."""

import hashlib
import re
import traceback
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import psycopg
from pydantic import ValidationError

from worker.kit.errors import RunError
from worker.kit.words import storable

ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
SECRET = re.compile(r"\b(?:re_|whsec_|sk-|Bearer\s+|gAAAAA|eyJ)[\w.\-=/+]{6,}", re.IGNORECASE)
URL_PASSWORD = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*(?=@)")


@dataclass(frozen=True, slots=True)
class Failure:
    """code: dotted and stable. message: a sentence for people. status: what a waiting HTTP caller gets."""

    code: str
    message: str
    status: int = 500
    error_class: str | None = None
    traceback: str | None = None
    fingerprint: str | None = None

    FACTS: ClassVar = ("error_class", "message", "traceback", "fingerprint")

    def shown(self) -> dict[str, Any]:
        """What the run's row keeps and the API answers: never a traceback."""
        return {
            "code": self.code,
            "message": self.message,
            "status": self.status,
            "fingerprint": self.fingerprint,
        }

    def facts(self) -> dict[str, Any]:
        """What the attempt's row keeps for operators."""
        return {name: getattr(self, name) for name in self.FACTS}

    def with_note(self, note: str) -> "Failure":
        return self if note == self.message else replace(self, message=f"{note} {self.message}")


def scrub(text: str) -> str:
    """Text without addresses, tokens, passwords and characters that cannot be stored."""
    return ADDRESS.sub("[address]", SECRET.sub("[secret]", URL_PASSWORD.sub("[secret]", str(storable(text)))))


def describe(error: BaseException, task: str) -> Failure:
    """Any exception as a failure. Equal faults of one task share a fingerprint, whatever their values are."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].name}" if frames else ""
    kind = type(error).__name__
    code, status = (error.code, error.status) if isinstance(error, RunError) else ("run.fault", 500)
    digest = hashlib.sha256(f"{task}|{kind}|{code}|{place}".encode()).hexdigest()[:12]
    lines = "".join(traceback.format_list(frames))
    detail = "" if isinstance(error, psycopg.Error | ValidationError) else f": {scrub(str(error))}"
    return Failure(code, scrub(sentence(error)), status, kind, f"{scrub(lines)}{kind}{detail}", digest)


def sentence(error: BaseException) -> str:
    """The error's message without values that may be personal data."""
    if isinstance(error, RunError):
        return str(error)
    if isinstance(error, ValidationError):
        places = "; ".join(
            f"{'.'.join(str(part) for part in each['loc']) or 'payload'}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)
        )
        return f"The payload has the wrong shape: {places}."
    if isinstance(error, psycopg.Error):
        return f"The database refused a statement ({error.sqlstate or type(error).__name__})."
    return f"An unexpected fault: {type(error).__name__}."
