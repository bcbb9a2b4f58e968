"""The foreign keys of the revision before, checked against the rows while others read and write.

Revision ID: 0006
Revises: 0005
"""

from migrations.adoption import execute, rows

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for key in rows("select table_name, name from adoption where kind = 'foreign_key' order by id"):
        execute(f"alter table {key.table_name} validate constraint {key.name}")


def downgrade() -> None:
    pass
