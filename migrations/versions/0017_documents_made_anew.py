"""Search documents say by which rules they were made, and why there is none.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Documents of the release before have version 0 and are made anew in the background, a few hundred at once. That
# release writes documents without these columns while it still runs: `versioned_at` tells.
COLUMNS = """
alter table job_search
    add column version smallint not null default 0,
    add column versioned_at timestamptz,
    add column country text,
    add column fault text;
create index ix_job_search_version on job_search (version, job_id);
create index ix_job_search_fault on job_search (job_id) where fault is not null;
"""


def upgrade() -> None:
    op.execute(COLUMNS)


def downgrade() -> None:
    op.execute(
        """
        drop index ix_job_search_fault, ix_job_search_version;
        alter table job_search drop column version, drop column versioned_at, drop column country, drop column fault;
        """
    )
