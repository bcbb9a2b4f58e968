"""The history of applications: who changed rating, tags or scorecard, or deleted a note, and when.

Revision ID: 0035
Revises: 0034
"""

from migrations import foreign_keys
from migrations.steps import ConcurrentIndex, DropIndex, Step, run

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

TABLE = """
create table application_changes (
    id bigint generated always as identity primary key,
    application_id integer not null,
    user_id integer,
    kind text not null,
    before jsonb,
    after jsonb,
    created_at timestamptz not null default now(),
    constraint application_changes_kind_check check (kind in ('rating', 'tags', 'scorecard', 'note_deleted'))
);
create index ix_application_changes_application on application_changes (application_id, id desc);
create index ix_application_changes_user_id on application_changes (user_id);
create index ix_application_changes_created_at on application_changes (created_at);
create index ix_application_changes_deleted_notes on application_changes (created_at)
    where kind = 'note_deleted' and before ? 'note';
"""
# Colleagues are found by their company.
COLLEAGUES = ConcurrentIndex("ix_employers_company", "index", "employers (company_id)")


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("table", TABLE),
            foreign_keys.add("application_changes", "application_id", "job_applications", "on delete cascade"),
            foreign_keys.add("application_changes", "user_id", "users", "on delete set null"),
            COLLEAGUES,
        ],
    )


def downgrade() -> None:
    run(
        f"{revision} downgrade",
        [
            DropIndex(COLLEAGUES.name),
            *foreign_keys.drop("application_changes"),
            Step("table", "drop table application_changes"),
        ],
    )
