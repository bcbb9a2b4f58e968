"""A person's decision about a posting of which nobody knows whether it is there."""

from uuid import UUID

from sqlalchemy import Connection

from models.enums import PostingState
from worker.kit.database import execute
from worker.ledger import controls, runs
from worker.ledger.outcomes import Json
from worker.services.publishing import following, rows, settling
from worker.services.publishing.boards.postings import LONGEST_ADDRESS
from worker.services.publishing.careers.structured_data import web_address
from worker.services.publishing.channels.everything import CHANNELS
from worker.services.publishing.keys import key_of
from worker.services.publishing.partners import desk
from worker.services.publishing.rows import Posting

ENDED = ("succeeded", "failed", "cancelled")


class NoPostId(ValueError):
    """What a person gave is neither an id nor an address of a post there."""


def it_is_there(connection: Connection, posting: Posting, text: str, actor: str) -> None:
    """text: what a person copied, the address of the post or its id. The run that is in doubt ends with it.

    Raises NoPostId, and ControlRefused where somebody settled it meanwhile.
    """
    if CHANNELS[posting.channel].way == "webhook":
        _a_partner_has_it(connection, posting, text, actor)
        return
    external_id = _post_id(posting, text)
    _settle(connection, posting, {"id": external_id, "visible": True}, actor)
    rows.mark_published(connection, posting.id, external_id, visible=True)
    following.note_published(connection, posting)


def _a_partner_has_it(connection: Connection, posting: Posting, text: str, actor: str) -> None:
    """Partners say themselves what they call it; where they did not, it is what we told them."""
    address = web_address(text)
    if address is None or len(address) > LONGEST_ADDRESS:
        raise NoPostId(text)
    number = key_of(posting, "publish").provider_key
    _settle(connection, posting, {"id": number, "url": address, "visible": True}, actor)
    desk.stands(connection, posting, number, address, visible=True)


def _post_id(posting: Posting, text: str) -> str:
    network = CHANNELS[posting.channel].network
    found = network.id_of(text) if network else None
    if found is None:
        raise NoPostId(text)
    return found


def _settle(connection: Connection, posting: Posting, reference: Json, actor: str) -> None:
    if (doubtful := _run_in_doubt(connection, posting)) is not None:
        reason = "A recruiter found the post."
        controls.resolve(connection, doubtful, happened=True, reference=reference, reason=reason, actor=actor)


def it_is_not(connection: Connection, posting: Posting, actor: str) -> None:
    """It is published again, under the doubt's own run where there is one. Raises ControlRefused."""
    back = "update job_postings set state = 'publishing', publishing_at = now(), error = null where id = %s"
    execute(connection, back, (posting.id,))
    if (doubtful := _run_in_doubt(connection, posting)) is None:
        # What was settled before stays settled: this is another post.
        rows.raise_generation(connection, posting.id)
        settling.publish_again(connection, posting, has_looked=True)
        return
    reason = "A recruiter found no post."
    controls.resolve(connection, doubtful, happened=False, reason=reason, actor=actor)


def _run_in_doubt(connection: Connection, posting: Posting) -> UUID | None:
    """The run that waits for the decision; None where it ended: an operator settled it, or it is kept no more."""
    if posting.run_id is None:
        return None
    run = runs.of_ids(connection, [posting.run_id]).get(posting.run_id)
    return None if run is None or run.state in ENDED else posting.run_id


def is_in_doubt(posting: Posting) -> bool:
    return posting.state is PostingState.UNKNOWN
