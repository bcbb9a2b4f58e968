"""Employer templates: their versions, and one default per company, type and locale.

The main web app writes templates too, and knows neither rule: triggers keep both for it, and none of them refuses
what it writes.

Revision ID: 0007
Revises: 0006
"""

from migrations import foreign_keys
from migrations.steps import ConcurrentIndex, DropIndex, Lock, Step, run

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def own(row: str = "") -> str:
    """Our own name of a row's type, which counts only beside its nearest label; empty for none."""
    return f"case when {row}type = 'CUSTOM' then coalesce({row}own_type, '') else '' end"


TABLE = """
create table email_template_versions (
    template_id integer not null,
    version integer not null,
    type text not null,
    own_type text,
    locale text,
    subject text not null,
    body text not null,
    body_format text not null,
    author_user_id integer,
    created_at timestamptz not null default now(),
    constraint email_template_versions_pkey primary key (template_id, version)
);

create index ix_email_messages_template on email_messages (template_id, template_version)
 where template_id is not null;
"""

# After the triggers: whatever is written from then on keeps its version itself.
FIRST_VERSIONS = """
insert into email_template_versions
       (template_id, version, type, own_type, locale, subject, body, body_format, author_user_id, created_at)
select id, version, type::text, own_type, locale, subject, body, body_format, created_by_user_id,
       coalesce(updated_at, created_at, now())
  from email_templates
on conflict do nothing;
"""

# As at adoption, for what the main web app may have written since.
ONE_DEFAULT = f"""
select pg_advisory_xact_lock(hashtextextended('email_templates.is_default', 0));
with ranked as (
    select id, row_number() over (partition by company_id, type, {own()}, coalesce(locale, 'fr')
                                  order by updated_at desc nulls last, id desc) as place
      from email_templates where is_default and deleted_at is null
), changed as (
    update email_templates t set is_default = false from ranked r
     where t.id = r.id and r.place > 1 returning t.id
)
insert into adoption_changes (table_name, row_id, column_name, old_value, new_value, reason)
select 'email_templates', id, 'is_default', 'true', 'false',
       'several defaults of one type: the newest stays' from changed
"""

# A second default would be refused by the index, and the main web app would answer 500 when it changes a default's
# type: so the older one steps back first. Two writers must see each other, and must not wait for each other in a
# circle: whoever may move a default first waits for one lock, before the statement touches any row.
ONE_DEFAULT_INDEX = f"""
email_templates (company_id, type, ({own()}), (coalesce(locale, 'fr')))
 where is_default and deleted_at is null
"""

DEFAULTS = f"""
create function lock_default_templates() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('email_templates.is_default', 0));
    return null;
end $$;

create trigger lock_default_templates
before insert or update of company_id, type, own_type, locale, is_default, deleted_at on email_templates
for each statement execute function lock_default_templates();

create function step_back_default_template() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    update email_templates t set is_default = false, updated_at = now()
     where t.company_id = new.company_id and t.type = new.type and t.id <> new.id
       and ({own("t.")}) = ({own("new.")})
       and coalesce(t.locale, 'fr') = coalesce(new.locale, 'fr')
       and t.is_default and t.deleted_at is null;
    return new;
end $$;

create trigger step_back_default_template
before insert or update of company_id, type, own_type, locale, is_default, deleted_at on email_templates
for each row when (new.is_default and new.deleted_at is null)
execute function step_back_default_template();
"""

# Twenty versions are kept, and every one that a message refers to.
VERSIONS = """
create function count_template_version() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    new.version := old.version + 1;
    return new;
end $$;

create trigger count_template_version
before update on email_templates
for each row when (
    (old.type, old.own_type, old.locale, old.subject, old.body, old.body_format)
    is distinct from (new.type, new.own_type, new.locale, new.subject, new.body, new.body_format))
execute function count_template_version();

create function keep_template_version() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into email_template_versions
           (template_id, version, type, own_type, locale, subject, body, body_format, author_user_id)
    values (new.id, new.version, new.type::text, new.own_type, new.locale, new.subject, new.body, new.body_format,
            nullif(current_setting('intowork.author', true), '')::integer)
    on conflict (template_id, version) do nothing;
    delete from email_template_versions v
     where v.template_id = new.id and v.version <= new.version - 20
       and not exists (select from email_messages m
                        where m.template_id = v.template_id and m.template_version = v.version);
    return null;
end $$;

create trigger keep_first_template_version
after insert on email_templates
for each row execute function keep_template_version();

create trigger keep_template_version
after update on email_templates
for each row when (old.version is distinct from new.version)
execute function keep_template_version();
"""


def upgrade() -> None:
    columns = "alter table email_templates add column built_in boolean"
    run(
        f"{revision} upgrade",
        [
            Step("columns of templates", columns, {"email_templates": Lock.ALTER}),
            Step("versions", TABLE),
            foreign_keys.add("email_template_versions", "template_id", "email_templates", "on delete cascade"),
            Step("triggers of defaults", DEFAULTS, {"email_templates": Lock.ATTACH}),
            ConcurrentIndex("email_templates_one_default", "unique index", ONE_DEFAULT_INDEX, prepare=ONE_DEFAULT),
            Step("triggers of versions", VERSIONS, {"email_templates": Lock.ATTACH}),
            Step("first versions", FIRST_VERSIONS),
        ],
    )


def downgrade() -> None:
    triggers = """
        drop trigger keep_template_version on email_templates;
        drop trigger keep_first_template_version on email_templates;
        drop trigger count_template_version on email_templates;
        drop trigger step_back_default_template on email_templates;
        drop trigger lock_default_templates on email_templates;
        drop function keep_template_version(), count_template_version(), step_back_default_template(),
            lock_default_templates();
    """
    run(
        f"{revision} downgrade",
        [
            Step("triggers", triggers, {"email_templates": Lock.ALTER}),
            DropIndex("email_templates_one_default"),
            *foreign_keys.drop("email_template_versions"),
            Step("versions", "drop index ix_email_messages_template; drop table email_template_versions"),
            Step(
                "columns of templates",
                "alter table email_templates drop column built_in",
                {"email_templates": Lock.ALTER},
            ),
        ],
    )
