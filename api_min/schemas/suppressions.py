"""Suppressions: addresses that no mail goes to."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from api_min.schemas.common import Query
from worker.kit.mailboxes import comparable

ADDRESS = r"^[^@\s<>,;:\"\\\x00-\x20]{1,64}@[^@\s<>,;:\"\\\x00-\x20]+\.[^@\s<>,;:\".\\\x00-\x20]+$"

Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=ADDRESS),
    AfterValidator(comparable),
]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Suppression(BaseModel):
    """source: the mail at the provider, or the person, that put it here. soft_bounces: since a mail last arrived."""

    address: str
    reason: str = Field(description="bounced, complained, provider (it refuses the address itself) or manual.")
    source: str | None
    created_at: datetime
    lifted_at: datetime | None
    soft_bounces: int


class SuppressionPage(BaseModel):
    suppressions: list[Suppression]
    next_cursor: str | None


class NewSuppression(BaseModel):
    address: Address
    reason: Sentence | None = Field(default=None, description="Kept in the audit log.")


class SuppressionListQuery(Query):
    search: str | None = Field(default=None, max_length=254, description="A part of the address.")
    state: Literal["active", "lifted", "all"] = "active"
    cursor: str | None = Field(default=None, max_length=1000)
    limit: int = Field(default=100, ge=1, le=500)


class LiftQuery(Query):
    reason: Sentence = Field(description="Why mail may go there again; kept in the audit log.")


class AddressPath(BaseModel):
    address: str = Field(description="In any case.", max_length=400)
