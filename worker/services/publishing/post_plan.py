"""A post on a network: the plan of its effect (worker.ledger.plans.LookupPlan).

No network takes a key that would make a second call harmless. So a call whose answer was lost is looked for by the
posting's own link, three times, before it is made once more; who posted what, and when, is on the row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from models.enums import PostingState
from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.channels import ChannelOff, Post, Published
from worker.kit.errors import Doubtful, Permanent, Refused, RunError
from worker.ledger.handlers import RunContext
from worker.ledger.outcomes import Cancel, Done, Json, Recorded
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit
from worker.services.integrations.tokens import AccessToken
from worker.services.publishing import accounts, ending, following, offers, rows
from worker.services.publishing.accounts import Connected
from worker.services.publishing.channels.channel import Composition
from worker.services.publishing.evidence import Sent
from worker.services.publishing.keys import NO_CREATION, key_of
from worker.services.publishing.offers import PublishableOffer
from worker.services.publishing.rows import Posting
from worker.services.publishing.shown import shown

OVER = (PostingState.WITHDRAWN, PostingState.EXPIRED, PostingState.DRAFT)
CLOSED = "The offer is not open any more; it was not published."
OFFER_CLOSED = "offer.closed"


@dataclass(frozen=True, slots=True)
class Prepared:
    """found: a post of which nothing was on record. picture: what the network calls the uploaded one, or empty."""

    token: AccessToken
    found: Published | None = None
    picture: str = ""


@dataclass(frozen=True, slots=True)
class PostPlan:
    """posting: as it was when the run began. link_of: the offer's public link with a posting's mark. picture_of:
    uploads the offer's picture with a token, and answers what the network calls it. look_first: see
    `worker.catalogue.publishing.PublishPosting`.
    """

    posting: Posting
    connected: Connected
    link_of: Callable[[PublishableOffer, int], str]
    picture_of: Callable[[Posting, AccessToken], str] = field(repr=False)
    look_first: bool = False
    policy: Literal["lookup"] = "lookup"

    @property
    def context(self) -> RunContext:
        return self.connected.source.context

    @property
    def provider(self) -> str:
        return self.connected.rules.provider

    @property
    def limits(self) -> Sequence[Limit]:
        return self.connected.limits

    def prepare(self) -> Prepared:
        known, offer = self.context.transaction(self._read)
        token = self.connected.fresh()
        if known is None or offer is None or known.state in OVER or known.external_id:
            return Prepared(token)
        found = self._find(known, offer, token) if self.look_first else None
        wants_picture = self.connected.rules.pictures and offer.is_open and found is None
        return Prepared(token, found, self.picture_of(known, token) if wants_picture else "")

    def _read(self, connection: Connection) -> tuple[Posting | None, PublishableOffer | None]:
        known = rows.find(connection, self.posting.id)
        return known, offers.find(connection, known.job_id) if known else None

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        known = rows.find(connection, self.posting.id, lock=True)
        if known is None:
            return Done({"posting": "gone"})
        if known.state is PostingState.PUBLISHED:
            return Done(shown(known))
        if known.state in OVER or known.state is PostingState.FAILED:
            return Cancel(f"The posting is {known.state.value}; nothing is published for it.")
        return key_of(known, "publish")

    def freeze(self, connection: Connection, prepared: Prepared) -> Frozen | Recorded:
        known = rows.existing(connection, self.posting.id)
        if prepared.found is not None:
            return self._published(connection, known, prepared.found)
        offer = offers.find(connection, known.job_id)
        if offer is None or not offer.is_open:
            return refuse_closed(connection, known.id)
        if (reason := accounts.off_reason(connection, self.connected.rules, self.connected.account_id)) is not None:
            raise ChannelOff(reason)
        link = self.link_of(offer, known.id)
        body = self.connected.network.body(self._post(known, offer, link, prepared.picture), known.target)
        sent = Sent(known.channel, known.target, self.connected.account_id, link, _since(known), body)
        return Frozen(sent.kept(), body)

    def _post(self, known: Posting, offer: PublishableOffer, link: str, picture: str) -> Post:
        language = known.language or offer.language
        return self.connected.rules.compose(Composition(offer, link, language, known.message, picture))

    def load_body(self, _connection: Connection, effect: Effect, /) -> bytes:
        return Sent.of(effect.evidence).body

    def call(self, effect: Effect, body: bytes, prepared: Prepared, deadline: float) -> Json:
        """Days may lie between the freezing and a call that a person's decision brought back."""
        self._refuse_ended()
        sent = Sent.of(effect.evidence)
        try:
            made = self.connected.network.publish(
                prepared.token.value, sent.target, body, link=sent.link, deadline=deadline
            )
        except AccessRefused as error:
            raise self.connected.source.refused(prepared.token) from error
        except ChannelOff as error:
            self.connected.switch_off(self.context, error)
            raise
        return {"id": made.id, "visible": made.visible}

    def _refuse_ended(self) -> None:
        known, offer = self.context.transaction(self._read)
        if known is None or offer is None:
            raise Permanent("The posting or its offer was deleted before anything was published.")
        if not offer.is_open:
            raise Refused(CLOSED, code=OFFER_CLOSED)

    def look_up(self, effect: Effect, prepared: Prepared) -> Json | None:
        sent = Sent.of(effect.evidence)
        found = self.connected.find(prepared.token, sent.target, sent.link, sent.since)
        return None if found is None else {"id": found.id, "visible": found.visible}

    def _find(self, known: Posting, offer: PublishableOffer, token: AccessToken) -> Published | None:
        """Raises Doubtful where the account may not read what it posts."""
        try:
            return self.connected.find(token, known.target, self.link_of(offer, known.id), _since(known))
        except ScopeMissing as error:
            raise Doubtful(f"Whether it was posted before cannot be found out: {error}") from error

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        told = dict(effect.reference or {})
        known = rows.find(connection, self.posting.id, lock=True)
        found = Published(str(told["id"]), bool(told.get("visible", True))) if told.get("id") else None
        if known is None:
            return self._orphaned(connection, Sent.of(effect.evidence), found)
        if found is None:
            return self._settled_without_id(connection, known)
        return self._published(connection, known, found)

    def _orphaned(self, connection: Connection, sent: Sent, found: Published | None) -> Recorded:
        """The row was deleted while the post was being made: nobody wants it any more."""
        if found is not None:
            ending.note_orphan(connection, self.posting.id, sent.channel, sent.target, sent.account_id, found.id)
        return Done({"posting": "gone"})

    def _published(self, connection: Connection, known: Posting, found: Published) -> Recorded:
        rows.mark_published(connection, known.id, found.id, visible=found.visible)
        accounts.note_use(connection, self.connected.rules, self.connected.account_id)
        following.note_published(connection, known)
        return Done(shown(rows.existing(connection, known.id)))

    def _settled_without_id(self, connection: Connection, known: Posting) -> Recorded:
        """A person said that it is there, and not under which id."""
        sentence = "A person says that it was published; without its id it can be neither counted nor withdrawn."
        rows.mark_stopped(connection, known.id, PostingState.UNKNOWN, "posting.no_id", sentence)
        return Done(shown(rows.existing(connection, known.id)))

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        rows.raise_generation(connection, self.posting.id)

    def refused(self, connection: Connection, effect: Effect, error: Refused, /) -> Recorded | None:
        self.cleared(connection, effect)
        if error.code == OFFER_CLOSED:
            return refuse_closed(connection, self.posting.id)
        stop(connection, self.posting.id, error)
        return None


def _since(known: Posting) -> datetime:
    since = known.publishing_at or known.created_at
    if since is None:
        raise Permanent(NO_CREATION)
    return since


def refuse_closed(connection: Connection, posting_id: int) -> Recorded:
    rows.mark_stopped(connection, posting_id, PostingState.DRAFT, OFFER_CLOSED, CLOSED)
    return Cancel(CLOSED)


def stop(connection: Connection, posting_id: int, error: RunError) -> None:
    """It is not there, and why. One in doubt is sent again after somebody has said that it is not there."""
    known = rows.find(connection, posting_id, lock=True)
    if known is not None and known.state in (PostingState.PUBLISHING, PostingState.UNKNOWN):
        rows.mark_stopped(connection, posting_id, PostingState.FAILED, error.code, str(error))
        following.note_failed(connection, known, error.code, str(error))
