"""Interview preparations are kept while candidate and offer are as they were; one at a time asks a language model.

Revision ID: 0037
Revises: 0036
"""

from migrations import foreign_keys
from migrations.steps import Step, run

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLE = """
alter table recommendations add column asked_until timestamptz;
create table interview_preparations (
    candidate_id integer not null,
    job_id integer not null,
    locale text not null,
    fingerprint text not null,
    content jsonb not null,
    model text not null,
    created_at timestamptz not null default now(),
    primary key (candidate_id, job_id, locale)
);
create index ix_interview_preparations_job_id on interview_preparations (job_id);
"""


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("table", TABLE),
            foreign_keys.add("interview_preparations", "candidate_id", "candidates", "on delete cascade"),
            foreign_keys.add("interview_preparations", "job_id", "jobs", "on delete cascade"),
        ],
    )


def downgrade() -> None:
    run(
        f"{revision} downgrade",
        [
            *foreign_keys.drop("interview_preparations"),
            Step("table", "drop table interview_preparations; alter table recommendations drop column asked_until"),
        ],
    )
