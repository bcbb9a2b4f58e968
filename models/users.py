"""People, companies, and who belongs to which."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Text, text

from models.base import INSTANT, NOW, native, shared_table
from models.enums import UserRole

users = shared_table(
    "users",
    Column("id", Integer, primary_key=True),
    Column("email", String, nullable=False),
    Column("email_verified", INSTANT),
    Column("password_hash", String),
    Column("name", String),
    Column("image", String),
    Column("role", native("userrole", UserRole), nullable=False),
    Column("first_name", String, nullable=False),
    Column("last_name", String, nullable=False),
    Column("is_active", Boolean),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Index("ix_users_id", "id"),
    Index("ix_users_email", "email", unique=True),
)

companies = shared_table(
    "companies",
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("description", Text),
    Column("industry", String),
    Column("size", String),
    Column("website_url", String),
    Column("linkedin_url", String),
    Column("address", String),
    Column("city", String),
    Column("country", String),
    Column("logo_url", String),
    Column("cloudinary_id", String),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Column("is_verified", Boolean, nullable=False, server_default=text("false")),
    Column("verified_at", INSTANT),
    Column("targetym_tenant_id", Integer),
    Column("targetym_api_key", String),
    Column("targetym_linked_at", INSTANT),
    Column("company_api_key", String),
    Index("ix_companies_id", "id"),
    Index("ix_companies_company_api_key", "company_api_key", unique=True),
    Index("ix_companies_targetym_tenant_id", "targetym_tenant_id"),
)

candidates = shared_table(
    "candidates",
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False, unique=True),
    Column("phone", String),
    Column("location", String),
    Column("linkedin_url", String),
    Column("website_url", String),
    Column("profile_picture_url", String),
    Column("title", String),
    Column("summary", Text),
    Column("years_experience", Integer),
    Column("salary_expectation_min", Integer),
    Column("salary_expectation_max", Integer),
    Column("cv_url", String),
    Column("cv_filename", String),
    Column("cv_uploaded_at", INSTANT),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Index("ix_candidates_id", "id"),
)

employers = shared_table(
    "employers",
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False, unique=True),
    Column("company_id", Integer, ForeignKey("companies.id")),
    Column("position", String),
    Column("department", String),
    Column("phone", String),
    Column("can_create_jobs", Boolean),
    Column("can_manage_candidates", Boolean),
    Column("is_admin", Boolean),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Index("ix_employers_id", "id"),
)

accounts = shared_table(
    "accounts",
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False),
    Column("type", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("provider_account_id", String, nullable=False),
    Column("refresh_token", Text),
    Column("access_token", Text),
    Column("expires_at", Integer),
    Column("token_type", String),
    Column("scope", String),
    Column("id_token", Text),
    Column("session_state", String),
    Column("created_at", INSTANT, server_default=NOW),
    Column("updated_at", INSTANT, server_default=NOW),
    Index("ix_accounts_id", "id"),
    Index("ix_accounts_user_id", "user_id"),
)
