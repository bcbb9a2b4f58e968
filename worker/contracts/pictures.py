"""Pictures of offers, wherever employers keep them."""

from typing import Protocol

from worker.contracts.channels import Picture


class PictureSource(Protocol):
    def fetch(self, address: str) -> Picture:
        """The picture at an https address: JPEG, PNG or GIF, bounded in bytes and in pixels.

        Raises Refused with a sentence where there is none that a network takes, and what passes: Retryable.
        """
