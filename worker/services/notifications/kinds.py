"""Every kind of notification: who gets it, what is gathered into one, what may be switched off, what comes by mail too.

The one table about that. A function of the database gathers by it what the main web app writes itself, which is
`new_application` alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.enums import NotificationKind, UserRole
from worker.kit.localisation import message

Thing = Literal["job", "application"]

APPLICATIONS = "/dashboard/applications"
INTEGRATIONS = "/dashboard/integrations"
POSTS = "/dashboard/job-posts"


@dataclass(frozen=True, slots=True)
class Rule:
    """name: as people read it, in French. reader: whose role may get it; None for every role.

    gathered_by: what several within ten minutes must have in common to be one; None where each says something else.
    mail: whether it comes by mail until somebody decides otherwise; None where no mail is made of it. page: where its
    link leads when it is about neither an offer nor an application. fixed: in the bell whatever anybody wishes.
    """

    name: str
    reader: UserRole | None = UserRole.EMPLOYER
    gathered_by: Thing | None = None
    mail: bool | None = False
    page: str = ""
    fixed: bool = False


_K = NotificationKind
RULES: Mapping[NotificationKind, Rule] = {
    # The main web app writes these two, and mails of its own.
    _K.NEW_APPLICATION: Rule(message("Nouvelle candidature"), gathered_by="job", mail=None),
    _K.STATUS_CHANGE: Rule(message("Suivi de mes candidatures"), UserRole.CANDIDATE, mail=None),
    _K.NEW_JOB: Rule(message("Nouvelle offre"), UserRole.CANDIDATE, mail=None),
    _K.MESSAGE: Rule(message("Message"), None, mail=None),
    _K.SYSTEM: Rule(message("Information d’IntoWork"), None, mail=None, fixed=True),
    # The digest is the mail; each is about another alert.
    _K.MATCHING_JOBS: Rule(message("Nouvelles offres pour mes alertes"), UserRole.CANDIDATE, mail=None),
    # Work stands still until somebody has read these.
    _K.CONNECTION_LOST: Rule(message("Connexion perdue"), mail=True, page=INTEGRATIONS, fixed=True),
    _K.CHANNEL_OFF: Rule(message("Publication arrêtée sur un canal"), mail=True, page=INTEGRATIONS, fixed=True),
    _K.INTERVIEW_TO_DECIDE: Rule(message("Entretien à vérifier"), page=APPLICATIONS, fixed=True),
    # Somebody else may have done this in the company's name.
    _K.ACCOUNT_CONNECTED: Rule(message("Compte connecté"), page=INTEGRATIONS, fixed=True),
    _K.CONNECTION_EXPIRES: Rule(message("Connexion à renouveler"), mail=True, page=INTEGRATIONS),
    _K.ACCESS_APPROVED: Rule(message("Accès approuvé"), mail=True, page=INTEGRATIONS),
    _K.INTERVIEW_MOVED: Rule(message("Entretien déplacé"), page=APPLICATIONS),
    _K.INTERVIEW_CANCELED: Rule(message("Entretien annulé"), page=APPLICATIONS),
    _K.INTERVIEW_CONFIRMED: Rule(message("Entretien confirmé"), page=APPLICATIONS),
    _K.INTERVIEW_DECLINED: Rule(message("Invitation déclinée"), page=APPLICATIONS),
    _K.INTERVIEW_DELAYED: Rule(message("Événement retardé"), page=APPLICATIONS),
    _K.SCORECARD_DUE: Rule(message("Évaluation à remettre"), page=APPLICATIONS),
    _K.POST_PUBLISHED: Rule(message("Offre publiée"), gathered_by="job", page=POSTS),
    _K.POST_FAILED: Rule(message("Offre non publiée"), page=POSTS),
    _K.MENTION: Rule(message("Mention dans une note"), gathered_by="application", mail=True, page=APPLICATIONS),
}


def path(kind: NotificationKind, job_id: int | None, application_id: int | None) -> str:
    """Where the reader finds what it is about, on the main web app."""
    if application_id is not None:
        return APPLICATIONS
    page = RULES[kind].page
    if job_id is not None and not page:
        return f"/dashboard/jobs/{job_id}"
    return page or "/dashboard/notifications"
