"""The ledger's tables. Hot paths use plain statements; these serve queries and `alembic check`."""

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from models.base import metadata

INSTANT = TIMESTAMP(timezone=True)
NOW = text("now()")

lease_numbers = Sequence("lease_numbers", metadata=metadata)

task_catalogue = Table(
    "task_catalogue",
    metadata,
    Column("name", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("max_attempts", SmallInteger, nullable=False),
    Column("timeout_seconds", Integer, nullable=False),
    Column("expires_after_seconds", Integer, nullable=False),
    Column("batch", SmallInteger, nullable=False),
    Column("ids_only", Boolean, nullable=False),
    Column("description", Text, nullable=False),
    Column("payload_schema", JSONB, nullable=False),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
)

queues = Table(
    "queues",
    metadata,
    Column("name", Text, primary_key=True),
    Column("dispatch_delay_seconds", Integer, nullable=False),
    Column("window_size", Integer, nullable=False),
    Column("paused_at", INSTANT),
)

task_runs = Table(
    "task_runs",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("task", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("payload", JSONB, nullable=False, server_default=text("'{}'")),
    Column("company_id", BigInteger, nullable=False, server_default=text("0")),
    Column("caused_by", BigInteger),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("run_at", INSTANT, nullable=False, server_default=NOW),
    Column("dispatch_at", INSTANT, nullable=False, server_default=NOW),
    Column("dispatches", Integer, nullable=False, server_default=text("0")),
    Column("alone", Boolean, nullable=False, server_default=text("false")),
    Column("attempt", SmallInteger, nullable=False, server_default=text("0")),
    Column("max_attempts", SmallInteger, nullable=False),
    Column("rescues", SmallInteger, nullable=False, server_default=text("0")),
    Column("lease", BigInteger),
    Column("worker_id", UUID),
    Column("message_id", UUID),
    Column("deadline_at", INSTANT),
    Column("cancel_requested_at", INSTANT),
    Column("wanted", Boolean, nullable=False, server_default=text("false")),
    Column("reserved_at", INSTANT),
    Column("progress", JSONB),
    Column("result", JSONB),
    Column("error", JSONB),
    Column("parent_id", UUID),
    Column("gate", Text),
    Column("gate_version", BigInteger),
    Column("expires_at", INSTANT),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("started_at", INSTANT),
    Column("finished_at", INSTANT),
    CheckConstraint(
        "state in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'uncertain')",
        name="task_runs_state_check",
    ),
    CheckConstraint("priority between 0 and 9", name="task_runs_priority_check"),
    Index("ix_task_runs_due", "queue", "dispatch_at", postgresql_where=text("state = 'queued'")),
    Index(
        "ix_task_runs_fair",
        "queue",
        "company_id",
        "priority",
        "dispatch_at",
        postgresql_where=text("state = 'queued'"),
    ),
    Index("ix_task_runs_running", "worker_id", postgresql_where=text("state = 'running'")),
    Index("ix_task_runs_finished", "finished_at", postgresql_where=text("finished_at is not null")),
    Index(
        "ix_task_runs_trouble",
        "state",
        "id",
        postgresql_where=text("state in ('failed', 'cancelled', 'uncertain')"),
    ),
    Index("ix_task_runs_parent", "parent_id", postgresql_where=text("parent_id is not null")),
    Index("ix_task_runs_company", "company_id", "id", postgresql_where=text("company_id <> 0")),
    Index("ix_task_runs_gate", "gate", postgresql_where=text("gate is not null")),
)

task_attempts = Table(
    "task_attempts",
    metadata,
    Column("run_id", UUID, primary_key=True),
    Column("lease", BigInteger, primary_key=True, autoincrement=False),
    Column("number", SmallInteger, nullable=False),
    Column("worker_id", UUID, nullable=False),
    Column("message_id", UUID),
    Column("started_at", INSTANT, nullable=False, server_default=NOW),
    Column("waited_seconds", Float(53), nullable=False),
    Column("ran_seconds", Float(53)),
    Column("outcome", Text),
    Column("error_class", Text),
    Column("message", Text),
    Column("traceback", Text),
    Column("fingerprint", Text),
)

workers = Table(
    "workers",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("parent_id", UUID),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("tasks", ARRAY(Text), nullable=False),
    Column("queues", ARRAY(Text), nullable=False),
    Column("lock_number", BigInteger, nullable=False),
    Column("draining", Boolean, nullable=False, server_default=text("false")),
    Column("started_at", INSTANT, nullable=False, server_default=NOW),
    Column("expires_at", INSTANT, nullable=False),
)

effects = Table(
    "effects",
    metadata,
    Column("key", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("provider", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("run_id", UUID, nullable=False),
    Column("lease", BigInteger, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'intended'")),
    Column("reference", JSONB),
    Column("others", JSONB, nullable=False, server_default=text("'[]'")),
    Column("sends", Integer, nullable=False, server_default=text("1")),
    Column("looks", SmallInteger, nullable=False, server_default=text("0")),
    Column("window_seconds", Integer),
    Column("provider_key", Text),
    Column("provider_key_seconds", Integer),
    Column("first_intended_at", INSTANT, nullable=False, server_default=NOW),
    Column("intended_at", INSTANT, nullable=False, server_default=NOW),
    Column("settled_at", INSTANT),
    Column("applied_at", INSTANT),
    CheckConstraint("state in ('intended', 'done', 'refused', 'cleared')", name="effects_state_check"),
    CheckConstraint("policy in ('replay', 'lookup', 'ask')", name="effects_policy_check"),
    Index("ix_effects_open", "run_id", postgresql_where=text("state = 'intended'")),
    Index("ix_effects_unapplied", "run_id", postgresql_where=text("state = 'done' AND applied_at IS NULL")),
    Index("ix_effects_intended_at", "first_intended_at"),
)

task_keys = Table(
    "task_keys",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("run_id", UUID, nullable=False),
    Column("body_hash", Text),
    Column("answer", JSONB),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("expires_at", INSTANT),
    Index("ix_task_keys_run_id", "run_id"),
)

schedules = Table(
    "schedules",
    metadata,
    Column("name", Text, primary_key=True),
    Column("task", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("rule", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("catch_up", Text, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    Column("next_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    CheckConstraint("catch_up in ('all', 'latest')", name="schedules_catch_up_check"),
)

schedule_periods = Table(
    "schedule_periods",
    metadata,
    Column("name", Text, primary_key=True),
    Column("period", INSTANT, primary_key=True),
    Column("state", Text, nullable=False),
    Column("run_id", UUID),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    CheckConstraint("state in ('queued', 'skipped')", name="schedule_periods_state_check"),
)

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next_at", INSTANT, nullable=False),
)

park_gates = Table(
    "park_gates",
    metadata,
    Column("key", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("closed_at", INSTANT),
    Column("reason", Text),
    Column("prober", UUID),
    Column("probe_at", INSTANT),
)

platform_state = Table(
    "platform_state",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
)

inbound_events = Table(
    "inbound_events",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("run_id", UUID),
    Column("received_at", INSTANT, nullable=False, server_default=NOW),
    Column("handled_at", INSTANT),
    UniqueConstraint("source", "external_id", name="inbound_events_source_external_id_key"),
    Index("ix_inbound_events_received_at", "received_at"),
)

service_keys = Table(
    "service_keys",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("key_hash", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("revoked_at", INSTANT),
    Column("last_used_at", INSTANT),
    UniqueConstraint("key_hash", name="service_keys_key_hash_key"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text),
    Column("details", JSONB, nullable=False, server_default=text("'{}'")),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Index("ix_audit_log_subject", "subject"),
)
