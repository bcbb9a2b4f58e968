"""Identifiers."""

from uuid import UUID

from uuid_utils.compat import uuid7

LARGEST_ROW_ID = 2**31 - 1
"""Of the main web app's tables, whose ids are of type integer."""


def new_id() -> UUID:
    """A time-ordered identifier (UUIDv7, RFC 9562): rows made later sort later."""
    return UUID(int=uuid7().int)
