"""Tasks that publish job offers on channels and take them away again."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models.enums import PostingChannel
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.tasks import Payload, TaskDefinition, at_most

LONGEST_MESSAGE = 1300
LONGEST_TARGET = 200
MOST_TARGETS = 20

RowId = Annotated[int, Field(ge=1, le=LARGEST_ROW_ID)]
WEEK = 7 * 24 * 3600


class Wish(BaseModel):
    """A channel with where on it: targets as the channel names them, `personal` for the member's own profile; none
    where the platform shall find the only one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: PostingChannel
    targets: Annotated[tuple[Annotated[str, Field(max_length=LONGEST_TARGET)], ...], at_most(MOST_TARGETS)] = ()


class PublishOffer(Payload):
    """message: a recruiter's words in place of headline and summary. published_by: users.id."""

    job_id: RowId
    channels: Annotated[tuple[Wish, ...], at_most(len(PostingChannel))]
    message: Annotated[str, Field(max_length=LONGEST_MESSAGE)] | None = None
    published_by: RowId | None = None


PUBLISH_OFFER = TaskDefinition(
    name="publishing.publish_offer",
    payload=PublishOffer,
    description="Publish an offer on channels: one posting and one run for each target, followed to the end.",
    queue="interactive",
    max_attempts=25,
    timeout=120,
    expires_after=WEEK,
)


class PublishPosting(Payload):
    """A row of job_postings. look_first: an earlier call may have been made of which nothing is on record."""

    posting_id: RowId
    look_first: bool = False


PUBLISH = TaskDefinition(
    name="publishing.publish",
    payload=PublishPosting,
    description="Put an offer on one channel, once; a post whose answer was lost is looked for.",
    queue="interactive",
    max_attempts=25,
    timeout=120,
    expires_after=WEEK,
    ids_only=True,
    urgent=True,
)


class WithdrawPosting(Payload):
    """expired: because the offer ended, not because somebody asked."""

    posting_id: RowId
    expired: bool = False


WITHDRAW = TaskDefinition(
    name="publishing.withdraw",
    payload=WithdrawPosting,
    description="Take an offer away from one channel.",
    queue="interactive",
    max_attempts=25,
    timeout=60,
    expires_after=14 * 24 * 3600,
    ids_only=True,
    urgent=True,
)


class ListTargets(Payload):
    """company_id: whose connected account on `channel` is asked."""

    shown = frozenset({"channel"})

    company_id: RowId
    channel: PostingChannel


LIST_TARGETS = TaskDefinition(
    name="publishing.list_targets",
    payload=ListTargets,
    description="Ask a network where a company's account may post.",
    queue="interactive",
    max_attempts=5,
    timeout=60,
    expires_after=600,
    urgent=True,
)


class Limited(Payload):
    """limit: rows of one run; when there are more another follows."""

    limit: Annotated[int, Field(ge=1, le=5000)] = 500


class After(Limited):
    """after: the id behind which this run goes on."""

    after: Annotated[int, Field(ge=0, le=LARGEST_ROW_ID)] = 0


EXPIRE = TaskDefinition(
    name="publishing.expire",
    payload=After,
    description="Take away what stands on channels for offers that have ended.",
    queue="upkeep",
    timeout=60,
    expires_after=3600,
    ids_only=True,
)

RECONCILE = TaskDefinition(
    name="publishing.reconcile",
    payload=After,
    description="Find postings that are still on their way although their run is over, and say what became of them.",
    queue="upkeep",
    timeout=60,
    expires_after=300,
    ids_only=True,
)

REMOVE_POSTS = TaskDefinition(
    name="publishing.remove_posts",
    payload=Limited,
    description="Enqueue a removal for each post whose posting was deleted.",
    queue="upkeep",
    timeout=60,
    expires_after=3600,
    ids_only=True,
)


class RemovePost(Payload):
    """A post whose posting is gone. Its ids are a network's, public with the post; external_id is empty where a partner
    told none.
    """

    shown = frozenset({"channel", "target", "external_id", "removed_at"})

    removal_id: Annotated[int, Field(ge=1)]
    channel: PostingChannel
    target: str
    external_id: str
    account_id: Annotated[int, Field(ge=1)]
    removed_at: datetime
    posting_id: RowId | None = None


REMOVE_POST = TaskDefinition(
    name="publishing.remove_post",
    payload=RemovePost,
    description="Delete one post whose posting is gone.",
    queue="default",
    max_attempts=25,
    timeout=60,
    expires_after=14 * 24 * 3600,
)

REFRESH_STATISTICS = TaskDefinition(
    name="publishing.refresh_statistics",
    payload=After,
    description="Enqueue a look at the figures of what stands on networks, account by account.",
    queue="upkeep",
    timeout=60,
    expires_after=12 * 3600,
    ids_only=True,
)


class ReadStatistics(Payload):
    """All postings of one target of an account."""

    shown = frozenset({"channel", "target"})

    channel: PostingChannel
    account_id: Annotated[int, Field(ge=1)]
    target: str


READ_STATISTICS = TaskDefinition(
    name="publishing.read_statistics",
    payload=ReadStatistics,
    description="Read the figures of an account's posts from the network and keep them.",
    queue="bulk",
    max_attempts=5,
    timeout=120,
    expires_after=12 * 3600,
)

TASKS = (
    PUBLISH_OFFER,
    PUBLISH,
    WITHDRAW,
    LIST_TARGETS,
    EXPIRE,
    RECONCILE,
    REMOVE_POSTS,
    REMOVE_POST,
    REFRESH_STATISTICS,
    READ_STATISTICS,
)
