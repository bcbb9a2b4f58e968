"""Facebook's posts for the inspector, as readers of the pages see them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sandbox.emulators.facebook.people import Directory
from sandbox.emulators.facebook.posts import ADMINISTRATORS, NOBODY, Post, PostStore
from sandbox.emulators.feed_pages import Card, FeedPost, Look, Picture, marked
from sandbox.emulators.web import BadRequest

_FOR_ADMINISTRATORS = " · administrateurs de l’app seulement"


class FacebookFeed:
    """A `Feed`."""

    name = "facebook"
    title = "Facebook"
    look = Look(accent="#0a66d8", fold_characters=477, fold_lines=5)

    def __init__(self, directory: Directory, posts: PostStore) -> None:
        self._directory = directory
        self._posts = posts

    def posts(self) -> Sequence[FeedPost]:
        """The newest first. What an app in development mode posted says so beside its author."""
        standing = [post for post in self._posts.all() if not post.removed and post.audience != NOBODY]
        return [self._shown(post) for post in reversed(standing)]

    def picture(self, name: str) -> Picture | None:  # noqa: ARG002 - Facebook takes the picture from the link's page
        return None

    def remove(self, identifier: str) -> None:
        if not self._posts.remove(identifier):
            raise BadRequest(f"{identifier!r} is no post that stands")

    def _shown(self, post: Post) -> FeedPost:
        page = self._directory.page(post.page)
        author = page.name if page else post.page
        return FeedPost(
            id=post.id,
            author=author + (_FOR_ADMINISTRATORS if post.audience == ADMINISTRATORS else ""),
            author_id=post.page,
            at=datetime.fromtimestamp(post.created, UTC),
            text=marked(post.message),
            card=Card(post.link, title=post.link) if post.link else None,
            likes=post.figures.get("likes", 0),
            comments=post.figures.get("comments", 0),
            shares=post.figures.get("shares", 0),
            address=post.permalink,
        )
