"""Offers on channels: published, looked at, taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from api_min.actions.once import Repeatable, Work, write_once
from api_min.actions.profiles import Employer, employer
from api_min.actions.runs import AskedRun, run_and_wait
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError, invalid
from api_min.limits import check_limit, check_write_limit
from models.enums import PostingChannel, PostingState
from worker.catalogue.publishing import (
    LIST_TARGETS,
    PUBLISH_OFFER,
    WITHDRAW,
    ListTargets,
    PublishOffer,
    Wish,
    WithdrawPosting,
)
from worker.kit.ids import LARGEST_ROW_ID
from worker.ledger.answers import Key
from worker.ledger.controls import ControlRefused
from worker.ledger.enqueue import NewRun
from worker.services.publishing import deciding, failures, offers, rows, statistics, targets
from worker.services.publishing.boards import postings as boards
from worker.services.publishing.boards.postings import ConfirmationRefused
from worker.services.publishing.careers.sharing import mark_of
from worker.services.publishing.channels.channel import Channel
from worker.services.publishing.channels.everything import CHANNELS
from worker.services.publishing.deciding import NoPostId
from worker.services.publishing.links import posting_link
from worker.services.publishing.offers import PublishableOffer
from worker.services.publishing.partners import accounts as partners
from worker.services.publishing.preview import Preview, preview
from worker.services.publishing.rows import Posting
from worker.services.publishing.shown import error_of, picture_error_of

PREVIEWS = "60 per minute"
PUBLISHES = "20 per hour"
NO_OFFER = "Job not found"
NO_POSTING = "Posting not found"
NOT_CONNECTED = "{channel} is not connected"
HISTORY = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """address: where people find it, None where it stands nowhere, or nobody knows. error, picture_error: in the
    caller's language. clicks: on this posting's link.
    """

    posting: Posting
    address: str | None
    error: str | None
    picture_error: str | None
    clicks: int


@dataclass(frozen=True, slots=True)
class StatisticsView:
    posting: Posting
    history: Sequence[Mapping[str, Any]]
    visits: Mapping[str, int]


def publish(
    caller: Caller, job_id: int, wishes: Sequence[Wish], message: str | None, seconds: float | None, *, key: Key | None
) -> AskedRun:
    """Publish an offer on channels and wait for what becomes of it.

    Raises ApiError 400 without a company or where nothing is connected on the only channel, 404, 409 and 429.
    """

    def prepare() -> NewRun:
        check_write_limit(caller.name)
        with context().database.transaction() as connection:
            company_id = employer(connection, caller).company
            _open_offer(connection, company_id, job_id)
            _refuse_unconnected(connection, company_id, wishes)
        check_limit(PUBLISHES, "publishes", f"company:{company_id}")
        payload = PublishOffer(
            job_id=job_id, channels=tuple(wishes), message=message or None, published_by=caller.user_id
        )
        return NewRun(PUBLISH_OFFER.name, payload.model_dump(mode="json"), company_id=company_id)

    return run_and_wait(caller, prepare, seconds, key=key)


def _open_offer(connection: Connection, company_id: int, job_id: int) -> PublishableOffer:
    offer = _offer(connection, company_id, job_id)
    if not offer.is_open:
        raise ApiError(409, "This offer is not published, or has expired: nothing is posted for it.")
    return offer


def _offer(connection: Connection, company_id: int | None, job_id: int) -> PublishableOffer:
    found = offers.find(connection, job_id) if 0 < job_id <= LARGEST_ROW_ID else None
    if found is None or found.company_id != company_id:
        raise ApiError(404, NO_OFFER)
    return found


def _refuse_unconnected(connection: Connection, company_id: int, wishes: Sequence[Wish]) -> None:
    """Only where there is nothing else to do: of several channels the others go on."""
    for wish in wishes if len(wishes) == 1 else ():
        channel = CHANNELS[wish.channel]
        if _is_unconnected(connection, company_id, channel):
            raise ApiError(400, NOT_CONNECTED.format(channel=channel.title))


def _is_unconnected(connection: Connection, company_id: int, channel: Channel) -> bool:
    if channel.way == "webhook":
        return partners.of_company(connection, company_id) is None
    return channel.network is not None and targets.account_of(connection, company_id, channel.kind) is None


def list_targets(caller: Caller, channel: PostingChannel, seconds: float | None) -> AskedRun | None:
    """Ask a network where the company may post; None where there is no company. Raises ApiError 400, 404 and 429."""
    with context().database.transaction() as connection:
        company_id = employer(connection, caller).company_id
        if company_id is None:
            return None
        _refuse_unconnected(connection, company_id, (Wish(channel=channel),))

    def prepare() -> NewRun:
        check_limit(PREVIEWS, "previews", caller.name)
        payload = ListTargets(company_id=company_id, channel=channel)
        return NewRun(LIST_TARGETS.name, payload.model_dump(mode="json"), company_id=company_id)

    return run_and_wait(caller, prepare, seconds, key=None)


def list_of_offer(caller: Caller, job_id: int, *, limit: int, offset: int) -> tuple[list[Shown], int]:
    """The newest first, with how many there are in all. Raises ApiError 404."""
    with context().database.transaction() as connection:
        offer = _offer(connection, employer(connection, caller).readable_company, job_id)
        found, total = rows.of_offer(connection, job_id, limit=limit, offset=offset)
        return _shown(connection, caller, offer, found), total


def of_ids(caller: Caller, job_id: int, ids: Sequence[int]) -> list[Shown]:
    """Those of an offer, by their ids. Raises ApiError 404."""
    with context().database.transaction() as connection:
        offer = _offer(connection, employer(connection, caller).readable_company, job_id)
        found = [each for each in rows.of_ids(connection, ids) if each.job_id == job_id]
        return _shown(connection, caller, offer, found)


def one(caller: Caller, posting_id: int) -> Shown:
    """Raises ApiError 404."""
    with context().database.transaction() as connection:
        posting = _posting(connection, employer(connection, caller), posting_id)
        return _one(connection, caller, posting)


def _one(connection: Connection, caller: Caller, posting: Posting) -> Shown:
    return _shown(connection, caller, _offer(connection, posting.company_id, posting.job_id), [posting])[0]


def _shown(connection: Connection, caller: Caller, offer: PublishableOffer, found: Sequence[Posting]) -> list[Shown]:
    counted = statistics.clicks(connection, offer.id)
    locale = failures.locale_of(connection, caller.user_id)
    return [
        Shown(
            each,
            _address(offer, each),
            error_of(each, locale),
            picture_error_of(each, locale),
            counted.get(mark_of(each.id), 0),
        )
        for each in found
    ]


def _address(offer: PublishableOffer, posting: Posting) -> str | None:
    if CHANNELS[posting.channel].way != "page":
        return posting.address
    return posting_link(context().settings, offer, posting.id) if posting.state.active else None


def show_preview(caller: Caller, job_id: int, channel: PostingChannel, message: str | None) -> Preview:
    """What a post would look like. Raises ApiError 404, 422 for a channel without texts, and 429."""
    check_limit(PREVIEWS, "previews", caller.name)
    rules = CHANNELS[channel].network
    if rules is None:
        raise invalid(["body", "channel"], "has no text of its own: the offer itself is what is shown there")
    with context().database.transaction() as connection:
        offer = _offer(connection, employer(connection, caller).readable_company, job_id)
    return preview(context().settings, offer, rules, message)


def withdraw(caller: Caller, posting_id: int, seconds: float | None, *, key: Key | None) -> AskedRun:
    """Take a posting away and wait for it. Raises ApiError 400, 404, 409 and 429."""

    def prepare() -> NewRun:
        check_write_limit(caller.name)
        with context().database.transaction() as connection:
            posting = _posting(connection, employer(connection, caller), posting_id)
        if posting.state is PostingState.UNKNOWN:
            raise ApiError(409, "Nobody knows whether this was published: say first whether it is there.")
        payload = WithdrawPosting(posting_id=posting.id)
        return NewRun(WITHDRAW.name, payload.model_dump(), company_id=posting.company_id)

    return run_and_wait(caller, prepare, seconds, key=key)


def _posting(connection: Connection, user: Employer, posting_id: int, *, lock: bool = False) -> Posting:
    known = 0 < posting_id <= LARGEST_ROW_ID
    found = rows.find(connection, posting_id, lock=lock) if known else None
    if found is None or found.company_id != user.readable_company:
        raise ApiError(404, NO_POSTING)
    return found


def show_statistics(caller: Caller, posting_id: int) -> StatisticsView:
    """Raises ApiError 404."""
    with context().database.transaction() as connection:
        posting = _posting(connection, employer(connection, caller), posting_id)
        past = statistics.history(connection, posting.id, HISTORY)
        return StatisticsView(posting, past, statistics.clicks(connection, posting.job_id))


def confirm(caller: Caller, posting_id: int, external_url: str, request: Repeatable[Shown]) -> Shown:
    """Where a board shows a posting, of which it tells nothing itself. Raises ApiError 404, 409, 422 and 429."""

    def work(connection: Connection) -> Shown:
        posting = _posting(connection, employer(connection, caller), posting_id, lock=True)
        try:
            boards.confirm(connection, posting.id, external_url, caller.name)
        except ConfirmationRefused as error:
            if error.why == "address":
                raise invalid(["body", "external_url"], "must be the address of the offer on the board") from None
            raise ApiError(409, str(error)) from None
        return _one(connection, caller, rows.existing(connection, posting.id))

    def prepare() -> Work[Shown]:
        check_write_limit(caller.name)
        return work

    return write_once(caller, request, prepare)


def decide(caller: Caller, posting_id: int, exists: bool, post: str | None, request: Repeatable[Shown]) -> Shown:  # noqa: FBT001 - what the person says
    """Whether a posting in doubt is there. Raises ApiError 404, 409, 422 and 429."""

    def work(connection: Connection) -> Shown:
        posting = _posting(connection, employer(connection, caller), posting_id, lock=True)
        if not deciding.is_in_doubt(posting):
            raise ApiError(409, f"This posting is {posting.state.value}: there is nothing to decide.")
        _decide(connection, posting, exists, post, caller.name)
        return _one(connection, caller, rows.existing(connection, posting.id))

    def prepare() -> Work[Shown]:
        check_write_limit(caller.name)
        return work

    return write_once(caller, request, prepare)


def _decide(connection: Connection, posting: Posting, exists: bool, post: str | None, actor: str) -> None:  # noqa: FBT001 - what the person says
    try:
        if exists:
            deciding.it_is_there(connection, posting, post or "", actor)
        else:
            deciding.it_is_not(connection, posting, actor)
    except NoPostId:
        raise invalid(["body", "post"], "must be the address of the post, as the channel shows it") from None
    except ControlRefused as error:
        raise ApiError(409, str(error)) from None
