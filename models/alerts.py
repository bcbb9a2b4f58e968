"""Job alerts, their runs and digests, and the numbered offers they look at."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Sequence,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from models.base import DOCUMENT, INSTANT, NOW, OURS, metadata, native, shared_table
from models.enums import AlertFrequency

job_alerts = shared_table(
    "job_alerts",
    Column("id", Integer, primary_key=True),
    Column("candidate_id", Integer, ForeignKey("candidates.id", ondelete="CASCADE"), nullable=False),
    Column("name", String, nullable=False),
    Column("criteria", DOCUMENT, nullable=False),
    Column("frequency", native("jobalertfrequency", AlertFrequency), nullable=False),
    Column("is_active", Boolean),
    Column("jobs_sent_count", Integer),
    Column("last_sent_at", INSTANT),
    Column("last_matching_job_id", Integer),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Column("origin", Text, nullable=False, server_default="main", info=OURS),
    Column("own_frequency", Text, info=OURS),
    Column("last_number", BigInteger, info=OURS),
    CheckConstraint("origin in ('main', 'translated', 'orphan', 'platform')", name="job_alerts_origin_check"),
    Index("ix_job_alerts_id", "id"),
    Index("ix_job_alerts_candidate_id", "candidate_id"),
    Index("ix_job_alerts_is_active", "is_active"),
    Index("ix_job_alerts_untranslated", "id", postgresql_where=text("origin = 'main'"), info=OURS),
)
"""`candidate_id` is candidates.id unless `origin` is main (then users.id) or orphan (no candidate: never runs).
`own_frequency` is monthly, stored as WEEKLY. `last_number` is the highest offer number looked at, set by a
trigger.
"""

job_numbers = Sequence("job_numbers", metadata=metadata)

job_changes = Table(
    "job_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("job_id", Integer, nullable=False),
    Column("changed_at", INSTANT, nullable=False, server_default=NOW),
)
"""Written by triggers on jobs, which notify nobody; drained and deleted by us.
The offer may be gone.
"""

job_search = Table(
    "job_search",
    metadata,
    Column("job_id", Integer, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("tokens", ARRAY(Text)),
    Column("visible_no", BigInteger),
    Column("refreshed_at", INSTANT),
    Column("texts", DOCUMENT),
    Column("place", Text),
    Column("area", ARRAY(Text)),
    Column("job_type", Text),
    Column("location_type", Text),
    Column("salary_min", Integer),
    Column("salary_max", Integer),
    Column("currency", Text),
    Column("published", Boolean, nullable=False, server_default=text("false")),
    Column("expires_at", INSTANT),
    Column("posted_at", INSTANT),
    Column("company_id", Integer),
    Column("version", SmallInteger, nullable=False, server_default=text("0")),
    Column("versioned_at", INSTANT),
    Column("country", Text),
    Column("fault", Text),
    UniqueConstraint("visible_no"),
    Index("ix_job_search_tokens", "tokens", postgresql_using="gin", postgresql_with={"gin_pending_list_limit": 512}),
    Index("ix_job_search_unprepared", "job_id", postgresql_where=text("refreshed_at is null")),
    Index("ix_job_search_version", "version", "job_id"),
    Index("ix_job_search_fault", "job_id", postgresql_where=text("fault is not null")),
    Index("ix_job_search_unnumbered", "job_id", postgresql_where=text("visible_no is null and published")),
)
"""An offer as it is searched; `refreshed_at` is null until it is prepared. `visible_no` is given once, from
job_numbers, when the offer is first published and unexpired. `published` and `expires_at` are those of the offer when
it was last prepared; `posted_at` is COALESCE(posted_at, created_at). `version`: the rules it was prepared by, at
`versioned_at`; a release that knew none left `refreshed_at` different. `fault`: why it cannot be searched.
"""

alert_runs = Table(
    "alert_runs",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("frequency", Text, nullable=False),
    Column("period", INSTANT, nullable=False),
    Column("run_id", UUID),
    Column("horizon", BigInteger),
    Column("state", Text, nullable=False, server_default="running"),
    Column("alerts_total", Integer, nullable=False, server_default=text("0")),
    Column("alerts_scanned", Integer, nullable=False, server_default=text("0")),
    Column("alerts_matched", Integer, nullable=False, server_default=text("0")),
    Column("digests_stored", Integer, nullable=False, server_default=text("0")),
    Column("skipped", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("started_at", INSTANT, nullable=False, server_default=NOW),
    Column("finished_at", INSTANT),
    UniqueConstraint("frequency", "period"),
    CheckConstraint("frequency in ('instant', 'daily', 'weekly', 'monthly')", name="alert_runs_frequency_check"),
    CheckConstraint("state in ('running', 'succeeded', 'failed', 'cancelled')", name="alert_runs_state_check"),
)
"""`period` is the schedule's nominal instant, `horizon` the highest offer number this run looks at,
`skipped` counts by reason.
"""

alert_digests = Table(
    "alert_digests",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("alert_id", Integer, ForeignKey("job_alerts.id", ondelete="CASCADE"), nullable=False),
    # No foreign keys to the run and the message: thousands of digests would queue for one row's lock.
    Column("alert_run_id", BigInteger),
    Column("period", INSTANT, nullable=False),
    Column("job_ids", ARRAY(Integer), nullable=False),
    Column("spare_ids", ARRAY(Integer)),
    Column("total", Integer, nullable=False),
    Column("more_count", Integer, nullable=False, server_default=text("0")),
    Column("first_number", BigInteger),
    Column("last_number", BigInteger),
    Column("message_id", BigInteger),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    UniqueConstraint("alert_id", "period"),
    Index("ix_alert_digests_alert_run_id", "alert_run_id"),
)
