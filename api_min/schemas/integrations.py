"""Connected accounts on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field


class ProviderPath(BaseModel):
    provider: str = Field(max_length=60, description="linkedin, google-calendar or outlook; underscores are fine.")


class Connection(BaseModel):
    """is_connected: it works now. state: connected, needs_reconnect, error or disconnected. reason: a sentence about
    what does not work, else empty. approval_url: a link to hand to an administrator, who has to agree first.
    """

    provider: str
    is_connected: bool
    connected_at: datetime | None
    last_used_at: datetime | None
    state: str
    account: str | None
    account_kind: str | None
    expires_at: datetime | None
    reason: str
    approval_url: str | None


class Connections(BaseModel):
    """Other providers that the company's rows name stand beside these."""

    linkedin: Connection
    google_calendar: Connection
    outlook_calendar: Connection


class AuthorisationAddress(BaseModel):
    auth_url: str
    state: str
    provider: str


class Message(BaseModel):
    message: str
