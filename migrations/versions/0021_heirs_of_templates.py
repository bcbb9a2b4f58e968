"""A company keeps its templates when the recruiter who saved them is deleted, as long as it has another one.

Revision ID: 0021
Revises: 0020
"""

from migrations.steps import Lock, Step, run

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# The heir's row is held, so that the key is right whatever happens to him meanwhile; one whom another transaction is
# deleting is passed over. Whatever goes wrong is swallowed: the templates then go with the recruiter.
HAND_OVER = """
create function hand_over_templates() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    company integer;
    heir integer;
begin
    for company in select distinct company_id from email_templates where created_by_user_id = old.id loop
        select u.id into heir
          from employers e join users u on u.id = e.user_id
         where e.company_id = company and u.id <> old.id
         order by coalesce(u.is_active, true) desc, coalesce(e.is_admin, false) desc, u.id
         limit 1 for key share of u skip locked;
        if found then
            update email_templates set created_by_user_id = heir
             where created_by_user_id = old.id and company_id = company;
        end if;
    end loop;
    return old;
exception when others then
    return old;
end $$;
revoke execute on function hand_over_templates() from public;
"""

TRIGGER = """
create trigger hand_over_templates before delete on users
for each row execute function hand_over_templates();
"""


def upgrade() -> None:
    run(f"{revision} upgrade", [Step("function", HAND_OVER), Step("trigger", TRIGGER, {"users": Lock.ATTACH})])


def downgrade() -> None:
    drop = "drop trigger hand_over_templates on users; drop function hand_over_templates()"
    run(f"{revision} downgrade", [Step("trigger", drop, {"users": Lock.ALTER})])
