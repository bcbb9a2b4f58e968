"""What the plans of a company's partner have in common: the account, its secrets, and what follows for the posting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from models.enums import PostingState
from worker.contracts.channels import ChannelOff
from worker.contracts.partners import JobBoard, WebhookSender
from worker.kit.database import execute
from worker.kit.errors import Permanent, RunError
from worker.kit.settings import Settings
from worker.ledger.handlers import RunContext
from worker.ledger.outcomes import Cancel, Done, Recorded
from worker.ledger.plans import Limit
from worker.services.integrations.vault import TokenVault
from worker.services.publishing import following, links, offers, rows
from worker.services.publishing.offers import PublishableOffer
from worker.services.publishing.partners import accounts, bodies
from worker.services.publishing.partners.accounts import Partner
from worker.services.publishing.partners.bodies import Told
from worker.services.publishing.rows import Posting
from worker.services.publishing.shown import shown

# Calls per second: of all companies, and of one partner.
ALL, ONE = 50.0, 5.0
OFF = "The partner takes nothing more until somebody switches it on again in Intégrations."
THERE = (PostingState.PUBLISHED, PostingState.AWAITING_PARTNER, PostingState.EXPORTED)
OVER = (PostingState.WITHDRAWN, PostingState.EXPIRED, PostingState.DRAFT, PostingState.FAILED)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ready:
    """A partner that takes offers now, with its secrets."""

    partner: Partner
    secrets: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one run deals with partners. link_of: an offer's public link with a posting's mark."""

    context: RunContext
    vault: TokenVault
    sender: Callable[[], WebhookSender]
    board: Callable[[], JobBoard]
    link_of: Callable[[PublishableOffer, int], str]

    def apart(self, work: Callable[[Connection], T]) -> T:
        """A transaction of its own, as `RunContext.transaction`."""
        return self.context.transaction(work)

    def ready(self, partner_id: int | None) -> Ready:
        """Raises Permanent where it is connected no more, ChannelOff, and what `secrets_of` raises."""
        known = self.context.transaction(lambda connection: living(connection, partner_id))
        if known is None:
            raise Permanent(accounts.NOT_CONNECTED, code="channel.not_connected", status=400)
        if known.off_since is not None:
            raise ChannelOff(known.off_reason or OFF)
        return Ready(known, accounts.secrets_of(self.vault, known))

    def told(self, connection: Connection, posting: Posting) -> tuple[Told | None, bool]:
        """What a body is made of, None where the offer is gone; and whether the offer is open."""
        offer = offers.find(connection, posting.job_id)
        if offer is None:
            return None, False
        return bodies.read(connection, posting.id, offer.company_id, self.link_of(offer, posting.id)), offer.is_open


def opened(
    context: RunContext, settings: Settings, sender: Callable[[], WebhookSender], board: Callable[[], JobBoard]
) -> Desk:
    return Desk(context, TokenVault(settings), sender, board, partial(links.posting_link, settings))


def living(connection: Connection, partner_id: int | None) -> Partner | None:
    """The partner, unless it is connected no more."""
    known = accounts.find(connection, partner_id) if partner_id is not None else None
    return known if known is not None and known.is_active else None


def limits(provider: str, partner_id: int | None) -> Sequence[Limit]:
    return Limit(provider, ALL), Limit(provider, ONE, f"account:{partner_id or 0}")


def to_publish(connection: Connection, posting_id: int) -> Posting | Recorded:
    """The posting, locked, where it has to be published."""
    known = rows.find(connection, posting_id, lock=True)
    if known is None:
        return Done({"posting": "gone"})
    if known.state in THERE:
        return Done(shown(known))
    if known.state in OVER:
        return Cancel(f"The posting is {known.state.value}; nothing is published for it.")
    return known


def stands(
    connection: Connection, known: Posting, external_id: str | None, url: str | None, *, visible: bool
) -> Recorded:
    """The partner has the offer. visible: it says where people see it."""
    if visible and external_id:
        rows.mark_published(connection, known.id, external_id, visible=True)
    else:
        rows.mark_standing(connection, known.id, PostingState.AWAITING_PARTNER)
    execute(
        connection,
        "update job_postings set external_id = coalesce(%s, external_id), external_url = coalesce(%s, external_url)"
        " where id = %s",
        (external_id or None, url or None, known.id),
    )
    now = rows.existing(connection, known.id)
    if now.state is PostingState.PUBLISHED and known.state is not PostingState.PUBLISHED:
        following.note_published(connection, now)
    return Done(shown(now))


def ended(connection: Connection, known: Posting, *, expired: bool) -> Recorded:
    rows.mark_ended(connection, known.id, PostingState.EXPIRED if expired else PostingState.WITHDRAWN)
    return Done(shown(rows.existing(connection, known.id)))


def given_up(connection: Connection, posting_id: int, error: RunError, *, expired: bool) -> Recorded:
    """The partner does not want to hear that the offer is closed; its link leads to a page that says so."""
    rows.raise_generation(connection, posting_id)
    known = rows.find(connection, posting_id, lock=True)
    if known is None:
        return Done({"posting": "gone"})
    ended(connection, known, expired=expired)
    execute(
        connection,
        "update job_postings set error_code = %s, error = left(%s, 500) where id = %s",
        (error.code, str(error), posting_id),
    )
    return Done(shown(rows.existing(connection, posting_id)))


def failed(connection: Connection, posting_id: int, error: RunError) -> None:
    """It was not taken, and why. What is asked for again is a new delivery."""
    rows.raise_generation(connection, posting_id)
    known = rows.find(connection, posting_id, lock=True)
    if known is not None and known.state is PostingState.PUBLISHING:
        rows.mark_stopped(connection, posting_id, PostingState.FAILED, error.code, str(error))
        following.note_failed(connection, known, error.code, str(error))
