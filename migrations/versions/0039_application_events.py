"""What happens to an application and its interviews is noted with its time; a mail knows which application it is about.

Revision ID: 0039
Revises: 0038
"""

from collections.abc import Iterator

from migrations import foreign_keys
from migrations.adoption import rows
from migrations.steps import AnyStep, ConcurrentIndex, DropIndex, Lock, Step, run

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

MAILS_AT_ONCE = 20_000

TABLE = """
create table application_events (
    id bigint generated always as identity primary key,
    application_id integer not null,
    kind text not null,
    event text not null,
    before text,
    after text,
    interview_id integer,
    start timestamptz,
    start_before timestamptz,
    actor text,
    created_at timestamptz not null default clock_timestamp(),
    constraint application_events_kind_check check (kind in ('decision', 'interview'))
);
create index ix_application_events_newest on application_events (application_id, created_at desc, id desc);
create index ix_application_events_interview_id on application_events (interview_id, event)
    where interview_id is not null;
"""

# Whatever goes wrong is swallowed. A bulk update of applications would take minutes as a nested loop, which the plan
# of a session's first update may be. Who changes an interview does not wait for its application's deletion, which may
# wait for him: nothing is noted then, nor of an interview that goes with its application.
FUNCTIONS = """
create function note_application_decisions() returns trigger
language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $$
begin
    insert into application_events (application_id, kind, event, before, after)
    select n.id, 'decision', 'status', lower(o.status::text), lower(n.status::text)
      from new_applications n join old_applications o on o.id = n.id
     where n.status::text <> o.status::text;
    return null;
exception when others then
    return null;
end $$;

create function note_interview_event() returns trigger
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '100ms' as $$
declare
    was text;
    became text;
begin
    if tg_op = 'INSERT' then
        insert into application_events (application_id, kind, event, interview_id, start)
        values (new.application_id, 'interview', 'planned', new.id, new.scheduled_at);
        return null;
    end if;
    if tg_op = 'DELETE' then
        insert into application_events (application_id, kind, event, interview_id, start)
        select a.id, 'interview', 'deleted', old.id, old.scheduled_at
          from job_applications a where a.id = old.application_id;
        return null;
    end if;
    if new.scheduled_at <> old.scheduled_at then
        insert into application_events (application_id, kind, event, interview_id, start, start_before)
        values (new.application_id, 'interview', 'moved', new.id, new.scheduled_at, old.scheduled_at);
    end if;
    was := case when old.status::text = 'CANCELED' and old.own_status = 'no_show' then 'no_show'
                else lower(old.status::text) end;
    became := case when new.status::text = 'CANCELED' and new.own_status = 'no_show' then 'no_show'
                   else lower(new.status::text) end;
    if became <> was and became not in ('scheduled', 'rescheduled') then
        insert into application_events (application_id, kind, event, interview_id, start, actor)
        values (new.application_id, 'interview', became, new.id, new.scheduled_at,
                case became when 'canceled' then new.canceled_by
                            when 'confirmed' then case when new.confirmation_received then 'candidate' end end);
    elsif new.confirmation_received and not coalesce(old.confirmation_received, false) then
        insert into application_events (application_id, kind, event, interview_id, start, actor)
        values (new.application_id, 'interview', 'confirmed', new.id, new.scheduled_at, 'candidate');
    end if;
    if new.candidate_response <> 'none' and new.candidate_response is distinct from old.candidate_response then
        insert into application_events (application_id, kind, event, interview_id, start, after, actor)
        values (new.application_id, 'interview', 'answered', new.id, new.scheduled_at, new.candidate_response,
                'candidate');
    end if;
    return null;
exception when others then
    return null;
end $$;

revoke all on function note_application_decisions(), note_interview_event() from public;
"""
OF_APPLICATIONS = """
create trigger note_application_decision after update on job_applications
    referencing old table as old_applications new table as new_applications
    for each statement execute function note_application_decisions();
"""
OF_INTERVIEWS = """
create trigger note_interview_event after insert or delete on interview_schedules
    for each row execute function note_interview_event();
create trigger note_interview_change after update on interview_schedules
    for each row when (
        new.scheduled_at <> old.scheduled_at or new.status <> old.status
        or new.own_status is distinct from old.own_status
        or new.candidate_response is distinct from old.candidate_response
        or new.confirmation_received is distinct from old.confirmation_received)
    execute function note_interview_event();
"""
# What the rows tell of the time before.
KNOWN_BEFORE = """
insert into application_events (application_id, kind, event, interview_id, start, created_at)
select s.application_id, 'interview', 'planned', s.id, coalesce(s.moved_from, s.scheduled_at),
       coalesce(s.created_at, s.scheduled_at)
  from interview_schedules s
 where not exists (select from application_events e where e.interview_id = s.id and e.event = 'planned')
 order by s.id;
insert into application_events (application_id, kind, event, interview_id, start, start_before, created_at)
select s.application_id, 'interview', 'moved', s.id, s.scheduled_at, s.moved_from, s.moved_at
  from interview_schedules s
 where s.moved_at is not null and s.moved_from is not null
   and not exists (select from application_events e where e.interview_id = s.id and e.event = 'moved')
 order by s.id;
"""
ABOUT = ConcurrentIndex(
    "ix_email_messages_application_id", "index", "email_messages (application_id, id) where application_id is not null"
)
# A mail that is being sent is waited for shortly; the step comes back.
MAILS = """
update email_messages m set application_id = found.application_id
  from (select e.id, coalesce(e.about, s.application_id) as application_id
          from (select id, context,
                       case when context->>'application_id' ~ '^[0-9]{{1,9}}$'
                            then (context->>'application_id')::integer end as about,
                       case when context->>'interview_id' ~ '^[0-9]{{1,9}}$'
                            then (context->>'interview_id')::integer end as interview_id
                  from email_messages where id > {after} and id <= {last}) e
          left join interview_schedules s on s.id = e.interview_id
         where not e.context ? 'sample') found
 where m.id = found.id and found.application_id is not null and m.application_id is null
"""
NO_TRIGGERS = """
drop trigger note_interview_event on interview_schedules;
drop trigger note_interview_change on interview_schedules;
"""


def upgrade() -> None:
    run(f"{revision} upgrade", steps())


def steps() -> Iterator[AnyStep]:
    yield Step("table", TABLE)
    yield foreign_keys.add("application_events", "application_id", "job_applications", "on delete cascade")
    yield Step("functions", FUNCTIONS)
    yield Step("applications", OF_APPLICATIONS, {"job_applications": Lock.ATTACH})
    yield Step("interviews", OF_INTERVIEWS, {"interview_schedules": Lock.ATTACH})
    yield Step("known before", KNOWN_BEFORE)
    yield Step("column", "alter table email_messages add column application_id integer", {"email_messages": Lock.ALTER})
    yield ABOUT
    [bounds] = rows("select coalesce(min(id), 1) as first, coalesce(max(id), 0) as last from email_messages")
    for after in range(bounds.first - 1, bounds.last, MAILS_AT_ONCE):
        yield Step(f"mails after {after}", MAILS.format(after=after, last=after + MAILS_AT_ONCE))


def downgrade() -> None:
    run(
        f"{revision} downgrade",
        [
            DropIndex(ABOUT.name),
            Step("column", "alter table email_messages drop column application_id", {"email_messages": Lock.ALTER}),
            Step("interviews", NO_TRIGGERS, {"interview_schedules": Lock.ALTER}),
            Step(
                "applications",
                "drop trigger note_application_decision on job_applications",
                {"job_applications": Lock.ALTER},
            ),
            Step("functions", "drop function note_application_decisions(), note_interview_event()"),
            *foreign_keys.drop("application_events"),
            Step("table", "drop table application_events"),
        ],
    )
