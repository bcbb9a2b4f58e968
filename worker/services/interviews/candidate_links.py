"""The link in a candidate's mails: his own page of one interview, without a login."""

import hashlib
import re
from dataclasses import dataclass

from worker.kit.settings import Settings
from worker.kit.signing import Signer, signer_of

SCOPE = "interview"
_VALUE = re.compile(r"([0-9]{1,10}):([0-9a-f]{16})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows: to answer for the candidate of one interview, as long as `mark` is its address's."""

    interview_id: int
    mark: str

    def is_for(self, address: str) -> bool:
        """Whether the link was sent to this address, the one that the interview has now."""
        return self.mark == _mark(address)


def candidate_link(settings: Settings, *, interview_id: int, address: str) -> str | None:
    """The candidate's page of an interview, for a mail to `address` (interview_schedules.candidate_email).

    It stays the same whatever becomes of the interview, and shows what it is when it is opened; a mail to another
    address than the interview's shows nothing. None without SIGNING_SECRET: a mail then has no such link.
    """
    signer = _signer(settings)
    if signer is None:
        return None
    return f"{settings.platform_url.rstrip('/')}/i/{signer.sign(f'{interview_id}:{_mark(address)}')}"


def read(settings: Settings, token: str) -> Grant | None:
    """What a token of ours allows; None for any other text, or when nothing can be signed here."""
    signer = _signer(settings)
    value = signer.read(token) if signer else None
    parts = _VALUE.fullmatch(value) if value else None
    return Grant(int(parts[1]), parts[2]) if parts else None


def _mark(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:16]


def _signer(settings: Settings) -> Signer | None:
    return signer_of(settings.signing_secret.get_secret_value(), SCOPE) if settings.signing_secret else None
