"""A person's decision about a posting of which nobody knows whether it is there."""

from sqlalchemy import Connection

from models.enums import PostingState
from worker.kit.database import execute
from worker.ledger import controls
from worker.services.publishing import following, rows, settling
from worker.services.publishing.channels.everything import CHANNELS
from worker.services.publishing.rows import Posting


class NoPostId(ValueError):
    """What a person gave is neither an id nor an address of a post there."""


def post_id(posting: Posting, text: str) -> str:
    """The channel's own id in what a person copied. Raises NoPostId."""
    network = CHANNELS[posting.channel].network
    found = network.id_of(text) if network else None
    if found is None:
        raise NoPostId(text)
    return found


def it_is_there(connection: Connection, posting: Posting, external_id: str, actor: str) -> None:
    """The run that is in doubt ends with it. Raises ControlRefused where somebody settled it meanwhile."""
    if posting.run_id is not None:
        controls.resolve(
            connection,
            posting.run_id,
            happened=True,
            reference={"id": external_id, "visible": True},
            reason="A recruiter found the post.",
            actor=actor,
        )
    rows.mark_published(connection, posting.id, external_id, visible=True)
    following.note_published(connection, posting)


def it_is_not(connection: Connection, posting: Posting, actor: str) -> None:
    """It is published again, under the doubt's own run where there is one. Raises ControlRefused."""
    back = "update job_postings set state = 'publishing', publishing_at = now(), error = null where id = %s"
    execute(connection, back, (posting.id,))
    if posting.run_id is None:
        settling.publish_again(connection, posting)
        return
    reason = "A recruiter found no post."
    controls.resolve(connection, posting.run_id, happened=False, reason=reason, actor=actor)


def is_in_doubt(posting: Posting) -> bool:
    return posting.state is PostingState.UNKNOWN
