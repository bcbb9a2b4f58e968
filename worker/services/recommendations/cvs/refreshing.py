"""A candidate's CV looked at again: fetched when its file may have changed, read when its bytes are new."""

from hashlib import sha256

from sqlalchemy import Connection

from worker.contracts.cv_files import CvFile, CvFiles
from worker.kit.errors import Refused, Retryable
from worker.kit.logging import get_logger
from worker.ledger.handlers import RunContext
from worker.services.recommendations.cvs import stored
from worker.services.recommendations.cvs.outcomes import CvOutcome, CvText, Refreshed
from worker.services.recommendations.cvs.reading.child import read
from worker.services.recommendations.cvs.stored import KnownCv

log = get_logger(__name__)

GONE = Refreshed(CvText(None, CvOutcome.NONE), changed=False)


def fetch_and_extract(context: RunContext, files: CvFiles, candidate_id: int) -> Refreshed:
    """In steps of its own; no transaction is open while a file is fetched and read.

    It never fails for a CV's sake: what cannot be had or read is an outcome, and no bytes are read twice. UNAVAILABLE
    also when this machine can read nothing for now, of which operators read in the log.
    """
    known = context.transaction(lambda connection: stored.known_cvs(connection, [candidate_id]))
    return _refresh(context, files, known[0]) if known else GONE


def _refresh(context: RunContext, files: CvFiles, known: KnownCv) -> Refreshed:
    if known.place is None:
        context.transaction(lambda connection: stored.forget(connection, known.candidate_id))
        return Refreshed(known.cv, changed=False)
    try:
        file = files.fetch(known.place, known=known.version)
        return Refreshed(known.cv, changed=False) if file is None else _read(context, known, file)
    except Refused as error:
        return _keep(context, known, CvText(None, CvOutcome(error.code)))
    except Retryable as error:
        log.warning("cv.not_read", candidate=known.candidate_id, code=error.code, error=str(error))
        return _unavailable(context, known)


def _read(context: RunContext, known: KnownCv, file: CvFile) -> Refreshed:
    digest = sha256(file.content).digest()
    before = context.transaction(lambda connection: stored.same_file(connection, digest))
    return _keep(context, known, before or read(file.content), version=file.version, digest=digest)


def _unavailable(context: RunContext, known: KnownCv) -> Refreshed:
    """What was read at this very place before is as good as anything."""
    if known.version is not None or known.cv.text is not None:
        return Refreshed(known.cv, changed=False)
    return _keep(context, known, CvText(None, CvOutcome.UNAVAILABLE))


def _keep(
    context: RunContext, known: KnownCv, cv: CvText, *, version: str | None = None, digest: bytes | None = None
) -> Refreshed:
    def work(connection: Connection) -> None:
        stored.keep(connection, known, cv, version=version, digest=digest)

    context.transaction(work)
    return Refreshed(cv, changed=cv != known.cv)
