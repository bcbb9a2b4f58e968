"""One default per company and type for the main web app; each language's, and each own type's, in our own column.

The main web app looks for one row and confirms nothing where it finds two. `is_default` is what it sees and writes;
`own_default` is true for every default, and is what this platform reads and writes. A trigger keeps both in step.

Revision ID: 0015
Revises: 0014
"""

from migrations.steps import ConcurrentIndex, DropIndex, Lock, Step, run

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def own(row: str = "") -> str:
    """Our own name of a row's type, which counts only beside its nearest label; empty for none."""
    return f"case when {row}type = 'CUSTOM' then coalesce({row}own_type, '') else '' end"


WATCHED = "company_id, type, own_type, locale, is_default, own_default, deleted_at"

# Whoever changes `is_default` alone is the main web app, and its choice stands: what it takes the flag from to give it
# to a template of another language stays our default there (it clears before it sets, in one transaction). What we
# make a default is shown to the main web app when nothing else is, or when it is in French and the other is not.
PLACE = f"""
create function place_default_template() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    cleared constant text := 'intowork.cleared_defaults';
    theirs constant boolean := new.is_default is true and (tg_op = 'INSERT' or old.is_default is not true);
begin
    if tg_op = 'UPDATE' and old.is_default is true and new.is_default is not true
       and new.own_default is not distinct from old.own_default then
        new.own_default := false;
        perform set_config(cleared, concat_ws(',', nullif(current_setting(cleared, true), ''), new.id), true);
    elsif theirs then
        new.own_default := true;
    end if;
    if new.deleted_at is not null or new.own_default is not true then
        if new.is_default then
            new.is_default := false;
        end if;
        new.own_default := false;
        return new;
    end if;

    update email_templates t set is_default = false, own_default = false, updated_at = now()
     where t.company_id = new.company_id and t.type = new.type and t.id <> new.id and ({own("t.")}) = ({own("new.")})
       and coalesce(t.locale, 'fr') = coalesce(new.locale, 'fr') and (t.is_default or t.own_default)
       and t.deleted_at is null;

    if new.is_default is not true and ({own("new.")}) = '' then
        new.is_default := not exists (
            select from email_templates t
             where t.company_id = new.company_id and t.type = new.type and t.id <> new.id and t.is_default
               and t.deleted_at is null and (coalesce(new.locale, 'fr') <> 'fr' or coalesce(t.locale, 'fr') = 'fr'));
    end if;
    if new.is_default then
        update email_templates t set is_default = false, own_default = true, updated_at = now()
         where t.company_id = new.company_id and t.type = new.type and t.id <> new.id and t.is_default
           and t.deleted_at is null;
    end if;
    if theirs then
        update email_templates t set own_default = true
         where t.id = any (string_to_array(nullif(current_setting(cleared, true), ''), ',')::integer[])
           and t.company_id = new.company_id and t.type = new.type and t.id <> new.id and t.deleted_at is null
           and (({own("t.")}), coalesce(t.locale, 'fr')) <> (({own("new.")}), coalesce(new.locale, 'fr'))
           and not exists (
               select from email_templates o
                where o.company_id = t.company_id and o.type = t.type and ({own("o.")}) = ({own("t.")})
                  and coalesce(o.locale, 'fr') = coalesce(t.locale, 'fr') and o.own_default and o.deleted_at is null);
    end if;
    return new;
end $$;
revoke all on function place_default_template() from public;

create or replace trigger lock_default_templates
before insert or update of {WATCHED} on email_templates
for each statement execute function lock_default_templates();

drop trigger step_back_default_template on email_templates;
drop function step_back_default_template();

create trigger place_default_template
before insert or update of {WATCHED} on email_templates
for each row when (pg_trigger_depth() = 0)
execute function place_default_template();
"""

LOCK = "select pg_advisory_xact_lock(hashtextextended('email_templates.is_default', 0));"

# The main web app keeps a template of its own types before one of ours, French before another language, the newest.
ONE_FOR_THE_APP = f"""
{LOCK}
with ranked as (
    select id, row_number() over (partition by company_id, type
                                  order by ({own()}) = '' desc, coalesce(locale, 'fr') = 'fr' desc,
                                           updated_at desc nulls last, id desc) as place
      from email_templates where is_default and deleted_at is null
), changed as (
    update email_templates t set is_default = false, own_default = true from ranked r
     where t.id = r.id and r.place > 1 returning t.id
)
insert into adoption_changes (table_name, row_id, column_name, old_value, new_value, reason)
select 'email_templates', id, 'is_default', 'true', 'false',
       'default of another language or of a type of ours' from changed;
update email_templates set own_default = true where is_default and own_default is not true and deleted_at is null;
"""

FOR_THE_APP = "email_templates (company_id, type) where is_default and deleted_at is null"
FOR_US = f"""
email_templates (company_id, type, ({own()}), (coalesce(locale, 'fr'))) where own_default and deleted_at is null
"""

BEFORE = f"""
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

drop trigger place_default_template on email_templates;
drop function place_default_template();

create or replace trigger lock_default_templates
before insert or update of company_id, type, own_type, locale, is_default, deleted_at on email_templates
for each statement execute function lock_default_templates();

create trigger step_back_default_template
before insert or update of company_id, type, own_type, locale, is_default, deleted_at on email_templates
for each row when (new.is_default and new.deleted_at is null)
execute function step_back_default_template();
"""

SEVERAL_AGAIN = f"""
{LOCK}
update email_templates set is_default = true where own_default and is_default is not true and deleted_at is null;
delete from adoption_changes
 where table_name = 'email_templates' and reason = 'default of another language or of a type of ours';
"""
BEFORE_INDEX = f"""
email_templates (company_id, type, ({own()}), (coalesce(locale, 'fr'))) where is_default and deleted_at is null
"""


def upgrade() -> None:
    column = "alter table email_templates add column own_default boolean"
    run(
        f"{revision} upgrade",
        [
            Step("column", column, {"email_templates": Lock.ALTER}),
            Step("triggers", PLACE, {"email_templates": Lock.ALTER}),
            ConcurrentIndex("email_templates_default_here", "unique index", FOR_US, prepare=ONE_FOR_THE_APP),
            ConcurrentIndex("email_templates_default_there", "unique index", FOR_THE_APP, prepare=ONE_FOR_THE_APP),
            DropIndex("email_templates_one_default"),
        ],
    )


def downgrade() -> None:
    column = "alter table email_templates drop column own_default"
    run(
        f"{revision} downgrade",
        [
            DropIndex("email_templates_default_there"),
            Step("triggers", BEFORE, {"email_templates": Lock.ALTER}),
            Step("several defaults", SEVERAL_AGAIN),
            ConcurrentIndex("email_templates_one_default", "unique index", BEFORE_INDEX),
            DropIndex("email_templates_default_here"),
            Step("column", column, {"email_templates": Lock.ALTER}),
        ],
    )
