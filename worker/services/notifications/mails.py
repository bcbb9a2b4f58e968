"""Mails that say what the bell says, for those who want both: one for each notification, never two."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.kit.database import Row, query
from worker.kit.localisation import known_locale, translate
from worker.kit.settings import Settings
from worker.services.email.delivery import messages
from worker.services.email.delivery.messages import NewMessage
from worker.services.email.rendering.mail_content import Layout
from worker.services.email.rendering.rendered import LONGEST_SUBJECT, NO_ADDRESS, Missing, Rendered
from worker.services.email.templating.composing import BRAND
from worker.services.email.templating.environment import fill
from worker.services.email.wording import footers, formats
from worker.services.email.wording.footers import Links
from worker.services.notifications import grouping, kinds, mail_links
from worker.services.notifications.kinds import RULES
from worker.services.notifications.mail_links import MailGrant
from worker.services.notifications.wording import Wording

TEMPLATE = "notification"
LONGEST_PREVIEW = 140
LONGEST_TEXT = 2000
GONE = "The notification, or its reader, is no longer on record."
READ = "The notification was read before its mail was written."
UNWANTED = "The reader no longer wants mails of this kind."

READERS = """
select n.id, n.user_id, u.email, r.locale
  from notifications n
  join users u on u.id = n.user_id
  left join recipient_preferences r on r.user_id = n.user_id
  left join notification_preferences p on p.user_id = n.user_id and p.kind = %(kind)s
 where n.id = any(%(ids)s) and coalesce(p.mail, %(mail)s) order by n.id
"""
TOLD = f"""
select n.id, n.user_id, n.type::text as label, n.kind, n.title, n.message, n.related_job_id, n.related_application_id,
       coalesce(n.is_read, false) and not n.hidden as is_read, p.mail,
{grouping.FACTS}
  from notifications n
  join users u on u.id = n.user_id and coalesce(u.is_active, true)
  left join notification_preferences p on p.user_id = n.user_id and p.kind = n.kind
 where n.id = any(%s)
"""


def write(connection: Connection, kind: NotificationKind, notification_ids: Sequence[int]) -> None:
    """A message for each of these new notifications whose reader wants mails of the kind."""
    if not notification_ids:
        return
    asked = {"kind": kind.value, "mail": bool(RULES[kind].mail), "ids": list(notification_ids)}
    new = [
        NewMessage(
            source=f"{TEMPLATE}:{row['id']}",
            template=TEMPLATE,
            recipient=row["email"],
            locale=known_locale(row["locale"]),
            user_id=row["user_id"],
            context={"notification_id": row["id"]},
        )
        for row in query(connection, READERS, asked)
    ]
    messages.write(connection, new)


def render(connection: Connection, rows: Sequence[Row], settings: Settings) -> dict[int, Rendered | Missing]:
    """Rows of email_messages that `write` wrote, by id. What was read meanwhile, or is not wanted now, is not sent."""
    asked = [number for row in rows if (number := _notification(row)) is not None]
    told = {each["id"]: each for each in query(connection, TOLD, (asked,))}
    return {row["id"]: _render(row, told.get(_notification(row) or 0), settings) for row in rows}


LAYOUTS: Mapping[str, Layout] = {TEMPLATE: render}


def _notification(row: Row) -> int | None:
    """None for what was forgotten."""
    context = row["context"]
    number = context.get("notification_id") if isinstance(context, Mapping) else None
    return number if isinstance(number, int) else None


def _render(row: Row, told: Row | None, settings: Settings) -> Rendered | Missing:
    if told is None or told["user_id"] != row["user_id"]:
        return Missing(GONE)
    if not row["recipient"]:
        return Missing(NO_ADDRESS)
    if told["is_read"]:
        return Missing(READ, unwanted=True)
    kind = NotificationKind.stored(told["label"], told["kind"])
    if not (bool(RULES[kind].mail) if told["mail"] is None else told["mail"]):
        return Missing(UNWANTED, unwanted=True)
    locale = known_locale(row["locale"])
    return _mail(locale, kind, grouping.wording(locale, kind, told), told, settings)


def _mail(locale: str, kind: NotificationKind, said: Wording, told: Row, settings: Settings) -> Rendered:
    path = kinds.path(kind, told["related_job_id"], told["related_application_id"])
    address = settings.frontend_url.rstrip("/") + path
    words = translate(locale, "Voir sur IntoWork")
    ending = mail_links.link(settings, MailGrant(told["user_id"], kind))
    links = Links(mail_links.choose_link(settings), ending or "")
    footer = footers.of_notification(locale, translate(locale, RULES[kind].name), links)
    title = formats.line(said.title, LONGEST_SUBJECT)
    text = formats.line(said.message, LONGEST_TEXT)
    html = fill(
        "message.html",
        locale=locale,
        title=title,
        preview=formats.line(text, LONGEST_PREVIEW),
        sender=BRAND,
        content=Markup('<p><strong>{}</strong></p><p>{}</p><p><a href="{}">{}</a></p>').format(
            title, text, address, words
        ),
        own_colours=False,
        footer=footer,
    )
    plain = f"{title}\n\n{text}\n\n{words}\n{address}\n\n-- \n{footer.text}\n"
    return Rendered(title, html, plain, headers=mail_links.headers(settings, ending))
