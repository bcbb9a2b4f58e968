"""LinkedIn's feed for the inspector."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from sandbox.emulators.feed_pages import Card, FeedPost, Look, Picture, Piece, marked
from sandbox.emulators.linkedin.images import ImageStore
from sandbox.emulators.linkedin.little_text import Element
from sandbox.emulators.linkedin.members import Directory
from sandbox.emulators.linkedin.posts import Post, PostStore
from sandbox.emulators.web import BadRequest

SITE = "https://www.linkedin.com"


class LinkedInFeed:
    name = "linkedin"
    title = "LinkedIn"
    look = Look(accent="#0a66c2", fold_characters=210, fold_lines=3)

    def __init__(self, directory: Directory, posts: PostStore, images: ImageStore) -> None:
        self._directory = directory
        self._posts = posts
        self._images = images

    def posts(self) -> Sequence[FeedPost]:
        standing = [post for post in self._posts.all() if post.standing]
        return [self._shown(post) for post in sorted(standing, key=lambda post: post.created_at, reverse=True)]

    def picture(self, name: str) -> Picture | None:
        found = self._images.content(name)
        return None if found is None else Picture(*found)

    def remove(self, identifier: str) -> None:
        post = self._posts.get(identifier)
        if post is None:
            raise BadRequest(f"no post {identifier!r} stands")
        self._posts.delete(post)

    def _shown(self, post: Post) -> FeedPost:
        figures: Mapping[str, int] = post.figures or {}
        media = (post.members.get("content") or {}).get("media") or {}
        return FeedPost(
            id=post.urn,
            author=self._directory.name_of(post.author) or post.author,
            author_id=post.author,
            at=datetime.fromtimestamp(post.created_at, UTC),
            text=[piece for element in post.commentary.elements for piece in self._pieces(element)],
            person=post.author.startswith("urn:li:person:"),
            edited=post.edited,
            card=_card(post),
            picture=media.get("id"),
            likes=max(0, figures.get("likeCount", 0)),
            comments=figures.get("commentCount", 0),
            shares=figures.get("shareCount", 0),
            address=f"{SITE}/feed/update/{post.urn}/",
        )

    def _pieces(self, element: Element) -> Iterator[Piece]:
        if element.kind == "hashtag":
            address = f"{SITE}/feed/hashtag/?keywords={quote(element.text[1:])}"
            yield Piece(element.text, "hashtag", address)
        elif element.kind == "mention" and self._directory.name_of(element.urn) == element.text:
            yield Piece(element.text, "mention", f"{SITE}/company/{element.urn.rpartition(':')[2]}/")
        else:
            yield from marked(element.text, hashtags=False)


def _card(post: Post) -> Card | None:
    article = post.article
    if not article:
        return None
    title, description = article.get("title") or "", article.get("description") or ""
    return Card(article["source"], title, description, article.get("thumbnail"))
