"""A post on a network: the plan of its effect (worker.ledger.plans.LookupPlan).

No network takes a key that would make a second call harmless. So a call whose answer was lost is looked for by the
posting's own link, three times, before it is made once more; who posted what, and when, is on the row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection

from models.enums import PostingState
from worker.contracts.accounts import AccessRefused
from worker.contracts.channels import ChannelOff, Post, Published
from worker.kit.errors import Permanent, Refused, RunError
from worker.ledger.handlers import RunContext
from worker.ledger.outcomes import Cancel, Done, Json, Recorded
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit
from worker.services.integrations.tokens import AccessToken
from worker.services.publishing import accounts, ending, following, offers, rows
from worker.services.publishing.accounts import Connected
from worker.services.publishing.channels.channel import Composition
from worker.services.publishing.offers import PublishableOffer
from worker.services.publishing.rows import Posting
from worker.services.publishing.shown import shown

OVER = (PostingState.WITHDRAWN, PostingState.EXPIRED, PostingState.DRAFT)
NO_CREATION = "The posting has no time of creation; it cannot be told apart from its copies."
CLOSED = "The offer is not open any more; it was not published."


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
        if known.created_at is None:
            raise Permanent(NO_CREATION)
        row = f"posting:{known.id}"
        return EffectKey(f"{row}:publish", known.generation, known.created_at, row)

    def freeze(self, connection: Connection, prepared: Prepared) -> Frozen | Recorded:
        known = rows.existing(connection, self.posting.id)
        if prepared.found is not None:
            return self._published(connection, known, prepared.found)
        offer = offers.find(connection, known.job_id)
        if offer is None or not offer.is_open:
            rows.mark_stopped(connection, known.id, PostingState.DRAFT, "offer.closed", CLOSED)
            return Cancel(CLOSED)
        if (reason := accounts.off_reason(connection, self.connected.rules, self.connected.account_id)) is not None:
            raise ChannelOff(reason)
        body = self.connected.network.body(self._post(known, offer, prepared.picture), known.target)
        return Frozen(body, body)

    def _post(self, known: Posting, offer: PublishableOffer, picture: str) -> Post:
        link, language = self.link_of(offer, known.id), known.language or offer.language
        return self.connected.rules.compose(Composition(offer, link, language, known.message, picture))

    def load_body(self, _connection: Connection, effect: Effect, /) -> bytes:
        return effect.evidence

    def call(self, effect: Effect, body: bytes, prepared: Prepared, deadline: float) -> Json:  # noqa: ARG002 - as every plan
        known, offer = self._existing()
        link = self.link_of(offer, known.id)
        try:
            made = self.connected.network.publish(
                prepared.token.value, known.target, body, link=link, deadline=deadline
            )
        except AccessRefused as error:
            raise self.connected.source.refused(prepared.token) from error
        except ChannelOff as error:
            self.connected.switch_off(self.context, error)
            raise
        return {"id": made.id, "visible": made.visible}

    def _existing(self) -> tuple[Posting, PublishableOffer]:
        known, offer = self.context.transaction(self._read)
        if known is None or offer is None:
            raise Permanent("The posting or its offer was deleted before anything was published.")
        return known, offer

    def look_up(self, effect: Effect, prepared: Prepared) -> Json | None:  # noqa: ARG002 - as every plan
        known, offer = self.context.transaction(self._read)
        found = self._find(known, offer, prepared.token) if known and offer else None
        return None if found is None else {"id": found.id, "visible": found.visible}

    def _find(self, known: Posting, offer: PublishableOffer, token: AccessToken) -> Published | None:
        since = known.publishing_at or known.created_at
        if since is None:
            raise Permanent(NO_CREATION)
        try:
            return self.connected.network.find(token.value, known.target, self.link_of(offer, known.id), since)
        except AccessRefused as error:
            raise self.connected.source.refused(token) from error

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        told = dict(effect.reference or {})
        known = rows.find(connection, self.posting.id, lock=True)
        found = Published(str(told["id"]), bool(told.get("visible", True))) if told.get("id") else None
        if known is None:
            return self._orphaned(connection, found)
        if found is None:
            return self._settled_without_id(connection, known)
        return self._published(connection, known, found)

    def _orphaned(self, connection: Connection, found: Published | None) -> Recorded:
        """The row was deleted while the post was being made: nobody wants it any more."""
        if found is not None:
            ending.note_orphan(connection, self.posting, found.id)
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
        stop(connection, self.posting.id, error)
        return None


def stop(connection: Connection, posting_id: int, error: RunError) -> None:
    """It is not there, and why."""
    known = rows.find(connection, posting_id, lock=True)
    if known is not None and known.state is PostingState.PUBLISHING:
        rows.mark_stopped(connection, posting_id, PostingState.FAILED, error.code, str(error))
        following.note_failed(connection, known, error.code, str(error))
