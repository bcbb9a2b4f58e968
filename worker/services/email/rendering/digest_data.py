"""What the digests of a batch are about, read in one go: offers as they are now, names, companies' own templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from models.enums import TemplateType
from worker.kit.database import Row, query
from worker.kit.localisation import DEFAULT_LOCALE, LOCALES
from worker.kit.settings import Settings
from worker.services.email.recipients import directory
from worker.services.email.recipients.directory import Recipient
from worker.services.email.rendering.contexts import DigestContext
from worker.services.email.rendering.offers import OFFERS, Offers
from worker.services.email.templating.template_rows import COLUMNS, OWN, TemplateView, template

KIND = TemplateType.JOB_ALERT

NAMES = """
select id, coalesce(nullif(first_name, ''), name, '') as first_name from users where id = any(%s)
"""

# What `template_store.choose` looks for, for many companies at once.
DEFAULTS = f"""
select {COLUMNS} from email_templates
 where company_id = any(%(companies)s) and type::text = %(label)s and {OWN} = %(own)s
   and coalesce(locale, 'fr') = any(%(locales)s)
   and own_default and coalesce(is_active, true) and deleted_at is null
"""


@dataclass(frozen=True, slots=True)
class OwnTemplate:
    """The template of the company whose offers alone a digest shows, and the account that it is for, if any."""

    template: TemplateView
    recipient: Recipient | None


@dataclass(frozen=True, slots=True)
class DigestData:
    """contexts: by message id, None where the row keeps none; names: rows of NAMES by user; own: by message id."""

    contexts: Mapping[int, DigestContext | None]
    offers: Offers
    names: Mapping[int, Row]
    own: Mapping[int, OwnTemplate] = field(default_factory=dict)


def load(connection: Connection, rows: Sequence[Row], settings: Settings) -> DigestData:
    """Rows of email_messages; a query for each kind of data, however many they are."""
    contexts = {row["id"]: DigestContext.read(row["context"]) for row in rows}
    wanted = {job for each in contexts.values() if each for job in (*each.job_ids, *each.spare)}
    offers = Offers(_by_id(connection, OFFERS, sorted(wanted)), settings)
    names = _by_id(connection, NAMES, sorted({row["user_id"] for row in rows if row["user_id"] is not None}))
    return DigestData(contexts, offers, names, _own_templates(connection, rows, contexts, offers))


def _by_id(connection: Connection, sql: str, ids: Sequence[int]) -> dict[int, Row]:
    return {row["id"]: row for row in query(connection, sql, (list(ids),))} if ids else {}


def _own_templates(
    connection: Connection, rows: Sequence[Row], contexts: Mapping[int, DigestContext | None], offers: Offers
) -> dict[int, OwnTemplate]:
    companies = {row["id"]: each for row in rows if (each := _company(contexts[row["id"]], offers)) is not None}
    defaults = _defaults(connection, set(companies.values())) if companies else {}
    chosen = {
        row["id"]: (row["user_id"], found)
        for row in rows
        if row["id"] in companies and (found := _best(defaults, companies[row["id"]], row["locale"])) is not None
    }
    users = sorted({user for user, _ in chosen.values() if user is not None})
    recipients = directory.of_users(connection, users, None) if users else {}
    return {number: OwnTemplate(found, recipients.get(user)) for number, (user, found) in chosen.items()}


def _company(context: DigestContext | None, offers: Offers) -> int | None:
    """The company whose offers alone the message is about: offers that are only counted may be anybody's."""
    if context is None or context.more:
        return None
    found = {offers.rows[job]["company_id"] for job in context.job_ids if job in offers.rows}
    return found.pop() if len(found) == 1 else None


def _defaults(connection: Connection, companies: set[int]) -> dict[tuple[int, str], TemplateView]:
    values = {"companies": sorted(companies), "label": KIND.label, "own": KIND.own or "", "locales": list(LOCALES)}
    found = [template(row) for row in query(connection, DEFAULTS, values)]
    return {(each.company_id, each.locale): each for each in found}


def _best(defaults: Mapping[tuple[int, str], TemplateView], company: int, locale: str | None) -> TemplateView | None:
    """In the reader's language, else in French."""
    return defaults.get((company, locale or ""), defaults.get((company, DEFAULT_LOCALE)))
