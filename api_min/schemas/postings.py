"""Offers on channels on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints

from api_min.schemas.ats import Loose
from models.enums import PostingChannel
from worker.catalogue.publishing import LONGEST_MESSAGE, LONGEST_TARGET, MOST_TARGETS
from worker.kit.tasks import at_most

LONGEST_ADDRESS = 2000


def _channel(value: Any) -> Any:
    return PostingChannel.parse(value) if isinstance(value, str) and len(value) <= 60 else value


Channel = Annotated[PostingChannel, BeforeValidator(_channel)]
Target = Annotated[str, Field(max_length=LONGEST_TARGET)]
Targets = Annotated[list[Target], Field(max_length=MOST_TARGETS), at_most(MOST_TARGETS)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_MESSAGE)]
JobId = Annotated[int, Field(ge=1)]


def _storable(value: str) -> str:
    if "\0" in value:
        raise ValueError("holds the NUL character, which cannot be stored")
    return value


class JobPath(BaseModel):
    job_id: int = Field(description="jobs.id of the main web app.")


class PostingPath(BaseModel):
    posting_id: int = Field(description="The posting's id.")


class LinkedInPublication(Loose):
    """organization_ids: URNs of pages; "" or "personal" for the connected member's own profile. organization_id: the
    older way to name one. Without both the page that was chosen before, else the only one there is.
    """

    job_id: JobId
    custom_message: Words | None = None
    organization_ids: Targets | None = None
    organization_id: Target | None = None


class LinkedInPost(BaseModel):
    organization_id: str | None
    target: str
    post_id: str
    post_url: str


class LinkedInError(BaseModel):
    organization_id: str | None
    error: str


class LinkedInAnswer(BaseModel):
    """post_id, post_url: of the first post."""

    message: str
    job_id: int
    published: list[LinkedInPost]
    errors: list[LinkedInError]
    post_id: str | None = None
    post_url: str | None = None


class Organization(BaseModel):
    """id: a URN, or `personal` for the member's own profile."""

    id: str
    name: str


class Organizations(BaseModel):
    organizations: list[Organization]


class ChannelWish(Loose):
    """targets: pages of the channel; none where it has one alone."""

    channel: Channel
    targets: Targets = Field(default_factory=list)


class NewPostings(Loose):
    """custom_message: in place of headline and summary; title, link and hashtags always stand in a post."""

    channels: Annotated[list[ChannelWish], Field(min_length=1, max_length=len(PostingChannel))]
    custom_message: Words | None = None


class PostingView(BaseModel):
    """state: draft, publishing, published, failed, unknown, exported, awaiting_partner, withdrawn or expired.
    error, picture_error: sentences in the caller's language; error_code: the same in every language.
    visibility_proved: false while it may be that only the page's administrators see it. clicks: visits to the offer's
    public page through this posting's link.
    """

    id: int
    job_id: int
    channel: str
    state: str
    target: str
    target_name: str | None
    external_id: str | None
    address: str | None
    error: str | None
    error_code: str | None
    picture_error: str | None
    visibility_proved: bool
    custom_message: str | None
    published_at: datetime | None
    withdrawn_at: datetime | None
    expires_at: datetime | None
    created_at: datetime | None
    clicks: int


class Refusal(BaseModel):
    channel: str
    target: str
    error: str


class StartedPostings(BaseModel):
    job_id: int
    postings: list[PostingView]
    errors: list[Refusal]


class PreviewWish(Loose):
    channel: Channel = PostingChannel.LINKEDIN
    custom_message: Words | None = None


class PostPreview(BaseModel):
    """text: what readers see. length, longest, fold: in characters; what lies behind the fold is shown after "see
    more". The card below has title, description and the picture.
    """

    channel: str
    text: str
    hashtags: list[str]
    length: int
    longest: int
    fold: int
    link: str
    title: str
    description: str
    picture: str
    language: str


class Confirmation(Loose):
    external_url: Annotated[str, Field(min_length=8, max_length=LONGEST_ADDRESS), AfterValidator(_storable)]


class Decision(Loose):
    """exists: whether the post is there; then post: its address or id, as the channel shows it."""

    exists: bool
    post: Annotated[str, Field(max_length=LONGEST_ADDRESS), AfterValidator(_storable)] | None = None


class Figures(BaseModel):
    """What the channel tells; null where it does not."""

    impressions: int | None = None
    unique_impressions: int | None = None
    clicks: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None


class PastFigures(Figures):
    fetched_at: datetime


class Statistics(BaseModel):
    """visits: to the offer's public page, by the mark of the link that led there (`p-` and a posting's id, or a way in
    which the page was shared).
    """

    posting_id: int
    channel: str
    current: Figures | None
    fetched_at: datetime | None
    history: list[PastFigures]
    visits: dict[str, int]
