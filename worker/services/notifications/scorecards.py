"""What interviewers are told about scorecards of their own that are still missing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.kit.database import query
from worker.kit.localisation import known_locale, translate
from worker.services.email.wording import formats
from worker.services.notifications.wording import LONGEST_LINE, Wording
from worker.services.notifications.writing import READERS, NewNotification, write


@dataclass(frozen=True, slots=True)
class ScorecardFacts:
    """candidate: a name, or empty. title, start: of the interview, told on the clock of `zone` (IANA name)."""

    candidate: str
    title: str
    start: datetime
    zone: str
    application_id: int


def remind(connection: Connection, user_id: int, facts: ScorecardFacts) -> int:
    """Write one notification, in the reader's language; 0 where he is gone."""
    readers = query(connection, READERS, ([user_id],))
    new = [
        NewNotification(
            reader["id"], *wording(known_locale(reader["locale"]), facts), application_id=facts.application_id
        )
        for reader in readers
    ]
    write(connection, NotificationKind.SCORECARD_DUE, new)
    return len(new)


def wording(locale: str, facts: ScorecardFacts) -> Wording:
    name = formats.stored(facts.candidate, LONGEST_LINE) or formats.stored(facts.title, LONGEST_LINE)
    text = translate(
        locale,
        "L’entretien du %(time)s est passé : remplissez votre fiche d’évaluation. Vous verrez ensuite celles de vos "
        "collègues.",
        time=formats.moment(facts.start, facts.zone, locale),
    )
    return Wording(translate(locale, "Évaluation attendue : %(name)s", name=name), text)
