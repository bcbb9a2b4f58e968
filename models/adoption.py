"""What we made or changed in a database that the main web app shares."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Table, Text, UniqueConstraint

from models.base import DOCUMENT, INSTANT, NOW, metadata

adoption = Table(
    "adoption",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("table_name", Text, nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    Column("definition", Text),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    CheckConstraint("kind in ('type', 'table', 'column', 'foreign_key')", name="adoption_kind_check"),
    UniqueConstraint("kind", "table_name", "name"),
)
"""Shared objects that we made (dropped by downgrade), and foreign keys with the definition they had before."""

adoption_changes = Table(
    "adoption_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("table_name", Text, nullable=False),
    Column("row_id", BigInteger, nullable=False),
    Column("column_name", Text, nullable=False),
    Column("old_value", DOCUMENT),
    Column("new_value", DOCUMENT),
    Column("reason", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Index(None, "table_name", "row_id"),
)
"""Values of the main web app's rows that we changed; downgrade puts them back."""
