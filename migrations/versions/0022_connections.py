"""Connected accounts: their state, scopes and the lease of a refresh; authorisations that are under way.

Revision ID: 0022
Revises: 0021
"""

from migrations import foreign_keys
from migrations.steps import Lock, Step, run

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COLUMNS = {
    "state": "text",
    "scopes": "text[]",
    "account_id": "text",
    "account_label": "text",
    "account_kind": "text",
    "encryption_key": "text",
    "refresh_expires_at": "timestamptz",
    "token_version": "integer not null default 1",
    "refreshed_at": "timestamptz",
    "refresh_lease": "uuid",
    "refresh_lease_until": "timestamptz",
    "connected_at": "timestamptz",
    "last_error": "text",
    "expiry_notice": "smallint",
}

# Our own writes raise the version; a token that comes without it is the main web app's, and what we knew is of the old.
NOTICE = """
create function notice_foreign_tokens() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    new.token_version := old.token_version + 1;
    new.state := null;
    new.scopes := null;
    new.account_id := null;
    new.account_label := null;
    new.account_kind := null;
    new.encryption_key := null;
    new.refresh_expires_at := null;
    new.refreshed_at := null;
    new.refresh_lease := null;
    new.refresh_lease_until := null;
    new.last_error := null;
    new.expiry_notice := null;
    return new;
end $$;
revoke all on function notice_foreign_tokens() from public;
"""

WATCH = """
create trigger notice_foreign_tokens before update of access_token on integration_credentials
for each row when (new.access_token is distinct from old.access_token and new.token_version = old.token_version)
execute function notice_foreign_tokens();
"""

UNWATCH = """
drop trigger notice_foreign_tokens on integration_credentials;
drop function notice_foreign_tokens();
"""

STATES = """
create table oauth_states (
    id bigint generated always as identity primary key,
    state_hash bytea not null unique,
    purpose text not null,
    provider text not null,
    company_id integer not null,
    user_id integer not null,
    session_hash bytea,
    return_to text not null,
    redirect_uri text not null,
    scopes text[] not null,
    secrets text,
    account_id text,
    run_id uuid,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint oauth_states_purpose_check check (purpose in ('connect', 'approve'))
);
create index ix_oauth_states_company_id on oauth_states (company_id);
create index ix_oauth_states_user_id on oauth_states (user_id);
create index ix_oauth_states_expires_at on oauth_states (expires_at);
"""


def upgrade() -> None:
    adding = ", ".join(f"add column {name} {kind}" for name, kind in COLUMNS.items())
    run(
        f"{revision} upgrade",
        [
            Step("columns", f"alter table integration_credentials {adding}", {"integration_credentials": Lock.ALTER}),
            Step("function", NOTICE),
            Step("trigger", WATCH, {"integration_credentials": Lock.ATTACH}),
            Step("states", STATES),
            foreign_keys.add("oauth_states", "company_id", "companies", "on delete cascade"),
            foreign_keys.add("oauth_states", "user_id", "users", "on delete cascade"),
        ],
    )


def downgrade() -> None:
    dropping = ", ".join(f"drop column {name}" for name in COLUMNS)
    run(
        f"{revision} downgrade",
        [
            *foreign_keys.drop("oauth_states"),
            Step("states", "drop table oauth_states"),
            Step("trigger", UNWATCH, {"integration_credentials": Lock.ALTER}),
            Step("columns", f"alter table integration_credentials {dropping}", {"integration_credentials": Lock.ALTER}),
        ],
    )
