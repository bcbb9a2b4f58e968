"""Rows of email_templates and of their versions as values. NULL in a shared column reads as its default."""

from dataclasses import dataclass
from datetime import datetime

from models.enums import TemplateType
from worker.kit.database import Row
from worker.kit.localisation import known_locale
from worker.services.email.templating.composing import Draft

OWN = "case when type = 'CUSTOM' then coalesce(own_type, '') else '' end"
COLUMNS = """
    id, company_id, created_by_user_id, name, type::text as label, own_type, subject, body,
    coalesce(is_active, true) as is_active, coalesce(own_default, false) as is_default,
    coalesce(usage_count, 0) as usage_count, created_at, updated_at, last_used_at,
    coalesce(locale, 'fr') as locale, body_format, version
"""


@dataclass(frozen=True, slots=True)
class TemplateView:
    """An employer's template."""

    id: int
    company_id: int
    created_by_user_id: int
    name: str
    kind: TemplateType
    locale: str
    subject: str
    body: str
    body_format: str
    version: int
    is_active: bool
    is_default: bool
    usage_count: int
    created_at: datetime | None
    updated_at: datetime | None
    last_used_at: datetime | None

    def draft(self) -> Draft:
        return Draft(self.kind, self.locale, self.subject, self.body, self.body_format)


@dataclass(frozen=True, slots=True)
class VersionView:
    """What a template said. The author is unknown where another program wrote."""

    version: int
    kind: TemplateType
    locale: str
    subject: str
    body: str
    body_format: str
    author_user_id: int | None
    created_at: datetime

    def draft(self) -> Draft:
        return Draft(self.kind, self.locale, self.subject, self.body, self.body_format)


def template(row: Row) -> TemplateView:
    values = {name: value for name, value in row.items() if name in TemplateView.__slots__}
    return TemplateView(**{**values, **_text(row)})


def version(row: Row) -> VersionView:
    names = ("version", "subject", "body", "author_user_id", "created_at")
    return VersionView(**{**{name: row[name] for name in names}, **_text(row)})


def kind_of(row: Row) -> TemplateType:
    """From `label` and `own_type`; an own name that we do not know counts as its label."""
    return TemplateType.stored(row["label"], row["own_type"])


def _text(row: Row) -> Row:
    return {
        "kind": kind_of(row),
        "locale": known_locale(row["locale"]),
        "body_format": "text" if row["body_format"] == "text" else "html",
    }
