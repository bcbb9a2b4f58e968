"""A database as its catalogues describe it, for comparisons."""

from typing import Any

from tests.factories.main_web_app import Schema
from tests.integration.migrations.conftest import Site

COLUMNS = """
select c.relname as table_name, a.attname as name, format_type(a.atttypid, a.atttypmod) as kind,
       a.attnotnull as required, pg_get_expr(d.adbin, d.adrelid) as default_value
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
 where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
"""
CONSTRAINTS = """
select conrelid::regclass::text as table_name, conname as name, pg_get_constraintdef(oid) as definition
  from pg_constraint
 where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'p', 'u')
"""
INDEXES = """
select tablename as table_name, indexname as name, indexdef as definition
  from pg_indexes where schemaname = 'public'
"""
OTHERS = """
select 'type' as kind, t.typname::text as name,
       (select string_agg(e.enumlabel, ', ' order by e.enumsortorder)
          from pg_enum e where e.enumtypid = t.oid) as definition
  from pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd')
union all
select 'function', proname, pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace
union all
select 'trigger', tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
union all
select 'sequence', sequencename, data_type::text || ' ' || coalesce(last_value, 0)
  from pg_sequences where schemaname = 'public'
"""


def schema_of(site: Site) -> Schema:
    """Tables in the form of the schema file: `cols`, `con`, `idx`."""
    found: Schema = {}
    for row in site.rows(COLUMNS):
        table = found.setdefault(row["table_name"], {"cols": {}, "con": {}, "idx": {}})
        table["cols"][row["name"]] = [row["kind"], row["required"], row["default_value"]]
    for part, statement in (("con", CONSTRAINTS), ("idx", INDEXES)):
        for row in site.rows(statement):
            found[row["table_name"]][part][row["name"]] = row["definition"]
    return found


def everything_else(site: Site) -> list[tuple[str, ...]]:
    """Types with labels, functions, triggers, sequences with their positions."""
    return sorted((row["kind"], row["name"], str(row["definition"])) for row in site.rows(OTHERS))


def contents(site: Site) -> dict[str, list[Any]]:
    """Every row of every table."""
    return {
        table: sorted(str(row["row"]) for row in site.rows(f"select to_jsonb(t) as row from {table} t"))
        for table in schema_of(site)
    }


def snapshot(site: Site) -> dict[str, Any]:
    return {"schema": schema_of(site), "others": everything_else(site), "contents": contents(site)}
