"""Posts on pages: what was published, by whom it can be seen, and what became of it."""

import itertools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

EVERYBODY, ADMINISTRATORS, NOBODY = "everybody", "administrators", "nobody"


@dataclass(frozen=True, slots=True)
class Post:
    """audience: NOBODY sees an unpublished one. seen_from: epoch seconds from which the page's feed lists it."""

    id: str
    page: str
    message: str
    link: str
    created: float
    audience: str
    seen_from: float
    figures: Mapping[str, int] = field(default_factory=dict)
    removed: bool = False

    @property
    def created_time(self) -> str:
        return datetime.fromtimestamp(self.created, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")

    @property
    def permalink(self) -> str:
        page, _, post = self.id.partition("_")
        return f"https://www.facebook.com/{page}/posts/{post}"

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "page": self.page,
            "message": self.message,
            "link": self.link,
            "created_time": self.created_time,
            "audience": self.audience,
            "live": not self.removed,
        }


class PostStore:
    """Safe for any number of threads; the oldest first."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._numbers = itertools.count(122100000000001)
        self._posts: dict[str, Post] = {}

    def add(self, page: str, message: str, link: str, *, audience: str, delay: float) -> Post | None:
        """None: it is identical to the page's last one."""
        now = time.time()
        with self._guard:
            last = next((each for each in reversed(self._posts.values()) if each.page == page), None)
            if last is not None and not last.removed and (last.message, last.link) == (message, link):
                return None
            identifier = f"{page}_{next(self._numbers)}"
            self._posts[identifier] = Post(identifier, page, message, link, now, audience, now + delay)
            return self._posts[identifier]

    def get(self, identifier: str) -> Post | None:
        post = self._posts.get(identifier)
        return post if post is not None and not post.removed else None

    def feed(self, page: str) -> list[Post]:
        """What stands and is published, the newest first."""
        now = time.time()
        with self._guard:
            return [
                each
                for each in reversed(self._posts.values())
                if each.page == page and not each.removed and each.audience != NOBODY and each.seen_from <= now
            ]

    def all(self) -> list[Post]:
        with self._guard:
            return list(self._posts.values())

    def remove(self, identifier: str) -> bool:
        with self._guard:
            post = self._posts.get(identifier)
            if post is None or post.removed:
                return False
            self._posts[identifier] = replace(post, removed=True)
            return True

    def count(self, identifier: str, figures: Mapping[str, int]) -> Post | None:
        """Readers react: reactions, comments, shares."""
        with self._guard:
            post = self._posts.get(identifier)
            if post is not None:
                self._posts[identifier] = post = replace(post, figures={**post.figures, **figures})
        return post
