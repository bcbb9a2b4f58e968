"""Feeds of the emulated networks, as their readers see them: posts with their cards, folded as the network folds them.

A network gives a `Feed`; pages, addresses, folding and languages are the same for all.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Literal, Protocol
from urllib.parse import parse_qsl, quote, urlsplit

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal

from sandbox.emulators.pages import Pages, language_of
from sandbox.emulators.web import BadRequest, Request, Response, Router

ROOT = "/feed"
# Raw text: what ends a sentence after an address is not part of the address.
_ADDRESS = re.compile(r"https?://[^\s<>\"«»]*[^\s<>\"«».,;:!?)\]}'’…]")
_HASHTAG = re.compile(r"(?<![\w&/#])#(?=\w*[^\W\d_])\w+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a post's text. address: where it leads; "" for nowhere."""

    text: str
    kind: Literal["text", "hashtag", "mention", "link"] = "text"
    address: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What a link is shown as. picture: see `FeedPost`."""

    link: str
    title: str
    description: str = ""
    picture: str | None = None

    @property
    def host(self) -> str:
        return (urlsplit(self.link).hostname or "").removeprefix("www.")


@dataclass(frozen=True, slots=True)
class FeedPost:
    """What readers see of a post.

    author: its name, and author_id what the network calls it. person: a member, not a page. at: aware. picture: a name
    that `Feed.picture` knows, or an http, https or data address. address: the public one, for people; "" without.
    """

    id: str
    author: str
    author_id: str
    at: datetime
    text: Sequence[Piece]
    person: bool = False
    edited: bool = False
    card: Card | None = None
    picture: str | None = None
    likes: int = 0
    comments: int = 0
    shares: int = 0
    address: str = ""

    @property
    def initials(self) -> str:
        words = [word for word in self.author.split() if word[0].isalnum()]
        return "".join(word[0] for word in words[:2]).upper() or "?"


@dataclass(frozen=True, slots=True)
class Picture:
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Look:
    """accent: the network's colour, on which white text can be read. The rest is shown after one of both limits."""

    accent: str
    fold_characters: int
    fold_lines: int


class Feed(Protocol):
    """One network's posts."""

    @property
    def name(self) -> str:
        """The provider's, as in addresses."""

    @property
    def title(self) -> str:
        """As people call the network."""

    @property
    def look(self) -> Look: ...

    def posts(self) -> Sequence[FeedPost]:
        """The newest first, without those that no reader sees any more."""

    def picture(self, name: str) -> Picture | None: ...

    def remove(self, identifier: str) -> None:
        """A person deletes a post in the network itself. Raises BadRequest for one that does not stand."""


@dataclass(frozen=True, slots=True)
class Folded:
    """short: what is seen before a reader asks for more; None when that is everything."""

    post: FeedPost
    short: Sequence[Piece] | None
    ago: str
    when: str


class FeedPages:
    def __init__(self, pages: Pages, feeds: Sequence[Feed]) -> None:
        self._pages = pages
        self._feeds: Mapping[str, Feed] = {feed.name: feed for feed in feeds}

    def add_routes(self, router: Router) -> None:
        router.add("GET", ROOT, self._first)
        router.add("GET", ROOT + "/{network}", self._feed)
        router.add("GET", ROOT + "/{network}/pictures/{name}", self._picture)
        router.add("POST", ROOT + "/{network}/{id}", self._act)

    def _first(self, request: Request) -> Response:
        """The first network that has posts."""
        feeds = sorted(self._feeds.values(), key=lambda feed: not feed.posts())
        if not feeds:
            return self._pages.nothing(request)
        return _sent_to(f"{ROOT}/{feeds[0].name}?lang={language_of(request)}")

    def _feed(self, request: Request) -> Response:
        feed = self._feeds.get(request.parameters["network"])
        if feed is None:
            return self._pages.nothing(request)
        language, posts = language_of(request), feed.posts()
        author = request.query.get("author", "")
        return self._pages.show(
            request,
            "feed.html",
            feed=feed,
            feeds=[(each, len(each.posts())) for each in self._feeds.values()],
            authors=_authors(posts),
            author=author,
            posts=[_folded(post, feed.look, language) for post in posts if author in ("", post.author_id)],
            root=ROOT,
            number=lambda value: format_decimal(value, locale=language),
            picture=lambda name: _picture_address(feed, name),
            action=lambda post: f"{ROOT}/{feed.name}/{quote(post.id, safe='')}?lang={language}",
        )

    def _picture(self, request: Request) -> Response:
        feed = self._feeds.get(request.parameters["network"])
        picture = feed.picture(request.parameters["name"]) if feed else None
        if picture is None:
            return self._pages.nothing(request)
        headers = {"Content-Type": picture.content_type, "X-Content-Type-Options": "nosniff"}
        return Response(HTTPStatus.OK, picture.content, headers)

    def _act(self, request: Request) -> Response:
        """A person acts in the network itself: {remove}."""
        feed = self._feeds.get(request.parameters["network"])
        if feed is None:
            return self._pages.nothing(request)
        if "remove" not in dict(parse_qsl(request.body.decode(), keep_blank_values=True)):
            raise BadRequest("a post can be removed: say remove")
        feed.remove(request.parameters["id"])
        return _sent_to(f"{ROOT}/{feed.name}?lang={language_of(request)}")


def marked(text: str, *, hashtags: bool = True) -> list[Piece]:
    """A plain text with its addresses, and its hashtags when wished, as networks find them. Nothing is lost."""
    pieces: list[Piece] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        pieces += [*_hashtags(text[end : match.start()], wished=hashtags), Piece(match[0], "link", match[0])]
        end = match.end()
    return [*pieces, *_hashtags(text[end:], wished=hashtags)]


def fold(pieces: Sequence[Piece], look: Look) -> Sequence[Piece] | None:
    """What is seen of a text before a reader asks for more; None when that is everything."""
    text = "".join(piece.text for piece in pieces)
    end = _end_of_lines(text, look.fold_lines)
    if len(text) > look.fold_characters:
        end = min(end, _end_of_word(text, look.fold_characters))
    return _up_to(pieces, end) if end < len(text) else None


def _hashtags(text: str, *, wished: bool) -> Iterable[Piece]:
    end = 0
    for match in _HASHTAG.finditer(text) if wished else ():
        if match.start() > end:
            yield Piece(text[end : match.start()])
        yield Piece(match[0], "hashtag")
        end = match.end()
    if end < len(text):
        yield Piece(text[end:])


def _up_to(pieces: Sequence[Piece], end: int) -> list[Piece]:
    short: list[Piece] = []
    for piece in pieces:
        if end <= 0:
            break
        short.append(piece if len(piece.text) <= end else replace(piece, text=piece.text[:end]))
        end -= len(piece.text)
    return short


def _end_of_lines(text: str, count: int) -> int:
    end = -1
    for _ in range(count):
        end = text.find("\n", end + 1)
        if end == -1:
            return len(text)
    return end


def _end_of_word(text: str, limit: int) -> int:
    """The last blank before the limit, unless the word is so long that little would be left."""
    blank = max(text.rfind(" ", 0, limit + 1), text.rfind("\n", 0, limit + 1))
    return blank if blank > limit // 2 else limit


def _folded(post: FeedPost, look: Look, language: str) -> Folded:
    age = post.at - datetime.now(UTC)
    return Folded(
        post=post,
        short=fold(post.text, look),
        ago=format_timedelta(age, add_direction=True, locale=language),
        when=format_datetime(post.at, "long", locale=language),
    )


def _authors(posts: Sequence[FeedPost]) -> Mapping[str, str]:
    """Id to name, by name."""
    names = {post.author_id: post.author for post in reversed(posts)}
    return dict(sorted(names.items(), key=lambda entry: entry[1].casefold()))


def _picture_address(feed: Feed, name: str) -> str:
    if name.startswith(("http://", "https://", "data:")):
        return name
    return f"{ROOT}/{feed.name}/pictures/{quote(name, safe='')}"


def _sent_to(address: str) -> Response:
    return Response(HTTPStatus.SEE_OTHER, b"", {"Location": address})
