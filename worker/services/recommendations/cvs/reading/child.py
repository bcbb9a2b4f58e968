"""Reads a file in a process of its own, which ends whatever the file does to it.

A file is anybody's: it may ask for gigabytes or hours, or crash what reads it. The process is given nothing but the
bytes, keeps its limits of time and memory (`confinement.py`), and is killed when it does not end.
"""

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from worker.kit.errors import Retryable
from worker.services.recommendations.cvs.outcomes import CvOutcome, CvText
from worker.services.recommendations.cvs.reading.answers import READY
from worker.services.recommendations.cvs.reading.formats import ENCRYPTED_OFFICE, Format, format_of

SECONDS = 18.0
ROOT = Path(__file__).parents[5]
PROGRAMS = {
    Format.PDF: "worker.services.recommendations.cvs.reading.pdf.program",
    Format.WORD: "worker.services.recommendations.cvs.reading.word.program",
}
# No variable of ours: some are secret.
ENVIRONMENT = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}
TOO_COMPLEX = CvText(None, CvOutcome.TOO_COMPLEX)


def read(content: bytes, *, seconds: float = SECONDS, python: str = sys.executable) -> CvText:
    """What a reader of the file sees. Raises Retryable when this machine cannot start a process for now, or ends it."""
    kind = format_of(content)
    if kind is None:
        protected = ENCRYPTED_OFFICE in content
        return CvText(None, CvOutcome.PROTECTED if protected else CvOutcome.UNKNOWN_FORMAT)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(content)
        given.seek(0)
        ended = _run([python, "-P", "-m", PROGRAMS[kind]], given, answer, seconds)
        answer.seek(0)
        return _understood(ended, answer.read())


def _run(command: list[str], given: IO[bytes], answer: IO[bytes], seconds: float) -> int | None:
    """How it ended; None when it had to be killed."""
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=given,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
        )
    except OSError as error:
        raise _not_now(f"no process could be started ({type(error).__name__})") from error
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        process.kill()
        process.wait()


def _understood(ended: int | None, answer: bytes) -> CvText:
    ready, _, said = answer.partition(b"\n")
    if ended == 0:
        told = json.loads(said)
        return CvText(told["text"], CvOutcome(told["outcome"]), told["hidden_characters"])
    if ended == -signal.SIGKILL:
        raise _not_now("its process was killed from outside")
    if ready != READY and ended is not None:
        raise _not_now("its process did not start")
    return TOO_COMPLEX


def _not_now(why: str) -> Retryable:
    return Retryable(f"A CV was not read: {why}.", code="cv.not_read")
