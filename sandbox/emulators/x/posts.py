"""Posts of people on X."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sandbox.emulators.x import texts

# The first post of X's numbering by time: November 2010, in milliseconds.
_EPOCH = 1_288_834_974_657
SAME_FOR = 86_400.0


@dataclass(frozen=True, slots=True)
class Post:
    """text: as it was sent. seen_from: epoch seconds from which its author's list holds it."""

    id: str
    author: str
    text: str
    created: float
    seen_from: float
    figures: Mapping[str, int] = field(default_factory=dict)
    removed: bool = False

    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "author": self.author, "text": self.text, "live": not self.removed}

    def told(self, fields: frozenset[str]) -> dict[str, Any]:
        """As the API answers. fields: of `tweet.fields`."""
        urls = [
            {"start": each.start, "end": each.end, "url": each.short, "expanded_url": each.expanded}
            for each in texts.addresses(self.text)
        ]
        counted = ("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count")
        known: dict[str, Any] = {
            "created_at": datetime.fromtimestamp(self.created, UTC).isoformat(timespec="milliseconds")[:23] + "Z",
            "author_id": self.author,
            "entities": {"urls": urls} if urls else None,
            "public_metrics": {name: self.figures.get(name, 0) for name in counted},
        }
        own = {"id": self.id, "text": texts.shown(self.text), "edit_history_tweet_ids": [self.id]}
        return own | {name: value for name, value in known.items() if name in fields and value is not None}


class PostStore:
    """Safe for any number of threads; the oldest first."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._posts: dict[str, Post] = {}
        self._last = 0

    def add(self, author: str, text: str, *, delay: float) -> Post | None:
        """None: the author posted the same within a day, deleted or not."""
        now = time.time()
        with self._guard:
            known = (each for each in self._posts.values() if each.author == author and each.text == text)
            if any(now - each.created < SAME_FOR for each in known):
                return None
            self._last = max(self._last + 1, (int(now * 1000) - _EPOCH) << 22)
            post = Post(str(self._last), author, text, now, now + delay)
            self._posts[post.id] = post
            return post

    def get(self, identifier: str) -> Post | None:
        post = self._posts.get(identifier)
        return post if post is not None and not post.removed else None

    def of(self, author: str) -> list[Post]:
        """What stands, the newest first."""
        now = time.time()
        with self._guard:
            posts = list(self._posts.values())
        return [
            each for each in reversed(posts) if each.author == author and not each.removed and each.seen_from <= now
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
        """Readers react."""
        with self._guard:
            post = self._posts.get(identifier)
            if post is not None:
                self._posts[identifier] = post = replace(post, figures={**post.figures, **figures})
        return post
