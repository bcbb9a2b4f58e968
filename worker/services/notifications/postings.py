"""What a recruiter is told about an offer on a channel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.kit.database import query
from worker.kit.localisation import known_locale, message, translate
from worker.services.email.wording import formats
from worker.services.notifications.wording import LONGEST_LINE
from worker.services.notifications.writing import READERS, NewNotification, write

PostingEvent = Literal["published", "failed", "unknown", "standing"]
Reason = Callable[[str], str]
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class PostingNews:
    """channel: its title. reason: of a failure, a sentence in a locale."""

    event: PostingEvent
    channel: str
    reason: Reason | None = None


_TEXTS: Mapping[PostingEvent, tuple[NotificationKind, str, str]] = {
    "published": (
        NotificationKind.POST_PUBLISHED,
        message("Offre publiée sur %(channel)s"),
        message("« %(offer)s » est en ligne sur %(channel)s."),
    ),
    "failed": (
        NotificationKind.POST_FAILED,
        message("Offre non publiée sur %(channel)s"),
        message("« %(offer)s » n’a pas été publiée sur %(channel)s. %(reason)s"),
    ),
    "unknown": (
        NotificationKind.POST_FAILED,
        message("Publication à vérifier sur %(channel)s"),
        message(
            "%(channel)s n’a pas répondu : personne ne sait si « %(offer)s » y est publiée. Regardez sur %(channel)s, "
            "puis dites-nous si elle y est."
        ),
    ),
    "standing": (
        NotificationKind.POST_FAILED,
        message("Offre encore en ligne sur %(channel)s"),
        message(
            "« %(offer)s » n’est plus ouverte, mais n’a pas pu être retirée de %(channel)s. Supprimez-la sur "
            "%(channel)s."
        ),
    ),
}


def tell(connection: Connection, user_id: int, job_id: int, news: PostingNews) -> None:
    """One notification for whoever published the offer; none where he or the offer is gone."""
    offer = query(connection, "select title from jobs where id = %s", (job_id,))
    for reader in query(connection, READERS, ([user_id],)) if offer else ():
        kind, title, text = _TEXTS[news.event]
        locale = known_locale(reader["locale"])
        values = {
            "offer": formats.stored(offer[0]["title"], LONGEST_LINE),
            "channel": translate(locale, news.channel),
            "reason": formats.line(news.reason(locale), LONGEST_REASON) if news.reason else "",
        }
        new = NewNotification(
            reader["id"], translate(locale, title, **values), translate(locale, text, **values), job_id
        )
        write(connection, kind, [new])
