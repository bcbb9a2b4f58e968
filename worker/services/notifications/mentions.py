"""What a recruiter is told whom a colleague mentions in a note."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.kit.database import query
from worker.kit.localisation import known_locale, message, translate
from worker.services.email.wording import formats
from worker.services.notifications.wording import LONGEST_LINE, Wording
from worker.services.notifications.writing import READERS, NewNotification, write


@dataclass(frozen=True, slots=True)
class MentionFacts:
    """author, candidate: names, which may be empty. offer: its title."""

    author: str
    candidate: str
    offer: str
    application_id: int


_TITLE = message("%(author)s vous a mentionné dans une note")
_NAMELESS = message("Candidature pour « %(offer)s ». Ouvrez-la pour lire la note et y répondre.")
_MESSAGE = message("Candidature de %(candidate)s pour « %(offer)s ». Ouvrez-la pour lire la note et y répondre.")


def tell(connection: Connection, user_ids: Sequence[int], facts: MentionFacts) -> None:
    """One notification for each of these users who still reads, in his language."""
    readers = query(connection, READERS, (list(user_ids),))
    new = [
        NewNotification(
            reader["id"], *wording(known_locale(reader["locale"]), facts), application_id=facts.application_id
        )
        for reader in readers
    ]
    write(connection, NotificationKind.MENTION, new)


def wording(locale: str, facts: MentionFacts) -> Wording:
    author, candidate, offer = (
        formats.stored(text, LONGEST_LINE) for text in (facts.author, facts.candidate, facts.offer)
    )
    title = translate(locale, _TITLE, author=author or translate(locale, "Un collègue"))
    if not candidate:
        return Wording(title, translate(locale, _NAMELESS, offer=offer))
    return Wording(title, translate(locale, _MESSAGE, candidate=candidate, offer=offer))
