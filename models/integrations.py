"""Credentials at providers, and authorisations that are under way."""

from sqlalchemy import (
    ARRAY,
    UUID,
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
    Table,
    Text,
    text,
)

from models.base import DOCUMENT, INSTANT, NOW, OURS, metadata, native, shared_table
from models.enums import IntegrationProvider

integration_credentials = shared_table(
    "integration_credentials",
    Column("id", Integer, primary_key=True),
    Column("company_id", Integer, ForeignKey("companies.id"), nullable=False),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False),
    Column("provider", native("integrationprovider", IntegrationProvider), nullable=False),
    Column("access_token", Text, nullable=False),
    Column("refresh_token", Text),
    Column("token_expires_at", INSTANT),
    Column("provider_data", DOCUMENT),
    Column("is_active", Boolean),
    Column("last_used_at", INSTANT),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Column("state", Text, info=OURS),
    Column("scopes", ARRAY(Text), info=OURS),
    Column("account_id", Text, info=OURS),
    Column("account_label", Text, info=OURS),
    Column("account_kind", Text, info=OURS),
    Column("encryption_key", Text, info=OURS),
    Column("refresh_expires_at", INSTANT, info=OURS),
    Column("token_version", Integer, nullable=False, server_default=text("1"), info=OURS),
    Column("refreshed_at", INSTANT, info=OURS),
    Column("refresh_lease", UUID, info=OURS),
    Column("refresh_lease_until", INSTANT, info=OURS),
    Column("connected_at", INSTANT, info=OURS),
    Column("last_error", Text, info=OURS),
    Column("expiry_notice", SmallInteger, info=OURS),
    Index("ix_integration_credentials_id", "id"),
    Index("ix_integration_credentials_company_id", "company_id"),
    Index("ix_integration_credentials_is_active", "is_active"),
    Index("ix_integration_credentials_provider", "provider"),
)
"""`state`: connected or needs_reconnect while `is_active`, error or disconnected while it is not; another pair means
that the main web app has written `is_active` since, which counts then. `encryption_key`: the id of the key that sealed
both tokens. `token_version` rises whenever tokens are stored: whoever was refused with an older one only has to read
again; a trigger (migration 0022) raises it, and forgets what we knew, when the main web app stores some.
`refresh_lease`: who fetches fresh tokens now, until when. `expiry_notice`: of how many days before the end the owner
was told last.
"""

oauth_states = Table(
    "oauth_states",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("state_hash", LargeBinary, nullable=False, unique=True),
    Column("purpose", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("company_id", Integer, ForeignKey("companies.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("session_hash", LargeBinary),
    Column("return_to", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("secrets", Text),
    Column("account_id", Text),
    Column("run_id", UUID),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("expires_at", INSTANT, nullable=False),
    Column("used_at", INSTANT),
    CheckConstraint("purpose in ('connect', 'approve')", name="oauth_states_purpose_check"),
    Index("ix_oauth_states_company_id", "company_id"),
    Index("ix_oauth_states_user_id", "user_id"),
    Index("ix_oauth_states_expires_at", "expires_at"),
)
"""`state_hash`: SHA-256 of the `state` that the browser carries. `session_hash`: of the session that began it; empty
where it began through the API. `secrets`: sealed, verifier, nonce and, once the code is here, the code. `account_id`:
whose connection is to be renewed. `run_id`: the run that exchanges the code.
"""
