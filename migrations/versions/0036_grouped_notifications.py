"""Notifications of one kind about one thing, within ten minutes, are one; who wants which kinds, and how.

Revision ID: 0036
Revises: 0035
"""

from migrations import foreign_keys
from migrations.steps import ConcurrentIndex, DropIndex, Lock, Step, run

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLE = """
create table notification_preferences (
    user_id integer not null,
    kind text not null,
    in_app boolean,
    mail boolean,
    updated_at timestamptz not null default now(),
    constraint notification_preferences_pkey primary key (user_id, kind)
);
"""
COLUMNS = {
    "kind": "text",
    "group_key": "text",
    "group_id": "integer",
    "group_size": "integer not null default 1",
    "group_began_at": "timestamptz",
    "hidden": "boolean not null default false",
}
KEY = "constraint notifications_group_id_fkey foreign key (group_id) references notifications (id) on delete cascade"

# Whatever goes wrong is swallowed: the row then stands by itself. Whoever writes one keeps it, under the number that
# he was told; what is told by another row, or not wanted, counts as read. All that write about the same thing wait for
# each other, three seconds at most; the 256 places bound what one transaction may take of the locks that Postgres has.
FUNCTION = """
create function place_notification() returns trigger
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '3s' as $$
declare
    told text := coalesce(new.kind, lower(new.type::text));
    began timestamptz := coalesce(new.created_at, now());
    place bigint;
    leader integer;
begin
    if new.kind is null then
        if exists (select from notification_preferences p
                    where p.user_id = new.user_id and p.kind = told and p.in_app is false) then
            new.hidden := true;
            new.is_read := true;
        end if;
        if told = 'new_application' and new.related_job_id is not null then
            new.group_key := 'new_application:job:' || new.related_job_id;
        end if;
    end if;
    if new.group_key is null or new.group_id is not null then
        return new;
    end if;
    place := hashtext(new.user_id || ':' || new.group_key) & 255;
    perform pg_advisory_xact_lock(hashtextextended('notifications.group', place));
    update notifications n
       set group_size = n.group_size + 1, created_at = greatest(n.created_at, began)
     where n.id = (select f.id from notifications f
                    where f.user_id = new.user_id and f.group_key = new.group_key and f.group_id is null
                      and f.group_began_at > began - interval '10 minutes'
                      and f.group_began_at < began + interval '10 minutes'
                      and f.hidden = new.hidden and (f.hidden or f.is_read is not true)
                    order by f.group_began_at desc, f.id desc limit 1)
       and (n.hidden or n.is_read is not true)
    returning n.id into leader;
    if leader is null then
        new.group_began_at := began;
    else
        new.group_id := leader;
        new.is_read := true;
    end if;
    return new;
exception when others then
    return new;
end $$;
revoke all on function place_notification() from public;
"""
TRIGGER = """
create trigger place_notification before insert on notifications
    for each row when (new.kind is null or new.group_key is not null) execute function place_notification();
"""
SHOWN = "group_id is null and not hidden"
NEWEST = "notifications (user_id, created_at desc nulls last, id desc)"
INDEXES = (
    ConcurrentIndex("ix_notifications_shown", "index", f"{NEWEST} where {SHOWN}"),
    ConcurrentIndex(
        "ix_notifications_groups",
        "index",
        "notifications (user_id, group_key, group_began_at) where group_key is not null and group_id is null",
    ),
    ConcurrentIndex("ix_notifications_members", "index", "notifications (group_id) where group_id is not null"),
)


def upgrade() -> None:
    adding = ", ".join(f"add column {name} {kind}" for name, kind in COLUMNS.items())
    run(
        f"{revision} upgrade",
        [
            Step("table", TABLE),
            foreign_keys.add("notification_preferences", "user_id", "users", "on delete cascade"),
            Step("columns", f"alter table notifications {adding}", {"notifications": Lock.ALTER}),
            *INDEXES,
            Step("key", f"alter table notifications add {KEY} not valid", {"notifications": Lock.ALTER}),
            Step("check key", "alter table notifications validate constraint notifications_group_id_fkey"),
            Step("function", FUNCTION),
            Step("trigger", TRIGGER, {"notifications": Lock.ATTACH}),
            # The release before finds a user's rows by the main web app's own index meanwhile.
            DropIndex("ix_notifications_newest"),
        ],
    )


def downgrade() -> None:
    dropping = ", ".join(f"drop column {name}" for name in COLUMNS)
    run(
        f"{revision} downgrade",
        [
            ConcurrentIndex("ix_notifications_newest", "index", NEWEST),
            Step("trigger", "drop trigger place_notification on notifications", {"notifications": Lock.ALTER}),
            Step("function", "drop function place_notification()"),
            *(DropIndex(each.name) for each in INDEXES),
            Step("columns", f"alter table notifications {dropping}", {"notifications": Lock.ALTER}),
            *foreign_keys.drop("notification_preferences"),
            Step("table", "drop table notification_preferences"),
        ],
    )
