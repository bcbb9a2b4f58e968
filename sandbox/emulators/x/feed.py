"""X's posts for the inspector."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sandbox.emulators.feed_pages import Card, FeedPost, Look, Picture, marked
from sandbox.emulators.web import BadRequest
from sandbox.emulators.x import texts
from sandbox.emulators.x.people import Directory
from sandbox.emulators.x.posts import Post, PostStore


class XFeed:
    """A `Feed`."""

    name = "x"
    title = "X"
    look = Look(accent="#14171a", fold_characters=280, fold_lines=20)

    def __init__(self, directory: Directory, posts: PostStore) -> None:
        self._directory = directory
        self._posts = posts

    def posts(self) -> Sequence[FeedPost]:
        """The newest first, with the long addresses: readers see their beginning."""
        return [self._shown(post) for post in reversed(self._posts.all()) if not post.removed]

    def picture(self, name: str) -> Picture | None:  # noqa: ARG002 - X takes the picture from the link's page
        return None

    def remove(self, identifier: str) -> None:
        if not self._posts.remove(identifier):
            raise BadRequest(f"{identifier!r} is no post that stands")

    def _shown(self, post: Post) -> FeedPost:
        person = self._directory.by_id(post.author)
        author = f"{person.name} @{person.username}" if person else post.author
        addresses = texts.addresses(post.text)
        return FeedPost(
            id=post.id,
            author=author,
            author_id=post.author,
            at=datetime.fromtimestamp(post.created, UTC),
            text=marked(post.text),
            person=True,
            card=Card(addresses[-1].expanded, title=addresses[-1].long) if addresses else None,
            likes=post.figures.get("like_count", 0),
            comments=post.figures.get("reply_count", 0),
            shares=post.figures.get("retweet_count", 0),
            address=f"https://x.com/{person.username if person else 'i'}/status/{post.id}",
        )
