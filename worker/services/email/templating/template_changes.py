"""Employers' templates as they are written: saved, changed, copied, activated, restored and deleted.

Every function sees one company only. Triggers keep the versions and the one default per type and locale, because the
main web app writes these rows too. A default is `own_default` here; the shared `is_default`, of which the main web app
expects one row per type, follows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from models.enums import TemplateType
from worker.kit.database import execute, hold, query
from worker.kit.localisation import DEFAULT_LOCALE
from worker.kit.locks import Lock
from worker.services.email.templating import library, template_rules, template_store
from worker.services.email.templating.composing import Draft
from worker.services.email.templating.template_rows import COLUMNS, OWN, TemplateView, template
from worker.services.email.templating.template_store import labels

COPY = " (Copie)"
CONTENT = ("kind", "locale", "subject", "body", "body_format")


class TooMany(Exception):
    """A company has as many templates as it may have."""


@dataclass(frozen=True, slots=True)
class NewTemplate:
    """A template to be saved."""

    name: str
    kind: TemplateType
    subject: str
    body: str
    is_default: bool = False
    is_active: bool = True
    locale: str = DEFAULT_LOCALE
    body_format: str = "html"
    built_in: bool = False

    def draft(self) -> Draft:
        return Draft(self.kind, self.locale, self.subject, self.body, self.body_format)


def create(connection: Connection, company_id: int, new: NewTemplate, *, author: int, most: int) -> TemplateView:
    """Raises InvalidTemplate, and TooMany when the company has `most` templates already."""
    template_rules.check(new.draft())
    _refuse_beyond(connection, company_id, most)
    return _insert(connection, company_id, new, author=author)


def change(
    connection: Connection, company_id: int, template_id: int, changes: Mapping[str, Any], *, author: int
) -> TemplateView | None:
    """Set members of TemplateView; None when the company has no such template. Raises InvalidTemplate."""
    seen = template_store.get(connection, company_id, template_id)
    if seen is None:
        return None
    # Before anybody waits for us: reading markup may take a second.
    content = _acceptable(seen, changes)
    _lock(connection)
    mine = (template_id, company_id)
    query(connection, "select id from email_templates where id = %s and company_id = %s for update", mine)
    before = template_store.get(connection, company_id, template_id)
    if before is None:
        return None
    if before.draft() != seen.draft():
        content = _acceptable(before, changes)
    others = {name: changes.get(name, getattr(before, name)) for name in ("name", "is_active", "is_default")}
    members = {**content, **others}
    _sign(connection, author)
    rows = query(
        connection,
        f"""
        update email_templates
           set name = %(name)s, type = %(label)s, own_type = nullif(%(own)s, ''), locale = %(locale)s,
               subject = %(subject)s, body = %(body)s, body_format = %(body_format)s,
               is_active = %(is_active)s, own_default = %(is_default)s, updated_at = now()
         where id = %(id)s returning {COLUMNS}
        """,
        {**_stored(members), "id": template_id},
    )
    return template(rows[0])


def delete(connection: Connection, company_id: int, template_id: int) -> bool:
    """The row stays for what refers to it; nobody finds it any more."""
    return bool(
        execute(
            connection,
            """
            update email_templates
               set deleted_at = now(), is_active = false, own_default = false, updated_at = now()
             where id = %s and company_id = %s and deleted_at is null
            """,
            (template_id, company_id),
        )
    )


def duplicate(
    connection: Connection, company_id: int, template_id: int, *, author: int, most: int
) -> TemplateView | None:
    """An active copy that is no default and was never used. What the main web app wrote is copied as it is.

    Raises TooMany.
    """
    source = template_store.get(connection, company_id, template_id)
    if source is None:
        return None
    _refuse_beyond(connection, company_id, most)
    name = source.name[: template_rules.LONGEST_NAME - len(COPY)].rstrip() + COPY
    content = {member: getattr(source, member) for member in CONTENT}
    return _insert(connection, company_id, NewTemplate(name, **content), author=author, as_it_is=True)


def activate(
    connection: Connection, company_id: int, built_in: library.BuiltIn, *, author: int, most: int
) -> TemplateView:
    """Make a template of our library the company's default: its copy from before if there is one, else a new one.

    Raises TooMany.
    """
    _lock(connection)
    rows = query(
        connection,
        f"""
        select id from email_templates
         where company_id = %(company_id)s and deleted_at is null and type::text = %(label)s and {OWN} = %(own)s
           and coalesce(locale, 'fr') = %(locale)s and (built_in or name = %(name)s)
         order by updated_at desc nulls last, id desc limit 1
        """,
        {**labels(built_in.kind), "company_id": company_id, "locale": built_in.locale, "name": built_in.name},
    )
    if rows:
        changes = {"is_active": True, "is_default": True}
        known = change(connection, company_id, rows[0]["id"], changes, author=author)
        if known is not None:
            return known
    _refuse_beyond(connection, company_id, most)
    new = NewTemplate(
        built_in.name,
        built_in.kind,
        built_in.subject,
        built_in.body,
        is_default=True,
        locale=built_in.locale,
        built_in=True,
    )
    return _insert(connection, company_id, new, author=author)


def restore(
    connection: Connection, company_id: int, template_id: int, number: int, *, author: int
) -> TemplateView | None:
    """Make a kept version the newest one; None when there is none of this number. Raises InvalidTemplate."""
    old = template_store.get_version(connection, company_id, template_id, number)
    if old is None:
        return None
    return change(connection, company_id, template_id, {name: getattr(old, name) for name in CONTENT}, author=author)


def _refuse_beyond(connection: Connection, company_id: int, most: int) -> None:
    """Of two who save at once both may pass: the bound keeps a table small, nothing depends on it."""
    rows = query(
        connection,
        "select count(*) as kept from email_templates where company_id = %s and deleted_at is null",
        (company_id,),
    )
    if rows[0]["kept"] >= most:
        raise TooMany(f"Your company has {rows[0]['kept']} e-mail templates; {most} may be kept. Delete some first.")


def _insert(
    connection: Connection, company_id: int, new: NewTemplate, *, author: int, as_it_is: bool = False
) -> TemplateView:
    _sign(connection, author)
    members = {name: getattr(new, name) for name in (*CONTENT, "name", "is_active", "is_default", "built_in")}
    members = members if as_it_is else _tidy(members)
    rows = query(
        connection,
        f"""
        insert into email_templates (company_id, created_by_user_id, name, type, own_type, locale, subject, body,
                                     body_format, is_active, is_default, own_default, usage_count,
                                     built_in)
        values (%(company_id)s, %(author)s, %(name)s, %(label)s, nullif(%(own)s, ''), %(locale)s, %(subject)s,
                %(body)s, %(body_format)s, %(is_active)s, false, %(is_default)s, 0, nullif(%(built_in)s, false))
        returning {COLUMNS}
        """,
        {**_stored(members), "company_id": company_id, "author": author},
    )
    return template(rows[0])


def _acceptable(before: TemplateView, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The content after the changes, tidied where it is new. Raises InvalidTemplate."""
    content = {name: changes.get(name, getattr(before, name)) for name in CONTENT}
    draft = Draft(**content)
    if draft == before.draft():
        return content
    template_rules.check(draft)
    return _tidy(content)


def _stored(members: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in members.items() if name != "kind"}, **labels(members["kind"])}


def _tidy(members: Mapping[str, Any]) -> dict[str, Any]:
    """A subject of one line, a body that does nothing but say something."""
    return {
        **members,
        "subject": template_rules.one_line(members["subject"]),
        "body": template_rules.harmless(members["body"], members["body_format"]),
    }


def _lock(connection: Connection) -> None:
    """Wait for whoever else may be moving a default: the lock that the table's own trigger takes, before any row."""
    hold(connection, Lock.TEMPLATE_DEFAULTS)


def _sign(connection: Connection, author: int) -> None:
    """Who writes, for the version that the trigger keeps."""
    execute(connection, "select set_config('intowork.author', %s, true)", (str(author),))
