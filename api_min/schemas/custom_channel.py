"""A company's own partner, and the log of what was sent to it, on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from api_min.schemas.ats import Loose, row_id

LONGEST_URL = 2000
LONGEST_TOKEN = 300


class NewPartner(Loose):
    """kind: `webhook` with `url`, the company's own receiver; `myjobmag` with `token`, its key for recruiting software
    there, which names its country.
    """

    kind: Literal["webhook", "myjobmag"]
    url: str | None = Field(None, max_length=LONGEST_URL, description="https, on port 443 or 8443, of a public host.")
    token: str | None = Field(None, max_length=LONGEST_TOKEN, description="mjm_<country>_…")
    country: str | None = Field(None, max_length=10, description="Has to be the key's own, where it is given.")


class PartnerView(BaseModel):
    """kind: null where nothing is connected. is_connected: offers are sent there now. previous_secret_until: until then
    deliveries are signed with the secret before this one as well. off_since, off_reason: nothing is sent until `PUT`
    connects it again.
    """

    kind: str | None
    is_connected: bool
    label: str | None
    url: str | None
    country: str | None
    connected_at: datetime | None
    last_used_at: datetime | None
    previous_secret_until: datetime | None
    off_since: datetime | None
    off_reason: str | None
    error: str | None


class SavedPartner(PartnerView):
    """secret: `whsec_…`, told this once; null where none was made."""

    secret: str | None


class DeliveryView(BaseModel):
    """webhook_id: the same at every try. event: `offer.published` or `offer.closed`. state: pending, delivered or
    failed. last_status: of the receiver's last answer, null where there was none.
    """

    id: int
    webhook_id: str
    event: str
    posting_id: int | None
    state: str
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None
    next_try_at: datetime | None


class DeliveryPath(BaseModel):
    delivery_id: Annotated[int, BeforeValidator(row_id("path.delivery_id", "Delivery not found"))] = Field(
        json_schema_extra={"minimum": 1}
    )
