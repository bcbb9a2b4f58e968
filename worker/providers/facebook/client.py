"""Posts on Facebook pages. Source: Facebook, "Pages API: posts", "Page feed" of the Graph API."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from worker.contracts.accounts import AccessRefused
from worker.contracts.channels import Figures, Picture, Post, Published, Target
from worker.kit.errors import Refused, RunError, UnknownOutcome
from worker.kit.http import CallLimits
from worker.kit.words import sentence
from worker.providers.facebook import payloads
from worker.providers.facebook.errors import Duplicate, Gone
from worker.providers.facebook.graph import GraphApi, Members
from worker.providers.facebook.page_tokens import PageTokens, unpacked

PAGE = 100
POSTS_AT_ONCE = 50
LONGEST_NAME = 200
# Clocks differ.
SKEW = timedelta(minutes=5)
_OF_OTHER = "Facebook takes this text for a repetition of the page's last post. Change the text, and publish again."


class FacebookPages:
    """A `Network`; its tokens are those of `FacebookAccounts`. app_is_live: whether a stranger has seen a post of our
    app, which posts for its administrators alone while it is in development mode, and never says so.
    """

    def __init__(
        self, *, url: str, version: str, app_secret: str, app_is_live: bool, limits: CallLimits | None = None
    ) -> None:
        self._graph = GraphApi(url, version, app_secret, limits)
        self._live = app_is_live

    def close(self) -> None:
        self._graph.close()

    def body(self, post: Post, target: str) -> bytes:  # noqa: ARG002 - the page is in the address
        return payloads.body(post)

    def upload_picture(self, token: str, target: str, picture: Picture) -> str:  # noqa: ARG002 - see below
        """Facebook takes a link's picture from the page behind it."""
        return ""

    def publish(self, token: str, target: str, body: bytes, *, link: str, deadline: float) -> Published:
        of_page = unpacked(token).of(target)
        try:
            post_id = self._graph.create(f"/{target}/feed", of_page, body, deadline=deadline).get("id")
        except Duplicate:
            return self._present(of_page, target, body, link)
        if not payloads.is_post(post_id):
            raise UnknownOutcome("Facebook took the post but did not say its id.")
        return Published(str(post_id), visible=self._live)

    def find(self, token: str, target: str, link: str, since: datetime) -> Published | None:
        oldest = since - SKEW
        for post in self._newest(unpacked(token).of(target), target, since=oldest):
            made = payloads.created(post)
            if made is not None and made < oldest:
                return None
            if payloads.holds_link(post, link) and payloads.is_post(post.get("id")):
                return Published(str(post["id"]), visible=self._live)
        return None

    def withdraw(self, token: str, target: str, post_id: str, *, deadline: float) -> None:
        """Facebook says the same of a post that is gone and of one that a token may not see. The page's token sees all
        of the page's posts, so while it is good the post is gone.
        """
        of_page = unpacked(token).of(target)
        try:
            self._graph.delete(f"/{_checked(post_id)}", of_page, deadline=deadline)
        except Gone:
            self._graph.read("/me", of_page, {"fields": "id"})

    def statistics(self, token: str, target: str, post_ids: Sequence[str]) -> Mapping[str, Figures]:
        of_page = unpacked(token).of(target)
        known = [each for each in dict.fromkeys(post_ids) if payloads.is_post(each)]
        found: dict[str, Figures] = {}
        for start in range(0, len(known), POSTS_AT_ONCE):
            found |= self._counted(of_page, known[start : start + POSTS_AT_ONCE])
        return found

    def targets(self, token: str) -> Sequence[Target]:
        """Pages whose tokens are still good. Raises AccessRefused where none is, though there were some."""
        tokens = unpacked(token)
        found = list(self._usable(tokens))
        if tokens.pages and not found:
            raise AccessRefused("Facebook does not take the access to any page any more.")
        return found

    def _usable(self, tokens: PageTokens) -> Iterator[Target]:
        for page, of_page in tokens.pages.items():
            try:
                told = self._graph.read(f"/{page}", of_page, {"fields": "id,name"})
            except (AccessRefused, Gone):
                continue
            yield Target(page, sentence(told.get("name"), LONGEST_NAME) or f"Page {page}")

    def _newest(self, of_page: str, target: str, since: datetime | None = None) -> Iterator[Members]:
        query = {"fields": payloads.SEEN, "limit": str(PAGE)}
        if since is not None:
            query["since"] = str(max(int(since.timestamp()), 0))
        return self._graph.entries(f"/{target}/feed", of_page, query)

    def _present(self, of_page: str, target: str, body: bytes, link: str) -> Published:
        """The post that keeps ours from being made: an earlier call's, or one with the same words."""
        try:
            newest = list(islice(self._newest(of_page, target), PAGE))
        except RunError as error:
            raise UnknownOutcome(f"Facebook has this post already, but does not show it: {error}") from error
        for post in newest:
            if payloads.holds_link(post, link) and payloads.is_post(post.get("id")):
                return Published(str(post["id"]), visible=self._live)
        if newest and payloads.repeats(newest[0], body):
            raise Refused(_OF_OTHER, code="publishing.duplicate_of_other")
        raise UnknownOutcome("Facebook has this post already, but does not list it.")

    def _counted(self, of_page: str, post_ids: Sequence[str]) -> dict[str, Figures]:
        """One that is gone spoils the answer for all: then each is asked for by itself."""
        try:
            told = self._graph.read("/", of_page, {"ids": ",".join(post_ids), "fields": payloads.COUNTED})
        except Refused:
            each_told = ((each, self._counted_alone(of_page, each)) for each in post_ids)
            return {each: figures for each, figures in each_told if figures is not None}
        entries = ((each, told.get(each)) for each in post_ids)
        return {each: payloads.figures(entry) for each, entry in entries if isinstance(entry, dict)}

    def _counted_alone(self, of_page: str, post_id: str) -> Figures | None:
        try:
            return payloads.figures(self._graph.read(f"/{post_id}", of_page, {"fields": payloads.COUNTED}))
        except Gone:
            return None


def _checked(post_id: str) -> str:
    """It becomes a part of an address."""
    if not payloads.is_post(post_id):
        raise Gone("Facebook gives no such ids to posts.")
    return post_id
