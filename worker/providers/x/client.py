"""Posts of X accounts. Source: X, "Manage Posts", "Timelines", "Pricing".

X bills each post that is made, more for one with an address, and each post that is answered: as few as possible are
asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.channels import Figures, Picture, Post, Published, Target
from worker.kit.errors import Retryable, RunError, UnknownOutcome
from worker.kit.http import CallLimits
from worker.kit.words import sentence
from worker.providers.x import payloads
from worker.providers.x.api import Members, XApi
from worker.providers.x.errors import Duplicate, Gone

POSTS = "/2/tweets"
LEAST_RESULTS = 5
MOST_PAGES = 4
POSTS_AT_ONCE = 100
LONGEST_NAME = 200
# Clocks differ.
SKEW = timedelta(minutes=5)
COUNTED_FOR = timedelta(days=30)
# How far back a duplicate is looked for: X takes nothing older for one.
DUPLICATES = timedelta(days=2)


class XPosts:
    """A `Network`. An account has one target: its own number, which X wants to hear where posts are listed."""

    def __init__(self, *, url: str, limits: CallLimits | None = None) -> None:
        self._api = XApi(url, limits)

    def close(self) -> None:
        self._api.close()

    def body(self, post: Post, target: str) -> bytes:  # noqa: ARG002 - the token says whose post it is
        return payloads.body(post)

    def upload_picture(self, token: str, target: str, picture: Picture) -> str:  # noqa: ARG002 - see below
        """X takes a link's picture from the page behind it."""
        return ""

    def publish(self, token: str, target: str, body: bytes, *, link: str, deadline: float) -> Published:
        try:
            post_id = payloads.data(self._api.create(POSTS, token, body, deadline=deadline)).get("id")
        except Duplicate:
            return self._present(token, target, link)
        if not payloads.is_id(post_id):
            raise UnknownOutcome("X took the post but did not say its id.")
        return Published(str(post_id))

    def find(self, token: str, target: str, link: str, since: datetime) -> Published | None:
        for post in self._newest(token, target, since - SKEW):
            if payloads.holds_link(post, link):
                return Published(str(post["id"]))
        return None

    def withdraw(self, token: str, target: str, post_id: str, *, deadline: float) -> None:  # noqa: ARG002 - the post's id says whose it is
        if not payloads.is_id(post_id):
            return
        try:
            self._api.delete(f"{POSTS}/{post_id}", token, deadline=deadline)
        except Gone:
            return

    def statistics(self, token: str, target: str, post_ids: Sequence[str]) -> Mapping[str, Figures]:  # noqa: ARG002 - as above
        """Of posts that are young enough to be read still: each look at a post costs money."""
        oldest = datetime.now(UTC) - COUNTED_FOR
        known = [each for each in dict.fromkeys(post_ids) if payloads.is_id(each) and payloads.made_at(each) >= oldest]
        found: dict[str, Figures] = {}
        for start in range(0, len(known), POSTS_AT_ONCE):
            query = {"ids": ",".join(known[start : start + POSTS_AT_ONCE]), "tweet.fields": payloads.COUNTED}
            told = self._api.read(POSTS, token, query)
            found |= {str(post["id"]): payloads.figures(post) for post in payloads.posts(told)}
        return found

    def targets(self, token: str) -> Sequence[Target]:
        told = payloads.data(self._api.read("/2/users/me", token))
        if not payloads.is_id(told.get("id")):
            raise Retryable("X does not say for now whose account this is.", code="provider.unusable_answer")
        name = sentence(told.get("name"), LONGEST_NAME) or str(told["id"])
        username = sentence(told.get("username"), LONGEST_NAME)
        return [Target(str(told["id"]), f"{name} (@{username})" if username else name)]

    def _newest(self, token: str, target: str, oldest: datetime) -> Iterator[Members]:
        """Pages are the smallest that X gives, and there are no more of them than a company posts in a while."""
        query = {
            "max_results": str(LEAST_RESULTS),
            "tweet.fields": payloads.SEEN,
            "start_time": oldest.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        page: Mapping[str, str] = {}
        for _ in range(MOST_PAGES):
            told = self._api.read(f"/2/users/{_checked(target)}/tweets", token, {**query, **page})
            for post in _listed(told):
                made = payloads.created(post)
                if made is None or made >= oldest:
                    yield post
            following = payloads.next_page(told)
            if following is None:
                return
            page = {"pagination_token": following}

    def _present(self, token: str, target: str, link: str) -> Published:
        """The post that keeps ours from being made. The link is in the text, so it is ours; X compares with posts that
        were deleted, too, and lists none that it has made just now.
        """
        try:
            found = self.find(token, target, link, datetime.now(UTC) - DUPLICATES)
        except RunError as error:
            raise UnknownOutcome(f"X has this post already, but does not show it: {error}") from error
        if found is None:
            raise UnknownOutcome("X has this post already, or had it until somebody deleted it; it does not list it.")
        return found


def _listed(told: Members) -> Sequence[Members]:
    """X answers 200 also where it lists nothing because the account may not see it: nothing is known then."""
    if payloads.is_list(told):
        return payloads.posts(told)
    if payloads.is_withheld(told):
        raise ScopeMissing("X does not show this account its own posts.")
    raise Retryable("X answered with something that is no list.", code="provider.unusable_answer")


def _checked(target: str) -> str:
    """It becomes a part of an address."""
    if not payloads.is_id(target):
        raise AccessRefused("It is not known which X account this is: connect X again.")
    return target
