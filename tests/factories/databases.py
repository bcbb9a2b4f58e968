"""How the databases of tests are made and emptied."""

# Durability costs time and no test of this session's server pulls the plug; chaos tests start their own.
# An unasked vacuum or analyze would change plans and counters in the middle of a test.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
TEMPLATE = "platform_template"


EMPTY = """
do $$
declare
    names text;
    table_name text;
    filled boolean;
begin
    select string_agg(format('%I.%I', schemaname, tablename), ', ') into names from pg_tables
     where schemaname = 'public' and tablename like 'test\\_%';
    if names is not null then
        execute 'drop table ' || names;
    end if;
    for table_name in select quote_ident(tablename) from pg_tables where schemaname = 'public'
       and tablename not in ('queues', 'kept_queues', 'platform_alembic_version', 'adoption', 'adoption_changes')
    loop
        execute 'select exists (select from ' || table_name || ')' into filled;
        if filled then
            execute 'delete from ' || table_name;
        end if;
    end loop;
    delete from queues;
    insert into queues select * from kept_queues;
end $$
"""
