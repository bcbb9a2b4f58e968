"""What the webhook routes answer."""

from pydantic import BaseModel, Field


class Received(BaseModel):
    """received: `new`, `again` (this delivery is known already) or `ignored` (its type changes nothing here)."""

    received: str = Field(examples=["new"])
