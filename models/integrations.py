"""Credentials at providers."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Text

from models.base import DOCUMENT, INSTANT, NOW, native, shared_table
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
    Index("ix_integration_credentials_id", "id"),
    Index("ix_integration_credentials_company_id", "company_id"),
    Index("ix_integration_credentials_is_active", "is_active"),
    Index("ix_integration_credentials_provider", "provider"),
)
