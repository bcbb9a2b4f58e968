"""What follows from a posting's end: the main web app's mark on the offer, and what the recruiter is told."""

from sqlalchemy import Connection

from models.enums import PostingChannel
from worker.kit.database import execute
from worker.services.notifications import postings as notices
from worker.services.publishing.channels.everything import CHANNELS
from worker.services.publishing.rows import Posting


def note_published(connection: Connection, posting: Posting) -> None:
    if posting.channel is PostingChannel.LINKEDIN:
        execute(connection, "update jobs set linkedin_published_at = now() where id = %s", (posting.job_id,))
    _tell(connection, posting, "published")


def note_failed(connection: Connection, posting: Posting, reason: str) -> None:
    _tell(connection, posting, "failed", reason)


def note_unknown(connection: Connection, posting: Posting) -> None:
    _tell(connection, posting, "unknown")


def _tell(connection: Connection, posting: Posting, event: notices.PostingEvent, reason: str = "") -> None:
    if posting.published_by is not None:
        title = CHANNELS[posting.channel].title
        notices.tell(connection, posting.published_by, posting.job_id, notices.PostingNews(event, title, reason))
