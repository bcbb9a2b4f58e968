"""What was read of candidates' CVs, by file; a candidate's CVs are found by an index.

Revision ID: 0034
Revises: 0033
"""

from migrations import foreign_keys
from migrations.steps import ConcurrentIndex, DropIndex, Step, run

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLES = """
create table cv_texts (
    digest bytea primary key,
    extractor smallint not null,
    outcome text not null,
    text text,
    hidden_characters integer not null default 0,
    used_at timestamptz not null default now()
);
create table cv_files (
    candidate_id integer primary key,
    place text not null,
    version text,
    digest bytea,
    outcome text,
    checked_at timestamptz not null default now()
);
create index ix_cv_files_digest on cv_files (digest);
"""
INDEX = ConcurrentIndex("ix_candidate_cvs_candidate_id", "index", "candidate_cvs (candidate_id)")


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("tables", TABLES),
            foreign_keys.add("cv_files", "candidate_id", "candidates", "on delete cascade"),
            INDEX,
        ],
    )


def downgrade() -> None:
    run(
        f"{revision} downgrade",
        [
            DropIndex(INDEX.name),
            *foreign_keys.drop("cv_files"),
            Step("tables", "drop table cv_files, cv_texts"),
        ],
    )
