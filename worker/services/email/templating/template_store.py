"""Employers' templates as they are read: which there are, which one is chosen, what it said when it was used.

Every function but `load_version` and `count_use` sees one company only.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from models.enums import TemplateType
from worker.kit.database import Row, execute, query
from worker.kit.errors import Permanent
from worker.kit.localisation import DEFAULT_LOCALE, known_locale
from worker.services.email.templating import library, template_pages
from worker.services.email.templating.composing import Draft
from worker.services.email.templating.template_rows import COLUMNS, OWN, TemplateView, VersionView, template, version

VERSION_COLUMNS = """
    version, type as label, own_type, coalesce(locale, 'fr') as locale, subject, body, body_format, author_user_id,
    created_at
"""
VERSIONS = f"select {VERSION_COLUMNS} from email_template_versions"


@dataclass(frozen=True, slots=True)
class TemplateFilter:
    """Which templates of a company; None does not constrain."""

    kind: TemplateType | None = None
    is_active: bool | None = None
    locale: str | None = None


def find(
    connection: Connection, company_id: int, wanted: TemplateFilter, *, limit: int, offset: int
) -> tuple[list[TemplateView], int]:
    """By type in the declared order, the default first, then by name; with how many there are in all.

    A page also ends after about a megabyte of texts.
    """
    parameters: dict[str, Any] = {
        "company_id": company_id,
        **labels(wanted.kind),
        "is_active": wanted.is_active,
        "locale": wanted.locale,
    }
    condition = f"""
        company_id = %(company_id)s and deleted_at is null
        and (%(label)s::text is null or (type::text = %(label)s and {OWN} = %(own)s))
        and (%(is_active)s::boolean is null or coalesce(is_active, true) = %(is_active)s)
        and (%(locale)s::text is null or coalesce(locale, 'fr') = %(locale)s)
    """
    order = f"type, {OWN}, coalesce(own_default, false) desc, name, id"
    page = template_pages.sql(COLUMNS, f"email_templates where {condition}", order)
    rows = query(connection, page, {**parameters, "limit": limit, "offset": offset})
    total = query(connection, f"select count(*) as total from email_templates where {condition}", parameters)
    return [template(row) for row in rows], total[0]["total"]


def get(connection: Connection, company_id: int, template_id: int) -> TemplateView | None:
    """None when the company has no such template."""
    rows = query(
        connection,
        f"select {COLUMNS} from email_templates where id = %s and company_id = %s and deleted_at is null",
        (template_id, company_id),
    )
    return template(rows[0]) if rows else None


def owned_kinds(connection: Connection, company_id: int) -> frozenset[TemplateType]:
    """The types of which the company has a template."""
    rows = query(
        connection,
        """select distinct type::text as label, own_type from email_templates
            where company_id = %s and deleted_at is null""",
        (company_id,),
    )
    return frozenset(TemplateType.stored(row["label"], row["own_type"]) for row in rows)


def usage(connection: Connection, company_id: int) -> Row:
    """Counts: total, active, defaults, used, by_kind; `most` is the most used template, None without templates."""
    rows = query(
        connection,
        f"""
        select type::text as label, own_type, count(*) as total,
               count(*) filter (where coalesce(is_active, true)) as active,
               count(*) filter (where own_default) as defaults,
               coalesce(sum(usage_count), 0)::bigint as used,
               (array_agg(jsonb_build_object('id', id, 'name', name, 'usage_count', coalesce(usage_count, 0))
                          order by coalesce(usage_count, 0) desc, last_used_at desc nulls last, id))[1] as most
          from email_templates where company_id = %s and deleted_at is null
         group by type, {OWN}, own_type order by type, {OWN}
        """,
        (company_id,),
    )
    counts: dict[str, Any] = {name: sum(row[name] for row in rows) for name in ("total", "active", "defaults", "used")}
    by_kind: dict[str, int] = {}
    for row in rows:
        kind = TemplateType.stored(row["label"], row["own_type"])
        by_kind[kind] = by_kind.get(kind, 0) + row["total"]
    most = max((row["most"] for row in rows), key=lambda each: (each["usage_count"], -each["id"]), default=None)
    return {**counts, "by_kind": by_kind, "most": most}


def versions(connection: Connection, template_id: int, *, limit: int, offset: int) -> tuple[list[VersionView], int]:
    """The versions that are kept, newest first, with how many there are in all; pages as those of `find`. The caller
    has checked whose template it is.
    """
    parameters = {"template_id": template_id, "limit": limit, "offset": offset}
    condition = "email_template_versions where template_id = %(template_id)s"
    rows = query(connection, template_pages.sql(VERSION_COLUMNS, condition, "version desc"), parameters)
    total = query(connection, f"select count(*) as total from {condition}", parameters)
    return [version(row) for row in rows], total[0]["total"]


def get_version(connection: Connection, company_id: int, template_id: int, number: int) -> VersionView | None:
    """None when the company has no such template, or it no version of this number."""
    rows = query(
        connection,
        f"""{VERSIONS} where template_id = %s and version = %s
             and template_id in (select id from email_templates where company_id = %s and deleted_at is null)""",
        (template_id, number, company_id),
    )
    return version(rows[0]) if rows else None


def choose(
    connection: Connection, company_id: int | None, kind: TemplateType, locale: str
) -> tuple[int | None, int | None, Draft]:
    """The template to write with, as (template, version, draft): the company's active default in this locale, else in
    French, else ours in this locale, else ours in French; ours have neither number.
    """
    rows = query(
        connection,
        f"""
        select {COLUMNS} from email_templates
         where company_id = %(company_id)s and type::text = %(label)s and {OWN} = %(own)s
           and coalesce(locale, 'fr') = any(%(locales)s)
           and own_default and coalesce(is_active, true) and deleted_at is null
         order by coalesce(locale, 'fr') = %(locale)s desc, updated_at desc nulls last, id desc limit 1
        """,
        {**labels(kind), "company_id": company_id or 0, "locale": locale, "locales": [locale, DEFAULT_LOCALE]},
    )
    if rows:
        found = template(rows[0])
        return found.id, found.version, found.draft()
    ours = library.built_in(kind, known_locale(locale))
    return None, None, Draft(kind, ours.locale, ours.subject, ours.body)


def load_version(connection: Connection, template_id: int, number: int) -> Draft:
    """What a template said in a version. Raises Permanent when the main web app deleted the template for good."""
    rows = query(connection, f"{VERSIONS} where template_id = %s and version = %s", (template_id, number))
    if not rows:
        raise Permanent(
            f"Version {number} of the e-mail template {template_id} does not exist any more; the template was deleted.",
            code="email.template_gone",
        )
    return version(rows[0]).draft()


def count_use(connection: Connection, template_id: int, count: int) -> None:
    """Mails were written with a template."""
    execute(
        connection,
        "update email_templates set usage_count = coalesce(usage_count, 0) + %s, last_used_at = now() where id = %s",
        (count, template_id),
    )


def labels(kind: TemplateType | None) -> dict[str, str | None]:
    """A type as parameters of a statement: `label`, and `own` as OWN reads it."""
    return {"label": kind.label if kind else None, "own": (kind.own or "") if kind else None}
