"""Pictures as LinkedIn takes them; whoever fetched one has read its type and counted its pixels."""

from worker.contracts.channels import Picture
from worker.kit.errors import Refused

LARGEST = 8 * 1024 * 1024
"""Bytes. LinkedIn names no limit for its API; its own pages and other programs take between 5 and 8 MB."""
MEDIA_TYPES = frozenset({"image/jpeg", "image/png", "image/gif"})


def check(picture: Picture) -> None:
    """Raises Refused with what is wrong."""
    if picture.media_type not in MEDIA_TYPES:
        raise _refused("it is neither JPEG nor PNG nor GIF.")
    size = len(picture.content)
    if not 0 < size <= LARGEST:
        raise _refused(f"it has {size / 1024 / 1024:.1f} MB, at most {LARGEST // 1024 // 1024} are allowed.")


def _refused(why: str) -> Refused:
    return Refused(f"LinkedIn does not take this picture: {why}", code="publishing.picture")
