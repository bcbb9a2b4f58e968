"""Posts, the standing and the deleted ones. Source: LinkedIn, "Posts API"."""

import itertools
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.emulators.linkedin.little_text import LittleText

PUBLISHED, DRAFT, PUBLISH_FAILED = "PUBLISHED", "DRAFT", "PUBLISH_FAILED"
KINDS = ("share", "ugcPost")
_FIRST_NUMBER = 7_400_000_000_000_000_000


@dataclass(slots=True)
class Post:
    """Times are epoch seconds.

    members: what else was sent. by: e-mail address of the member who posted it. behind: a person in the network did,
    not an application. figures: what the statistics tell; None: nothing.
    """

    urn: str
    author: str
    by: str
    commentary: LittleText
    members: Mapping[str, Any]
    lifecycle: str
    created_at: float
    changed_at: float
    behind: bool = False
    edited: bool = False
    deleted_at: float | None = None
    figures: Mapping[str, int] | None = None

    @property
    def standing(self) -> bool:
        """Whether readers see it."""
        return self.deleted_at is None and self.lifecycle == PUBLISHED

    @property
    def article(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = (self.members.get("content") or {}).get("article") or {}
        return found

    def resource(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            **self.members,
            "id": self.urn,
            "author": self.author,
            "commentary": self.commentary.kept,
            "lifecycleState": self.lifecycle,
            "lifecycleStateInfo": {"isEditedByAuthor": self.edited},
            "createdAt": milliseconds(self.created_at),
            "publishedAt": milliseconds(self.created_at),
            "lastModifiedAt": milliseconds(self.changed_at),
        }


class PostStore:
    """Safe for any number of threads; `lock` makes several steps one."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._posts: dict[str, Post] = {}
        self._numbers = itertools.count(_FIRST_NUMBER)

    def new_urn(self, kind: str) -> str:
        return f"urn:li:{kind}:{next(self._numbers)}"

    def add(self, post: Post) -> None:
        with self.lock:
            self._posts[post.urn] = post

    def get(self, urn: str) -> Post | None:
        """One that was not deleted."""
        post = self._posts.get(urn)
        return post if post is not None and post.deleted_at is None else None

    def anyhow(self, urn: str) -> Post | None:
        """The deleted ones too."""
        return self._posts.get(urn)

    def all(self) -> list[Post]:
        """The deleted ones too, in the order in which they were made."""
        with self.lock:
            return list(self._posts.values())

    def of_author(self, author: str) -> Iterable[Post]:
        """Those that were not deleted."""
        return [post for post in self.all() if post.author == author and post.deleted_at is None]

    def duplicated(self, author: str, commentary: LittleText, ghost_seconds: float) -> Post | None:
        """The newest post of this author with this text that stands, or was deleted so many seconds ago at most."""
        oldest = time.time() - ghost_seconds
        same = (
            post
            for post in reversed(self.all())
            if post.author == author and post.commentary.kept == commentary.kept and commentary.kept
        )
        return next((post for post in same if post.deleted_at is None or post.deleted_at > oldest), None)

    def delete(self, post: Post) -> None:
        with self.lock:
            post.deleted_at = post.deleted_at or time.time()


def milliseconds(moment: float) -> int:
    return int(moment * 1000)
