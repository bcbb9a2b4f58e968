"""Connected accounts on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from api_min.schemas.ats import ApplicationId, Loose
from api_min.schemas.interviews import BLANK, MOST_INTERVIEWERS, Address, Description, Location, Title, Zone
from worker.kit.tasks import at_most
from worker.services.interviews.times import DEFAULT_ZONE


class ProviderPath(BaseModel):
    provider: str = Field(
        max_length=60,
        description="linkedin, google-calendar, outlook, facebook or twitter (to disconnect also jobberman, "
        "brightermonday); underscores are fine.",
    )


class Connection(BaseModel):
    """is_connected: it works now. state: connected, needs_reconnect, error or disconnected. reason: a sentence about
    what does not work, in the caller's language, else empty. approval_url: a link to hand to an administrator, who has
    to agree first. off_since: nothing is posted since then, until it is switched on again.
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
    off_since: datetime | None


class Connections(BaseModel):
    """jobberman, brightermonday: whether the company has a feed there; last_used_at: when a board last fetched it.
    Other providers that the company's rows name stand beside these.
    """

    linkedin: Connection
    google_calendar: Connection
    outlook_calendar: Connection
    facebook: Connection
    twitter: Connection
    jobberman: Connection
    brightermonday: Connection


class AuthorisationAddress(BaseModel):
    auth_url: str
    state: str
    provider: str


class NewEvent(Loose):
    """Times without offset are local to `timezone`. attendees: addresses beside the candidate's, who is always
    invited.
    """

    application_id: ApplicationId
    title: Title
    description: Annotated[Description | None, BLANK] = None
    start_time: datetime
    end_time: datetime
    attendees: Annotated[list[Address], Field(max_length=MOST_INTERVIEWERS), at_most(MOST_INTERVIEWERS)] = Field(
        default_factory=list
    )
    location: Annotated[Location | None, BLANK] = None
    create_meeting_link: bool = False
    create_meet_link: bool = False
    timezone: Zone = DEFAULT_ZONE


class CreatedEvent(BaseModel):
    """event_id, event_url and the link (`meet_link` at Google, `teams_link` at Outlook) once the provider has
    answered; a link that it is still making comes later, in the interview.
    """

    message: str
    interview_id: int
    event_id: str | None
    event_url: str | None
    meet_link: str | None = None
    teams_link: str | None = None


class Message(BaseModel):
    message: str
