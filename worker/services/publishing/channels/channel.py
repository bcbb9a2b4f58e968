"""What a channel is to this platform: how a post on it is put into words, found, limited and shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from models.enums import PostingChannel
from worker.contracts.channels import Post
from worker.contracts.providers import AccountProviderName, AccountTable
from worker.services.publishing.offers import PublishableOffer

Way = Literal["network", "page", "feed", "webhook"]


@dataclass(frozen=True, slots=True)
class Composition:
    """What a post is made of. link: with the posting's mark. message: a recruiter's words in place of headline and
    summary, or None. picture: see `Post`.
    """

    offer: PublishableOffer
    link: str
    language: str
    message: str | None = None
    picture: str = ""


Compose = Callable[[Composition], Post]


@dataclass(frozen=True, slots=True)
class NetworkRules:
    """A network that is posted to by calls.

    provider: its name for gates, limits and clients. accounts: the table of its accounts. application, account: calls
    per second of our app and of one account. longest: characters of a text; fold: of those shown before "see more".
    pictures: whether posts carry an uploaded one. address: a post's page, from its id. id_of: its id in an address as
    people copy it, None where there is none. compose: a pure function. target_of: a target as people write it, in the
    network's own form. billed: whether each post costs money, so that a company has a number of them per month.
    """

    provider: AccountProviderName
    accounts: AccountTable
    application: float
    account: float
    longest: int
    fold: int
    pictures: bool
    address: Callable[[str], str]
    id_of: Callable[[str], str | None]
    compose: Compose
    target_of: Callable[[str], str] = str.strip
    billed: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """title: for people. way: `network` has calls, `page` is our own, `feed` is fetched by a board, `webhook` is called
    at a company's own address. network: of the first of these only. needs_account: whether a company has to connect
    something before it can publish there.
    """

    kind: PostingChannel
    title: str
    way: Way
    network: NetworkRules | None = None
    needs_account: bool = True
