"""Postings on channels: what the platform knows beside the main web app's columns, companies' accounts on channels that
its enum of providers lacks, figures and clicks, deliveries of webhooks.

Revision ID: 0029
Revises: 0028
"""

from migrations import foreign_keys
from migrations.steps import ConcurrentIndex, DropIndex, Lock, Step, run

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

COLUMNS = {
    "state": "text",
    "target": "text not null default ''",
    "target_name": "text",
    "generation": "integer not null default 0",
    "credential_id": "integer",
    "channel_account_id": "bigint",
    "message": "text",
    "language": "text",
    "picture": "text",
    "picture_error": "text",
    "error_code": "text",
    "error": "text",
    "published_by": "integer",
    "run_id": "uuid",
    "external_url": "text",
    "publishing_at": "timestamptz",
    "withdrawn_at": "timestamptz",
    "visibility_proved": "boolean not null default true",
    "statistics": "jsonb",
    "statistics_at": "timestamptz",
}
ACTIVE = "('publishing', 'published', 'unknown', 'exported', 'awaiting_partner')"
KEYS = {
    "credential_id": "integration_credentials",
    "channel_account_id": "channel_accounts",
    "published_by": "users",
}

TABLES = """
create table channel_accounts (
    id bigint generated always as identity primary key,
    company_id integer not null,
    user_id integer,
    channel text not null,
    access_token text not null,
    refresh_token text,
    token_expires_at timestamptz,
    is_active boolean not null default true,
    state text,
    scopes text[],
    account_id text,
    account_label text,
    account_kind text,
    encryption_key text,
    refresh_expires_at timestamptz,
    token_version integer not null default 1,
    refreshed_at timestamptz,
    refresh_lease uuid,
    refresh_lease_until timestamptz,
    connected_at timestamptz,
    last_used_at timestamptz,
    last_error text,
    expiry_notice smallint,
    settings jsonb not null default '{}',
    off_since timestamptz,
    off_reason text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index ix_channel_accounts_company_id on channel_accounts (company_id);
create index ix_channel_accounts_user_id on channel_accounts (user_id);
create table posting_statistics (
    posting_id integer not null,
    fetched_at timestamptz not null default now(),
    impressions bigint,
    unique_impressions bigint,
    clicks bigint,
    likes bigint,
    comments bigint,
    shares bigint,
    primary key (posting_id, fetched_at)
);
create table posting_clicks (
    job_id integer not null,
    mark text not null,
    day date not null,
    clicks bigint not null default 1,
    primary key (job_id, mark, day)
);
create table webhook_deliveries (
    id bigint generated always as identity primary key,
    channel_account_id bigint not null,
    posting_id integer,
    webhook_id text not null,
    event text not null,
    body bytea not null,
    state text not null default 'pending',
    attempts integer not null default 0,
    last_status smallint,
    last_error text,
    created_at timestamptz not null default now(),
    delivered_at timestamptz,
    next_try_at timestamptz,
    constraint webhook_deliveries_state_check check (state in ('pending', 'delivered', 'failed'))
);
create index ix_webhook_deliveries_account on webhook_deliveries (channel_account_id, id desc);
create index ix_webhook_deliveries_posting_id on webhook_deliveries (posting_id);
create table posting_removals (
    id bigint generated always as identity primary key,
    posting_id integer not null,
    channel text not null,
    target text not null,
    external_id text not null,
    credential_id integer,
    channel_account_id bigint,
    created_at timestamptz not null default now()
);
"""

# No keys: the account may be deleted in the same statement as its postings.
NOTE = """
create function note_removed_postings() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into posting_removals (posting_id, channel, target, external_id, credential_id, channel_account_id)
    select g.id, g.channel::text, g.target, coalesce(g.external_id, ''), g.credential_id, g.channel_account_id
      from gone g
     where (g.external_id is not null or g.channel::text = 'CUSTOM')
       and g.state in ('publishing', 'published', 'unknown', 'awaiting_partner')
       and (g.credential_id is not null or g.channel_account_id is not null);
    return null;
exception when others then
    return null;
end $$;
revoke all on function note_removed_postings() from public;
"""
WATCH = """
create trigger note_removed_postings after delete on job_postings
referencing old table as gone for each statement execute function note_removed_postings();
"""
UNWATCH = """
drop trigger note_removed_postings on job_postings;
drop function note_removed_postings();
"""

INDEXES = (
    ConcurrentIndex(
        "ix_job_postings_active_once", "unique index", f"job_postings (job_id, channel, target) where state in {ACTIVE}"
    ),
    ConcurrentIndex("ix_job_postings_under_way", "index", "job_postings (publishing_at) where state = 'publishing'"),
    ConcurrentIndex(
        "ix_job_postings_credential_id", "index", "job_postings (credential_id) where credential_id is not null"
    ),
    ConcurrentIndex(
        "ix_job_postings_channel_account_id",
        "index",
        "job_postings (channel_account_id) where channel_account_id is not null",
    ),
    ConcurrentIndex(
        "ix_job_postings_published_by", "index", "job_postings (published_by) where published_by is not null"
    ),
)


def upgrade() -> None:
    adding = ", ".join(f"add column {name} {kind}" for name, kind in COLUMNS.items())
    run(
        f"{revision} upgrade",
        [
            Step("tables", TABLES),
            Step("columns", f"alter table job_postings {adding}", {"job_postings": Lock.ALTER}),
            *(step for column, table in KEYS.items() for step in _key(column, table)),
            foreign_keys.add("channel_accounts", "company_id", "companies", "on delete cascade"),
            foreign_keys.add("channel_accounts", "user_id", "users", "on delete set null"),
            foreign_keys.add("posting_statistics", "posting_id", "job_postings", "on delete cascade"),
            foreign_keys.add("posting_clicks", "job_id", "jobs", "on delete cascade"),
            foreign_keys.add("webhook_deliveries", "channel_account_id", "channel_accounts", "on delete cascade"),
            foreign_keys.add("webhook_deliveries", "posting_id", "job_postings", "on delete set null"),
            Step("function", NOTE),
            Step("trigger", WATCH, {"job_postings": Lock.ATTACH}),
            *INDEXES,
        ],
    )


def _key(column: str, table: str) -> tuple[Step, Step]:
    name = f"job_postings_{column}_fkey"
    key = f"constraint {name} foreign key ({column}) references {table} (id) on delete set null"
    both = {table: Lock.ALTER, "job_postings": Lock.ALTER}
    return (
        Step(f"key {column}", f"alter table job_postings add {key} not valid", both),
        Step(f"check {column}", f"alter table job_postings validate constraint {name}"),
    )


def _no_key(column: str) -> Step:
    """One at a time: each takes hold of the table that it refers to as well."""
    dropping = f"alter table job_postings drop constraint job_postings_{column}_fkey"
    return Step(f"no key {column}", dropping, {KEYS[column]: Lock.ALTER, "job_postings": Lock.ALTER})


def downgrade() -> None:
    dropping = ", ".join(f"drop column {name}" for name in COLUMNS)
    run(
        f"{revision} downgrade",
        [
            Step("trigger", UNWATCH, {"job_postings": Lock.ALTER}),
            *(DropIndex(each.name) for each in INDEXES),
            *map(_no_key, KEYS),
            Step("columns", f"alter table job_postings {dropping}", {"job_postings": Lock.ALTER}),
            *foreign_keys.drop("webhook_deliveries"),
            *foreign_keys.drop("posting_statistics"),
            *foreign_keys.drop("posting_clicks"),
            *foreign_keys.drop("channel_accounts"),
            Step(
                "tables",
                "drop table posting_removals, webhook_deliveries, posting_clicks, posting_statistics, channel_accounts",
            ),
        ],
    )
