"""How long the ledger keeps its rows. Runs that are uncertain stay until somebody settles them."""

from datetime import timedelta

from worker.kit.retention import Retention, statement
from worker.ledger import sql

# Keys live until a day after their run ended, so they go before the run does.
RETENTION = (
    Retention(
        "task_keys",
        {"finished": timedelta(days=1), "without_run": timedelta(days=1)},
        statement("""
        delete from task_keys where (scope, kind, key) in (
            select k.scope, k.kind, k.key from task_keys k left join task_runs r on r.id = k.run_id
             where coalesce(k.expires_at < now(), r.finished_at < now() - %(finished)s,
                            k.created_at < now() - %(without_run)s)
               and (r.id is null or r.finished_at is not null)
             limit %(limit)s)
        """),
    ),
    Retention(
        "task_runs",
        {"succeeded": timedelta(days=14), "cancelled": timedelta(days=30), "failed": timedelta(days=90)},
        statement(f"""
        with old as (
            select r.id from task_runs r
             where r.finished_at is not null and r.finished_at < now() - %(succeeded)s
               and (r.state = 'succeeded'
                    or r.state = 'cancelled' and r.finished_at < now() - %(cancelled)s
                    or r.state = 'failed' and r.finished_at < now() - %(failed)s)
               and not exists (select from task_runs c where c.parent_id = r.id and {sql.under_way("c")})
               and not exists (select from task_keys k where k.run_id = r.id)
             order by r.finished_at limit %(limit)s for update of r skip locked),
        attempts as (delete from task_attempts a using old where a.run_id = old.id)
        delete from task_runs r using old where r.id = old.id
        """),
    ),
    Retention(
        "effects",
        {"first_intended_at": timedelta(days=400)},
        statement("""
        delete from effects where (key, generation) in (
            select key, generation from effects
             where first_intended_at < now() - %(first_intended_at)s and state <> 'intended' limit %(limit)s)
        """),
    ),
    Retention(
        "schedule_periods",
        {"period": timedelta(days=400)},
        statement("""
        delete from schedule_periods where (name, period) in (
            select name, period from schedule_periods where period < now() - %(period)s limit %(limit)s)
        """),
    ),
    Retention(
        "inbound_events",
        {"received_at": timedelta(days=90)},
        statement("""
        delete from inbound_events where id in (
            select id from inbound_events where received_at < now() - %(received_at)s limit %(limit)s)
        """),
    ),
    Retention(
        "workers",
        {"expires_at": timedelta(days=1)},
        statement("delete from workers where expires_at < now() - %(expires_at)s"),
    ),
)
