"""A company's own partner on the channel `custom`: connected, given another secret, ended; and what was sent to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection

from api_min.actions.once import Repeatable, Work, write_once
from api_min.actions.profiles import employer
from api_min.actions.runs import AskedRun, run_and_wait
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import ApiError, invalid
from api_min.limits import check_limit
from worker.catalogue.partners import SEND_AGAIN, SendAgain
from worker.contracts.partners import BOARD_COUNTRIES, board_country
from worker.kit.crypto import NoEncryptionKey
from worker.kit.errors import RunError
from worker.kit.public_addresses import BadUrl, Outside, listed_ports
from worker.ledger.answers import Key
from worker.ledger.enqueue import NewRun
from worker.services.integrations.vault import TokenVault
from worker.services.publishing.partners import accounts, deliveries
from worker.services.publishing.partners.accounts import Owner, Partner
from worker.services.publishing.partners.deliveries import Delivery

CHANGES = "30 per hour"
SENDS = "30 per minute"
BOARD = "MyJobMag"
NO_PARTNER = "No webhook is connected."
NO_DELIVERY = "Delivery not found"
NO_KEYS = "Nothing can be connected: set TOKEN_ENCRYPTION_KEYS, then restart."

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """What an employer wants to be connected. country: of the board's site, where it is told beside the key."""

    kind: Literal["webhook", "myjobmag"]
    url: str | None = None
    token: str | None = field(default=None, repr=False)
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """made: nothing of this kind was connected before. has_new_secret: `reveal` tells it."""

    partner: Partner
    made: bool
    has_new_secret: bool


def show(caller: Caller) -> Partner | None:
    """What the company has connected. Raises ApiError 404 for who is no employer."""
    with context().database.transaction() as connection:
        return accounts.of_company(connection, employer(connection, caller).readable_company)


def save(caller: Caller, wish: Wish, request: Repeatable[Saved]) -> Saved:
    """Connect a partner in place of the one before, or change it; one that was off is on again.

    Raises ApiError 400 without a company, 404, 409, 422, 429, and 503 where no secret can be kept.
    """
    write = _receiver(wish) if wish.kind == "webhook" else _board(wish)

    def work(connection: Connection, owner: Owner) -> Saved:
        made = write(connection, owner)
        return Saved(_existing(connection, owner), made, has_new_secret=made and wish.kind == "webhook")

    return _change(caller, request, work)


def _receiver(wish: Wish) -> Callable[[Connection, Owner], bool]:
    url, settings = (wish.url or "").strip(), context().settings
    try:
        Outside(listed_ports(settings.webhook_ports), settings.webhook_local_receivers).check(url)
    except BadUrl as error:
        raise invalid(["body", "url"], str(error)) from None
    own = {urlsplit(each).hostname for each in (settings.platform_url, settings.frontend_url)}
    if (urlsplit(url).hostname or "").rstrip(".") in own and not settings.webhook_local_receivers:
        raise invalid(["body", "url"], "This is an address of the platform itself.")
    return lambda connection, owner: accounts.save_receiver(connection, _vault(), owner, url)


def _board(wish: Wish) -> Callable[[Connection, Owner], bool]:
    token = (wish.token or "").strip()
    country = board_country(token)
    if country is None:
        known = ", ".join(BOARD_COUNTRIES)
        raise invalid(["body", "token"], f"must be a key of {BOARD} (mjm_<country>_…) for one of: {known}")
    if wish.country and wish.country.strip().lower() != country:
        raise invalid(["body", "country"], f"is not the key's own, which is {country}")
    label = f"{BOARD} {country.upper()}"
    return lambda connection, owner: accounts.save_key(connection, _vault(), owner, label, country, token)


def rotate_secret(caller: Caller, request: Repeatable[Saved]) -> Saved:
    """Sign with a new secret from now on, and with the one before for 24 hours more.

    Raises ApiError 400, 404, 409 where no webhook is connected, 429, 503.
    """

    def work(connection: Connection, owner: Owner) -> Saved:
        known = accounts.of_company(connection, owner.company_id, lock=True)
        if known is None or known.kind != "webhook":
            raise ApiError(409, NO_PARTNER)
        accounts.rotate_secret(connection, _vault(), known, owner.actor)
        return Saved(_existing(connection, owner), made=False, has_new_secret=True)

    return _change(caller, request, work)


def reveal(caller: Caller, version: int) -> str | None:
    """The secret that was made as this version of the company's; None once there is another one."""
    known = show(caller)
    if known is None or known.kind != "webhook" or known.token_version != version:
        return None
    try:
        return accounts.secrets_of(_vault(), known)[0]
    except RunError as error:
        raise ApiError(503, str(error), code=error.code) from None


def disconnect(caller: Caller, request: Repeatable[int]) -> int:
    """End the company's partner, also when there is none; how many ended. Raises ApiError 400, 404, 409, 429."""
    return _change(caller, request, lambda connection, owner: accounts.end(connection, owner.company_id, owner.actor))


def list_deliveries(caller: Caller, *, limit: int, offset: int) -> tuple[Sequence[Delivery], int]:
    """The newest first, with how many there are in all. Raises ApiError 404 for who is no employer."""
    with context().database.transaction() as connection:
        company_id = employer(connection, caller).readable_company
        return deliveries.of_company(connection, company_id, limit=limit, offset=offset)


def send_again(caller: Caller, delivery_id: int, seconds: float | None, *, key: Key | None) -> AskedRun:
    """Send a delivery once more under its id and wait for the answer.

    Raises ApiError 400, 404, 409 where its receiver is connected no more or switched off, and 429.
    """

    def prepare() -> NewRun:
        check_limit(SENDS, "deliveries", caller.name)
        with context().database.transaction() as connection:
            company_id = employer(connection, caller).company
            sent = _delivery(connection, company_id, delivery_id)
            _refuse_silent(accounts.find(connection, sent.partner_id))
        payload = SendAgain(delivery_id=sent.id, asked_by=caller.user_id or 0)
        return NewRun(SEND_AGAIN.name, payload.model_dump(), company_id=company_id)

    return run_and_wait(caller, prepare, seconds, key=key)


def one_delivery(caller: Caller, delivery_id: int) -> Delivery:
    """Raises ApiError 404."""
    with context().database.transaction() as connection:
        return _delivery(connection, employer(connection, caller).readable_company, delivery_id)


def _delivery(connection: Connection, company_id: int, delivery_id: int) -> Delivery:
    found = deliveries.find(connection, delivery_id) if 0 < delivery_id < 2**63 else None
    owner = accounts.find(connection, found.partner_id) if found else None
    if found is None or owner is None or owner.company_id != company_id:
        raise ApiError(404, NO_DELIVERY)
    return found


def _refuse_silent(partner: Partner | None) -> None:
    if partner is None or not partner.is_active:
        raise ApiError(409, "The receiver of this delivery is connected no more.")
    if partner.off_since is not None:
        raise ApiError(409, "The receiver is switched off: connect its address again first.")


def _change(caller: Caller, request: Repeatable[T], work: Callable[[Connection, Owner], T]) -> T:
    def prepare() -> Work[T]:
        check_limit(CHANGES, "connections", caller.name)
        with context().database.transaction() as connection:
            owner = Owner(employer(connection, caller).company, caller.user_id or 0, caller.name)
        return lambda connection: work(connection, owner)

    try:
        return write_once(caller, request, prepare)
    except NoEncryptionKey:
        raise ApiError(503, NO_KEYS, code="provider.configuration") from None


def _existing(connection: Connection, owner: Owner) -> Partner:
    found = accounts.of_company(connection, owner.company_id)
    if found is None:
        raise LookupError(f"the partner of company {owner.company_id} vanished in the transaction that wrote it")
    return found


def _vault() -> TokenVault:
    return TokenVault(context().settings)
