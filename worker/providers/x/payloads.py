"""Posts as X takes them, and as it lists them. Source: X, "Create Post", "Get Posts", "Data dictionary: Post"."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from worker.contracts.channels import Figures, Post
from worker.kit.links import holds
from worker.providers.x import texts

SEEN = "created_at,entities"
COUNTED = "public_metrics"
EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)
_ID = re.compile(r"[0-9]{1,19}")


def body(post: Post) -> bytes:
    """Raises Refused."""
    return json.dumps({"text": texts.composed(post.text, post.hashtags, post.link)}, ensure_ascii=False).encode()


def is_id(identifier: Any) -> bool:
    return isinstance(identifier, str) and bool(_ID.fullmatch(identifier))


def made_at(identifier: str) -> datetime:
    """When a post was made stands in its number, in milliseconds."""
    return EPOCH + timedelta(milliseconds=int(identifier) >> 22)


def data(members: Mapping[str, Any]) -> Mapping[str, Any]:
    found = members.get("data")
    return found if isinstance(found, dict) else {}


def posts(members: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = members.get("data")
    entries = found if isinstance(found, list) else []
    return [each for each in entries if isinstance(each, dict) and is_id(each.get("id"))]


def is_list(members: Mapping[str, Any]) -> bool:
    return isinstance(members.get("meta"), dict)


def is_withheld(members: Mapping[str, Any]) -> bool:
    errors = members.get("errors")
    entries = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return any("Authorization" in str(each.get("title")) for each in entries)


def next_page(members: Mapping[str, Any]) -> str | None:
    meta = members.get("meta")
    token = meta.get("next_token") if isinstance(meta, dict) else None
    return token if isinstance(token, str) and token else None


def holds_link(post: Mapping[str, Any], link: str) -> bool:
    """X puts short addresses of its own into texts, and tells beside them what they stand for."""
    text = post.get("text")
    return (isinstance(text, str) and holds(text, link)) or link in _addresses(post)


def created(post: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(post.get("created_at"))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def figures(post: Mapping[str, Any]) -> Figures:
    """Shares are posts that repeat it, with words of their own or without."""
    metrics = post.get("public_metrics")
    told = metrics if isinstance(metrics, dict) else {}
    repeats = [count for count in (_count(told, "retweet_count"), _count(told, "quote_count")) if count is not None]
    return Figures(
        impressions=_count(told, "impression_count"),
        likes=_count(told, "like_count"),
        comments=_count(told, "reply_count"),
        shares=sum(repeats) if repeats else None,
    )


def _addresses(post: Mapping[str, Any]) -> set[str]:
    entities = post.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    entries = [each for each in urls if isinstance(each, dict)] if isinstance(urls, list) else []
    named = [each.get(name) for each in entries for name in ("expanded_url", "unwound_url")]
    return {each for each in named if isinstance(each, str)}


def _count(metrics: Mapping[str, Any], name: str) -> int | None:
    value = metrics.get(name)
    return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else None
