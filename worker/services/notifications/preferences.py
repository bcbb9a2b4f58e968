"""Which kinds of notification somebody wants, in the bell and by mail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from models.enums import NotificationKind, UserRole
from worker.kit.database import execute, query
from worker.kit.localisation import known_locale, translate
from worker.services.notifications.kinds import RULES

ASKED = "select kind, in_app, mail from notification_preferences where user_id = %s"
READER = """
select u.role::text as role, p.locale from users u left join recipient_preferences p on p.user_id = u.id where u.id = %s
"""
# What is not decided stays as it was.
DECIDE = """
insert into notification_preferences as p (user_id, kind, in_app, mail)
select id, %(kind)s, %(in_app)s::boolean, %(mail)s::boolean from users where id = %(user)s
on conflict (user_id, kind) do update
   set in_app = coalesce(excluded.in_app, p.in_app), mail = coalesce(excluded.mail, p.mail), updated_at = now()
"""


@dataclass(frozen=True, slots=True)
class Preference:
    """name: of the kind, in the reader's language. fixed: in the bell always. mailable: whether mails can be made."""

    kind: NotificationKind
    name: str
    in_app: bool
    mail: bool
    fixed: bool
    mailable: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decides about a kind; None where nothing is said."""

    in_app: bool | None = None
    mail: bool | None = None


def find(connection: Connection, user_id: int) -> list[Preference]:
    """Of each kind that a user of this role may get, in the order of the table; none when the user is gone."""
    readers = query(connection, READER, (user_id,))
    if not readers:
        return []
    role = UserRole.stored(readers[0]["role"])
    locale = known_locale(readers[0]["locale"])
    decided = {row["kind"]: row for row in query(connection, ASKED, (user_id,))}
    return [_preference(kind, locale, decided.get(kind.value, {})) for kind in kinds_of(role)]


def kinds_of(role: UserRole) -> list[NotificationKind]:
    """An administrator may get all of them."""
    everything = role is UserRole.ADMIN
    return [kind for kind, rule in RULES.items() if everything or rule.reader in (None, role)]


def _preference(kind: NotificationKind, locale: str, decided: Mapping[str, bool | None]) -> Preference:
    rule = RULES[kind]
    in_app, mail = decided.get("in_app"), decided.get("mail")
    return Preference(
        kind,
        translate(locale, rule.name),
        in_app=rule.fixed or in_app is not False,
        mail=rule.mail is not None and (rule.mail if mail is None else mail),
        fixed=rule.fixed,
        mailable=rule.mail is not None,
    )


def refusal(kind: NotificationKind, choice: Choice) -> tuple[str, str] | None:
    """The member that nobody can choose so, and why, in French."""
    if RULES[kind].fixed and choice.in_app is False:
        return "in_app", "ne peut pas être désactivé : quelque chose s’arrête tant que cette notification n’est pas lue"
    if RULES[kind].mail is None and choice.mail:
        return "mail", "n’est pas possible : cette notification n’est pas envoyée par e-mail"
    return None


def decide(connection: Connection, user_id: int, choices: Iterable[tuple[NotificationKind, Choice]]) -> None:
    """Keep choices that have no `refusal`, in their order."""
    for kind, choice in choices:
        asked = {"user": user_id, "kind": kind.value, "in_app": choice.in_app, "mail": choice.mail}
        execute(connection, DECIDE, asked)
