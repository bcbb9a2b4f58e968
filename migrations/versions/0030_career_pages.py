"""Career pages find a company's published offers, and those that were taken off them, by indexes.

Revision ID: 0030
Revises: 0029
"""

from migrations.steps import ConcurrentIndex, DropIndex, run

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SINCE = "coalesce(posted_at, created_at, '-infinity'::timestamptz)"
OFF = "coalesce(state, case when is_active is false then 'withdrawn' end) = 'withdrawn'"
INDEXES = (
    ConcurrentIndex(
        "ix_jobs_on_career_pages",
        "index",
        f"jobs (company_id, ({SINCE}) desc, id desc) include (expires_at) where lower(status::text) = 'published'",
    ),
    ConcurrentIndex(
        "ix_job_postings_off_career_pages",
        "index",
        f"job_postings (job_id, id) where channel = 'INTOWORK' and {OFF}",
    ),
)


def upgrade() -> None:
    run(f"{revision} upgrade", INDEXES)


def downgrade() -> None:
    run(f"{revision} downgrade", [DropIndex(each.name) for each in INDEXES])
