"""Batches of pairs that a language model judges at night.

Revision ID: 0038
Revises: 0037
"""

from migrations.steps import Step, run

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TABLE = """
create table judgement_batches (
    id bigint generated always as identity primary key,
    company_id bigint not null,
    state text not null default 'waiting'
        constraint judgement_batches_state_check check (state in ('waiting', 'sent', 'collected', 'given_up')),
    generation integer not null default 0,
    pairs jsonb not null,
    payload bytea,
    day date,
    micro_usd bigint,
    price_share double precision,
    provider_id text constraint judgement_batches_provider_id_key unique,
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    finished_at timestamptz
);
create index ix_judgement_batches_under_way on judgement_batches (id) where finished_at is null;
"""


def upgrade() -> None:
    run(f"{revision} upgrade", [Step("table", TABLE)])


def downgrade() -> None:
    run(f"{revision} downgrade", [Step("table", "drop table judgement_batches")])
