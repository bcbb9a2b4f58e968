"""What follows from a posting's end: the main web app's mark on the offer, and what the recruiter is told."""

from sqlalchemy import Connection

from models.enums import PostingChannel
from worker.kit.database import execute
from worker.services.notifications import postings as notices
from worker.services.notifications.postings import Reason
from worker.services.publishing import failures
from worker.services.publishing.rows import Posting


def note_published(connection: Connection, posting: Posting) -> None:
    if posting.channel is PostingChannel.LINKEDIN:
        execute(connection, "update jobs set linkedin_published_at = now() where id = %s", (posting.job_id,))
    _tell(connection, posting, "published")


def note_failed(connection: Connection, posting: Posting, code: str | None, said: str) -> None:
    """code, said: of the error; see `worker.services.publishing.failures`."""
    title = posting.channel_title
    _tell(connection, posting, "failed", lambda locale: failures.sentence(locale, title, code, said))


def note_unknown(connection: Connection, posting: Posting) -> None:
    _tell(connection, posting, "unknown")


def note_standing(connection: Connection, posting: Posting) -> None:
    """Its offer ended, and it could not be taken away."""
    _tell(connection, posting, "standing")


def _tell(connection: Connection, posting: Posting, event: notices.PostingEvent, reason: Reason | None = None) -> None:
    if posting.published_by is not None:
        news = notices.PostingNews(event, posting.channel_title, reason)
        notices.tell(connection, posting.published_by, posting.job_id, news)
