"""Search documents of offers, and alerts whose changed criteria do not look back.

Revision ID: 0009
Revises: 0008
"""

from migrations.steps import Lock, Step, run

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Every search reads the whole pending list of a GIN index, and the numbering of an offer writes its entries anew:
# a short list costs searches little and makes numbering three times as fast.
# Tokens and texts are stored apart from the row, so that counting offers reads little.
DOCUMENTS = """
alter table job_search
    add column texts jsonb,
    add column place text,
    add column area text[],
    add column job_type text,
    add column location_type text,
    add column salary_min integer,
    add column salary_max integer,
    add column currency text,
    add column published boolean not null default false,
    add column expires_at timestamptz,
    add column posted_at timestamptz,
    add column company_id integer;

alter table job_search set (toast_tuple_target = 512);
create index ix_job_search_tokens on job_search using gin (tokens) with (gin_pending_list_limit = 512);
create index ix_job_search_unprepared on job_search (job_id) where refreshed_at is null;
create index ix_job_search_unnumbered on job_search (job_id) where visible_no is null and published;
"""

# Whoever moves the mark in the same statement knows better. The main web app's transaction never fails because of us.
CRITERIA = """
create function forget_older_jobs() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    new.last_number := highest_job_number();
    return new;
exception when others then
    return new;
end $$;

create trigger forget_older_jobs before update of criteria on job_alerts
    for each row
    when (old.criteria is distinct from new.criteria and old.last_number is not distinct from new.last_number)
    execute function forget_older_jobs();
"""
RUNS = "alter table alert_runs add column alerts_total integer not null default 0"


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("documents", DOCUMENTS),
            Step("changed criteria", CRITERIA, {"job_alerts": Lock.ATTACH}),
            Step("runs of alerts", RUNS),
        ],
    )


def downgrade() -> None:
    documents = """
        drop index ix_job_search_unnumbered, ix_job_search_unprepared, ix_job_search_tokens;
        alter table job_search reset (toast_tuple_target),
            drop column texts, drop column place, drop column area, drop column job_type, drop column location_type,
            drop column salary_min, drop column salary_max, drop column currency, drop column published,
            drop column expires_at, drop column posted_at, drop column company_id;
    """
    criteria = "drop trigger forget_older_jobs on job_alerts; drop function forget_older_jobs()"
    run(
        f"{revision} downgrade",
        [
            Step("runs of alerts", "alter table alert_runs drop column alerts_total"),
            Step("changed criteria", criteria, {"job_alerts": Lock.ALTER}),
            Step("documents", documents),
        ],
    )
