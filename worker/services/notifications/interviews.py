"""What recruiters are told about interviews that changed without them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.kit.database import query
from worker.kit.localisation import known_locale, message, translate
from worker.services.email.wording import formats
from worker.services.notifications.wording import LONGEST_LINE, Wording
from worker.services.notifications.writing import READERS, NewNotification, write

InterviewNews = Literal[
    "deleted_in_calendar",
    "moved_in_calendar",
    "misplaced_in_calendar",
    "accepted",
    "declined",
    "candidate_confirmed",
    "candidate_declined",
    "candidate_chose",
    "application_withdrawn",
    "application_rejected",
    "offer_closed",
    "interview_of_rejected",
    "interview_of_closed_offer",
    "calendar_refused",
]


@dataclass(frozen=True, slots=True)
class InterviewFacts:
    """title: of the interview. candidate: a name, or empty. start: aware. before: the start before it was moved.
    zone: IANA name, in which times are told. reason: of whoever cannot come.
    """

    title: str
    candidate: str
    start: datetime
    zone: str
    application_id: int | None
    before: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Text:
    kind: NotificationKind
    title: str
    message: str


LONGEST_REASON = 1000

_CANCELED = message("Entretien annulé : %(name)s")
_CONFIRMED = message("Entretien confirmé : %(name)s")
_MOVED = message("Entretien déplacé : %(name)s")
_REMAINS = message("Entretien maintenu ? %(name)s")
_TEXTS: Mapping[InterviewNews, _Text] = {
    "deleted_in_calendar": _Text(
        NotificationKind.INTERVIEW_CANCELED,
        _CANCELED,
        message(
            "L’événement du %(time)s a été supprimé du calendrier : l’entretien est annulé. Nous n’avons pas écrit au "
            "candidat ; prévenez-le si votre calendrier ne l’a pas fait."
        ),
    ),
    "moved_in_calendar": _Text(
        NotificationKind.INTERVIEW_MOVED,
        _MOVED,
        message(
            "L’événement a été déplacé dans le calendrier : l’entretien a lieu le %(time)s, et non plus le %(before)s. "
            "Nous l’écrivons au candidat."
        ),
    ),
    "misplaced_in_calendar": _Text(
        NotificationKind.INTERVIEW_TO_DECIDE,
        message("Événement à vérifier : %(name)s"),
        message(
            "L’événement a été déplacé dans le calendrier, mais l’entretien reste prévu le %(time)s : il ne peut avoir "
            "lieu dans le passé, sans heure précise, dans plus de dix ans ou à l’heure d’un autre entretien du "
            "candidat. Remettez l’événement à sa place, ou déplacez l’entretien."
        ),
    ),
    "accepted": _Text(
        NotificationKind.INTERVIEW_CONFIRMED,
        _CONFIRMED,
        message("L’invitation à l’entretien du %(time)s a été acceptée."),
    ),
    "declined": _Text(
        NotificationKind.INTERVIEW_DECLINED,
        message("Invitation déclinée : %(name)s"),
        message(
            "L’invitation à l’entretien du %(time)s a été déclinée. L’entretien reste prévu : déplacez-le ou "
            "annulez-le."
        ),
    ),
    "candidate_confirmed": _Text(
        NotificationKind.INTERVIEW_CONFIRMED,
        _CONFIRMED,
        message("Le candidat a confirmé sa présence le %(time)s."),
    ),
    "candidate_declined": _Text(
        NotificationKind.INTERVIEW_CANCELED,
        _CANCELED,
        message("Le candidat ne peut pas venir le %(time)s : l’entretien est annulé. Motif : %(reason)s"),
    ),
    "candidate_chose": _Text(
        NotificationKind.INTERVIEW_MOVED,
        _MOVED,
        message(
            "Le candidat a choisi une autre des heures proposées : l’entretien a lieu le %(time)s, et non plus le "
            "%(before)s."
        ),
    ),
    "application_withdrawn": _Text(
        NotificationKind.INTERVIEW_CANCELED,
        _CANCELED,
        message("La candidature a été retirée : l’entretien du %(time)s est annulé."),
    ),
    "application_rejected": _Text(
        NotificationKind.INTERVIEW_CANCELED,
        _CANCELED,
        message("La candidature a été refusée : l’entretien du %(time)s est annulé, et le candidat en est averti."),
    ),
    "offer_closed": _Text(
        NotificationKind.INTERVIEW_CANCELED,
        _CANCELED,
        message("L’offre est fermée : l’entretien du %(time)s est annulé, et le candidat en est averti."),
    ),
    "interview_of_rejected": _Text(
        NotificationKind.INTERVIEW_TO_DECIDE,
        _REMAINS,
        message(
            "La candidature a été refusée, mais l’entretien du %(time)s reste prévu. Annulez-le s’il n’a plus lieu."
        ),
    ),
    "calendar_refused": _Text(
        NotificationKind.INTERVIEW_DELAYED,
        message("Événement retardé : %(name)s"),
        message(
            "Google n’accepte plus d’invitations de ce calendrier pendant quelques heures. L’entretien du %(time)s est "
            "maintenu : nous avons écrit au candidat, et l’événement sera créé dès que possible."
        ),
    ),
    "interview_of_closed_offer": _Text(
        NotificationKind.INTERVIEW_TO_DECIDE,
        _REMAINS,
        message("L’offre est fermée, mais l’entretien du %(time)s reste prévu. Annulez-le s’il n’a plus lieu."),
    ),
}


def tell(connection: Connection, event: InterviewNews, user_ids: Sequence[int], facts: InterviewFacts) -> int:
    """Write one notification for each of these users who is still there, in their language; how many."""
    readers = query(connection, READERS, (list(user_ids),))
    new = [
        NewNotification(
            reader["id"],
            *wording(known_locale(reader["locale"]), event, facts),
            application_id=facts.application_id,
        )
        for reader in readers
    ]
    write(connection, _TEXTS[event].kind, new)
    return len(new)


def wording(locale: str, event: InterviewNews, facts: InterviewFacts) -> Wording:
    text = _TEXTS[event]
    name = formats.stored(facts.candidate, LONGEST_LINE) or formats.stored(facts.title, LONGEST_LINE)
    values = {
        "time": formats.moment(facts.start, facts.zone, locale),
        "before": formats.moment(facts.before or facts.start, facts.zone, locale),
        "reason": formats.line(facts.reason, LONGEST_REASON) or translate(locale, "non indiqué"),
    }
    return Wording(translate(locale, text.title, name=name), translate(locale, text.message, **values))
