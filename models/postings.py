"""Offers on channels: postings, the accounts that are not among the main web app's, figures, clicks, deliveries."""

from sqlalchemy import (
    ARRAY,
    UUID,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from models.base import DOCUMENT, INSTANT, NOW, OURS, metadata, native, shared_table
from models.enums import PostingChannel, PostingState

ACTIVE = f"state in ({', '.join(repr(each.value) for each in PostingState if each.active)})"

job_postings = shared_table(
    "job_postings",
    Column("id", Integer, primary_key=True),
    Column("job_id", Integer, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("channel", native("jobpostingchannel", PostingChannel), nullable=False),
    Column("external_id", String),
    Column("is_active", Boolean),
    Column("posted_at", INSTANT),
    Column("expires_at", INSTANT),
    Column("views_count", Integer),
    Column("clicks_count", Integer),
    Column("applications_count", Integer),
    Column("posting_data", DOCUMENT),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Column("state", Text, info=OURS),
    Column("target", Text, nullable=False, server_default=text("''"), info=OURS),
    Column("target_name", Text, info=OURS),
    Column("generation", Integer, nullable=False, server_default=text("0"), info=OURS),
    Column("credential_id", Integer, ForeignKey("integration_credentials.id", ondelete="SET NULL"), info=OURS),
    Column("channel_account_id", BigInteger, ForeignKey("channel_accounts.id", ondelete="SET NULL"), info=OURS),
    Column("message", Text, info=OURS),
    Column("language", Text, info=OURS),
    Column("picture", Text, info=OURS),
    Column("picture_error", Text, info=OURS),
    Column("error_code", Text, info=OURS),
    Column("error", Text, info=OURS),
    Column("published_by", Integer, ForeignKey("users.id", ondelete="SET NULL"), info=OURS),
    Column("run_id", UUID, info=OURS),
    Column("external_url", Text, info=OURS),
    Column("publishing_at", INSTANT, info=OURS),
    Column("withdrawn_at", INSTANT, info=OURS),
    Column("visibility_proved", Boolean, nullable=False, server_default=text("true"), info=OURS),
    Column("statistics", DOCUMENT, info=OURS),
    Column("statistics_at", INSTANT, info=OURS),
    Index("ix_job_postings_id", "id"),
    Index("ix_job_postings_channel", "channel"),
    Index("ix_job_postings_job_id", "job_id"),
    Index(
        "ix_job_postings_active_once",
        "job_id",
        "channel",
        "target",
        unique=True,
        postgresql_where=text(ACTIVE),
        info=OURS,
    ),
    Index("ix_job_postings_under_way", "publishing_at", postgresql_where=text("state = 'publishing'"), info=OURS),
    *(
        Index(f"ix_job_postings_{name}", name, postgresql_where=text(f"{name} is not null"), info=OURS)
        for name in ("credential_id", "channel_account_id", "published_by")
    ),
)
"""`state`: a value of PostingState; rows of the main web app have none, and `is_active` alone counts. `target`: where
on the channel: an organisation's or person's URN, a page's id, or ''. `generation` rises with each request to publish
or withdraw, and names the effect. `message`: what the recruiter wrote in place of headline and summary. `external_id`:
the channel's own id; addresses are made from it when they are shown. `external_url`: what a person confirmed for a
board that tells nothing. `run_id`: the last run that publishes it. `visibility_proved`: false while it may be that only
administrators see the post. `views_count`, `clicks_count` and `applications_count` are the main web app's; `statistics`
is the last snapshot.
"""

channel_accounts = Table(
    "channel_accounts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("company_id", Integer, ForeignKey("companies.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="SET NULL")),
    Column("channel", Text, nullable=False),
    Column("access_token", Text, nullable=False),
    Column("refresh_token", Text),
    Column("token_expires_at", INSTANT),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("state", Text),
    Column("scopes", ARRAY(Text)),
    Column("account_id", Text),
    Column("account_label", Text),
    Column("account_kind", Text),
    Column("encryption_key", Text),
    Column("refresh_expires_at", INSTANT),
    Column("token_version", Integer, nullable=False, server_default=text("1")),
    Column("refreshed_at", INSTANT),
    Column("refresh_lease", UUID),
    Column("refresh_lease_until", INSTANT),
    Column("connected_at", INSTANT),
    Column("last_used_at", INSTANT),
    Column("last_error", Text),
    Column("expiry_notice", SmallInteger),
    Column("settings", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("off_since", INSTANT),
    Column("off_reason", Text),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    Index("ix_channel_accounts_company_id", "company_id"),
    Index("ix_channel_accounts_user_id", "user_id"),
)
"""A company's account on facebook, twitter or a channel of its own (custom), which the main web app's enum of providers
lacks. Token columns: see integration_credentials. `settings`: the channel's own, without secrets. `off_since`: nothing
is posted until a person switches it on again, for `off_reason`.
"""

posting_statistics = Table(
    "posting_statistics",
    metadata,
    Column("posting_id", Integer, ForeignKey("job_postings.id", ondelete="CASCADE"), primary_key=True),
    Column("fetched_at", INSTANT, primary_key=True, server_default=NOW),
    *(
        Column(name, BigInteger)
        for name in ("impressions", "unique_impressions", "clicks", "likes", "comments", "shares")
    ),
)
"""What a channel told of a post, each time it was asked; NULL where it did not tell."""

posting_clicks = Table(
    "posting_clicks",
    metadata,
    Column("job_id", Integer, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("mark", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("clicks", BigInteger, nullable=False, server_default=text("1")),
)
"""Visits to an offer's public page by the mark of the link that led there: `p-` and a posting's id, or a way to share
it. Days are UTC's.
"""

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("channel_account_id", BigInteger, ForeignKey("channel_accounts.id", ondelete="CASCADE"), nullable=False),
    Column("posting_id", Integer, ForeignKey("job_postings.id", ondelete="SET NULL")),
    Column("webhook_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("last_status", SmallInteger),
    Column("last_error", Text),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("delivered_at", INSTANT),
    Column("next_try_at", INSTANT),
    CheckConstraint("state in ('pending', 'delivered', 'failed')", name="webhook_deliveries_state_check"),
    Index("ix_webhook_deliveries_account", "channel_account_id", text("id desc")),
    Index("ix_webhook_deliveries_posting_id", "posting_id"),
)
"""What was sent to companies' own webhooks, and what became of it. `webhook_id` stays the same on every retry."""

posting_removals = Table(
    "posting_removals",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("posting_id", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("credential_id", Integer),
    Column("channel_account_id", BigInteger),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
)
"""Posts whose posting was deleted, by whomever: work for `publishing.remove_posts`, which takes the rows away."""
