"""The address of a recruiter's calendar feed, for programs that cannot sign in: whoever knows it may read."""

import re
from dataclasses import dataclass

from worker.kit.settings import Settings
from worker.kit.signing import Signer, signer_of

SCOPE = "calendar-feed"
_VALUE = re.compile(r"([0-9]{1,10}):([0-9]{1,10}):([0-9]{1,10})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows: to read one recruiter's interviews in one company, as long as `number` is his feed's."""

    user_id: int
    company_id: int
    number: int


def feed_link(settings: Settings, grant: Grant) -> str | None:
    """None without SIGNING_SECRET: there are no feeds then."""
    signer = _signer(settings)
    if signer is None:
        return None
    token = signer.sign(f"{grant.user_id}:{grant.company_id}:{grant.number}")
    return f"{settings.platform_url.rstrip('/')}/c/{token}.ics"


def read(settings: Settings, token: str) -> Grant | None:
    """What a token of ours allows; None for any other text, or when nothing can be signed here."""
    signer = _signer(settings)
    value = signer.read(token) if signer else None
    parts = _VALUE.fullmatch(value) if value else None
    return Grant(int(parts[1]), int(parts[2]), int(parts[3])) if parts else None


def _signer(settings: Settings) -> Signer | None:
    return signer_of(settings.signing_secret.get_secret_value(), SCOPE) if settings.signing_secret else None
