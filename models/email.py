"""Employer templates, messages, batches, suppressions, recipients' wishes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from models.base import DOCUMENT, INSTANT, NOW, OURS, metadata, native, shared_table
from models.enums import TemplateType

email_templates = shared_table(
    "email_templates",
    Column("id", Integer, primary_key=True),
    Column("company_id", Integer, ForeignKey("companies.id"), nullable=False),
    Column("created_by_user_id", Integer, ForeignKey("users.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("type", native("emailtemplatetype", TemplateType), nullable=False),
    Column("subject", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("is_active", Boolean),
    Column("is_default", Boolean),
    Column("usage_count", Integer),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Column("last_used_at", INSTANT),
    Column("own_type", Text, info=OURS),
    Column("locale", Text, info=OURS),
    Column("body_format", Text, nullable=False, server_default="html", info=OURS),
    Column("version", Integer, nullable=False, server_default=text("1"), info=OURS),
    Column("deleted_at", INSTANT, info=OURS),
    Column("built_in", Boolean, info=OURS),
    Column("own_default", Boolean, info=OURS),
    Index("ix_email_templates_id", "id"),
    Index("ix_email_templates_company_id", "company_id"),
    Index("ix_email_templates_is_active", "is_active"),
    Index("ix_email_templates_type", "type"),
)
"""`built_in`: copied from our library. Migration 0015 keeps one `own_default` per company, type and locale, and one
`is_default` per company and type, which is what the main web app sees. Migration 0007 counts `version` whenever type,
locale, subject or body change, whoever writes.
"""

email_template_versions = Table(
    "email_template_versions",
    metadata,
    Column("template_id", Integer, ForeignKey("email_templates.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("own_type", Text),
    Column("locale", Text),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("body_format", Text, nullable=False),
    Column("author_user_id", Integer),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
)
"""What a template said, written by triggers and never changed: the last 20 and every one that a message names."""

email_batches = Table(
    "email_batches",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("generation", Integer, nullable=False, server_default=text("1")),
    Column("count", SmallInteger, nullable=False),
    Column("payload", LargeBinary),
    Column("payload_sha256", LargeBinary),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("sent_at", INSTANT),
    Column("finished_at", INSTANT),
    CheckConstraint("state in ('pending', 'sending', 'sent', 'failed', 'unknown')", name="email_batches_state_check"),
    CheckConstraint("count between 0 and 100", name="email_batches_count_check"),
    Index("ix_email_batches_open", "id", postgresql_where=text("finished_at is null")),
)
"""`payload` is the compressed request bytes until the outcome is known, then null; the hash stays."""

email_messages = Table(
    "email_messages",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("template", Text, nullable=False),
    Column("template_id", Integer),
    Column("template_version", Integer),
    Column("context", DOCUMENT),
    Column("recipient", Text),
    Column("user_id", Integer),
    Column("company_id", Integer),
    Column("locale", Text),
    Column("subject", Text),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("batch_id", BigInteger, ForeignKey("email_batches.id")),
    Column("ordinal", SmallInteger),
    Column("provider_id", Text),
    Column("error", Text),
    Column("source", Text),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    Column("sent_at", INSTANT),
    Column("application_id", Integer),
    CheckConstraint(
        "state in ('pending', 'sending', 'sent', 'delivered', 'bounced', 'complained', 'failed', "
        "'suppressed', 'unknown')",
        name="email_messages_state_check",
    ),
    UniqueConstraint("source"),
    UniqueConstraint("batch_id", "ordinal"),
    Index(
        "ix_email_messages_pending",
        "id",
        postgresql_where=text("state = 'pending' and batch_id is null"),
    ),
    Index("ix_email_messages_provider_id", "provider_id", postgresql_where=text("provider_id is not null")),
    Index("ix_email_messages_user_id", "user_id", postgresql_where=text("user_id is not null")),
    Index("ix_email_messages_company_id", "company_id", "id", postgresql_where=text("company_id is not null")),
    Index(
        "ix_email_messages_application_id",
        "application_id",
        "id",
        postgresql_where=text("application_id is not null"),
    ),
    Index(
        "ix_email_messages_template",
        "template_id",
        "template_version",
        postgresql_where=text("template_id is not null"),
    ),
)
"""`template` names a layout of ours, or `employer` for the row `template_id` of email_templates. `source` is the
row that asked for the mail (`alert_digest:17`) and makes it unique. `application_id`: which one it is about.
`recipient` and `context` are blanked with age.
"""

suppressions = Table(
    "suppressions",
    metadata,
    Column("address", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("source", Text),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("lifted_at", INSTANT),
    CheckConstraint("address = lower(address)", name="suppressions_address_check"),
    Index("ix_suppressions_created_at", "created_at", "address"),
)
"""`reason`: bounced, complained, provider (it refuses the address itself) or manual; lifted rows stay 400 days."""

soft_bounces = Table(
    "soft_bounces",
    metadata,
    Column("address", Text, primary_key=True),
    Column("count", Integer, nullable=False, server_default=text("1")),
    Column("last_at", INSTANT, nullable=False, server_default=NOW),
    CheckConstraint("address = lower(address)", name="soft_bounces_address_check"),
)
"""Mails that came back for a passing reason since the last one that arrived, in the last 180 days."""

recipient_preferences = Table(
    "recipient_preferences",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE")),
    Column("address", Text),
    Column("locale", Text),
    Column("all_alerts_stopped", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    UniqueConstraint("user_id"),
    UniqueConstraint("address"),
    CheckConstraint("address = lower(address)", name="recipient_preferences_address_check"),
    CheckConstraint("locale in ('fr', 'en')", name="recipient_preferences_locale_check"),
    CheckConstraint("user_id is not null or address is not null", name="recipient_preferences_owner_check"),
)
