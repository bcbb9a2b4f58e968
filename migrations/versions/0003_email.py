"""E-mail: messages, their batches, addresses we must not write to, recipients' wishes.

Revision ID: 0003
Revises: 0002
"""

from migrations import foreign_keys
from migrations.adoption import restore_values
from migrations.steps import Lock, Step, run

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEMPLATE_COLUMNS = """
alter table email_templates
    add column own_type text,
    add column locale text,
    add column body_format text not null default 'html',
    add column version integer not null default 1,
    add column deleted_at timestamptz;
"""

TABLES = """
create table email_batches (
    id bigint generated always as identity primary key,
    state text not null default 'pending',
    generation integer not null default 1,
    count smallint not null,
    payload bytea,
    payload_sha256 bytea,
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    finished_at timestamptz,
    constraint email_batches_state_check check (state in ('pending', 'sending', 'sent', 'failed', 'unknown')),
    constraint email_batches_count_check check (count between 0 and 100)
);
create index ix_email_batches_open on email_batches (id) where finished_at is null;

create table email_messages (
    id bigint generated always as identity primary key,
    template text not null,
    template_id integer,
    template_version integer,
    context jsonb,
    recipient text,
    user_id integer,
    company_id integer,
    locale text,
    subject text,
    state text not null default 'pending',
    batch_id bigint references email_batches,
    ordinal smallint,
    provider_id text,
    error text,
    source text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    sent_at timestamptz,
    constraint email_messages_state_check check (state in
        ('pending', 'sending', 'sent', 'delivered', 'bounced', 'complained', 'failed', 'suppressed', 'unknown')),
    constraint email_messages_source_key unique (source),
    constraint email_messages_batch_id_ordinal_key unique (batch_id, ordinal)
) with (fillfactor = 80);
create index ix_email_messages_pending on email_messages (id) where state = 'pending' and batch_id is null;
create index ix_email_messages_provider_id on email_messages (provider_id) where provider_id is not null;
create index ix_email_messages_user_id on email_messages (user_id) where user_id is not null;
create index ix_email_messages_company_id on email_messages (company_id, id) where company_id is not null;

create table suppressions (
    address text primary key,
    reason text not null,
    source text,
    created_at timestamptz not null default now(),
    lifted_at timestamptz,
    constraint suppressions_address_check check (address = lower(address))
);

create table recipient_preferences (
    id bigint generated always as identity primary key,
    user_id integer,
    address text,
    locale text,
    all_alerts_stopped boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint recipient_preferences_user_id_key unique (user_id),
    constraint recipient_preferences_address_key unique (address),
    constraint recipient_preferences_address_check check (address = lower(address)),
    constraint recipient_preferences_locale_check check (locale in ('fr', 'en')),
    constraint recipient_preferences_owner_check check (user_id is not null or address is not null)
);
"""

# The main web app lets several templates of one type be the default and then sends nothing: the newest stays.
ONE_DEFAULT = """
with ranked as (
    select id, row_number() over (partition by company_id, type
                                  order by updated_at desc nulls last, id desc) as place
      from email_templates where is_default
), changed as (
    update email_templates t set is_default = false from ranked r
     where t.id = r.id and r.place > 1 returning t.id
)
insert into adoption_changes (table_name, row_id, column_name, old_value, new_value, reason)
select 'email_templates', id, 'is_default', 'true', 'false',
       'several defaults of one type: the newest stays' from changed
"""

# Likewise several active credentials of one provider: calendars belong to a user, the others to the company.
ONE_CREDENTIAL = """
with ranked as (
    select id, row_number() over (
               partition by company_id, provider,
                            case when provider::text ilike '%calendar%' then user_id end
               order by updated_at desc nulls last, id desc) as place
      from integration_credentials where coalesce(is_active, true)
), changed as (
    update integration_credentials c set is_active = false
      from ranked r join integration_credentials before on before.id = r.id
     where c.id = r.id and r.place > 1 returning c.id, before.is_active
)
insert into adoption_changes (table_name, row_id, column_name, old_value, new_value, reason)
select 'integration_credentials', id, 'is_active', to_jsonb(is_active), 'false',
       'several credentials of one provider: the newest active stays' from changed
"""


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("columns of templates", TEMPLATE_COLUMNS, {"email_templates": Lock.ALTER}),
            Step("tables", TABLES),
            foreign_keys.add("recipient_preferences", "user_id", "users", "on delete cascade"),
            Step("one default", ONE_DEFAULT, {"email_templates": Lock.WRITE}),
            Step("one credential", ONE_CREDENTIAL, {"integration_credentials": Lock.WRITE}),
        ],
    )


def downgrade() -> None:
    columns = """
        alter table email_templates drop column own_type, drop column locale, drop column body_format,
            drop column version, drop column deleted_at
    """
    run(
        f"{revision} downgrade",
        [
            restore_values("integration_credentials", "is_active", "boolean"),
            restore_values("email_templates", "is_default", "boolean"),
            *foreign_keys.drop("recipient_preferences"),
            Step("tables", "drop table recipient_preferences, suppressions, email_messages, email_batches"),
            Step("columns of templates", columns, {"email_templates": Lock.ALTER}),
        ],
    )
