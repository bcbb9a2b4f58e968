"""What every answer of Microsoft's has, whichever service gave it."""

from collections.abc import Mapping
from typing import Any

import requests
from pydantic_core import from_json
from requests.structures import CaseInsensitiveDict

from worker.kit.figures import seconds

DAY = 86400.0
UNSAID = 10.0


def members_of(response: requests.Response) -> Mapping[str, Any] | None:
    """The JSON object that it is; None for anything else, such as a proxy's page."""
    try:
        members = from_json(response.content)
    except ValueError:
        return None
    return members if isinstance(members, dict) else None


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Seconds of Retry-After, None where it says nothing that is a time."""
    after = seconds(CaseInsensitiveDict(headers).get("retry-after"))
    return None if after is None else min(max(after, 1.0), DAY)
