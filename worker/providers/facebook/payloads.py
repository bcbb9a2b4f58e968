"""Posts as Facebook takes them, and as its feeds show them. Source: Facebook, "Page feed", "Post" of the Graph API."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from worker.contracts.channels import Figures, Post
from worker.kit.errors import Refused
from worker.kit.links import holds

LONGEST_MESSAGE = 63_206
SEEN = "id,message,created_time,attachments{unshimmed_url,url}"
COUNTED = "reactions.limit(0).summary(true),comments.limit(0).summary(true),shares"
_POST = re.compile(r"[0-9]{1,32}(?:_[0-9]{1,32})?")
_MARK = re.compile(r"([?&]ref=)p-[0-9]+")


def body(post: Post) -> bytes:
    """Raises Refused where the text is longer than Facebook takes."""
    if len(post.visible) > LONGEST_MESSAGE:
        raise Refused(
            f"The post has {len(post.visible)} characters, Facebook takes {LONGEST_MESSAGE}: shorten the text.",
            code="publishing.too_long",
        )
    return urlencode({"message": post.visible, "link": post.link}).encode()


def is_post(identifier: Any) -> bool:
    return isinstance(identifier, str) and bool(_POST.fullmatch(identifier))


def holds_link(post: Mapping[str, Any], link: str) -> bool:
    """In its text, or as its attachment, whose address Facebook wraps into one of its own."""
    message = post.get("message")
    return (isinstance(message, str) and holds(message, link)) or link in _attached(post)


def repeats(post: Mapping[str, Any], body: bytes) -> bool:
    """Whether it is this post, but for the mark of its link."""
    message = post.get("message")
    wanted = parse_qs(body.decode()).get("message", [""])[0]
    return isinstance(message, str) and _MARK.sub(r"\1", message) == _MARK.sub(r"\1", wanted)


def created(post: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(post.get("created_time"))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def figures(post: Mapping[str, Any]) -> Figures:
    """Facebook tells no number of shares where nobody shared, and impressions only to apps with `read_insights`."""
    shares = post.get("shares")
    shared = _count(shares.get("count")) if isinstance(shares, dict) else 0
    return Figures(likes=_total(post.get("reactions")), comments=_total(post.get("comments")), shares=shared)


def _attached(post: Mapping[str, Any]) -> set[str]:
    attachments = post.get("attachments")
    entries = attachments.get("data") if isinstance(attachments, dict) else None
    known = [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    addresses = [each.get(name) for each in known for name in ("unshimmed_url", "url")]
    return {link for each in addresses if isinstance(each, str) for link in (each, *_wrapped(each))}


def _wrapped(address: str) -> list[str]:
    """`u` of https://l.facebook.com/l.php?u=…"""
    try:
        return parse_qs(urlsplit(address).query).get("u", [])
    except ValueError:
        return []


def _total(edge: Any) -> int | None:
    summary = edge.get("summary") if isinstance(edge, dict) else None
    return _count(summary.get("total_count")) if isinstance(summary, dict) else None


def _count(value: Any) -> int | None:
    return max(value, 0) if isinstance(value, int) and not isinstance(value, bool) else None
