"""The names that a template may use, per type: what the platform can fill from an application or an alert."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from models.enums import TemplateType
from worker.kit.localisation import message, translate


class Form(StrEnum):
    """How a value is put into HTML: as text, as a link's or a person's address, or as a block of our own HTML."""

    TEXT = "text"
    LINK = "link"
    ADDRESS = "address"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Variable:
    """Texts are message ids. `default` stands for a missing value; a required one without it stops the mail."""

    name: str
    sample: str
    description: str
    required: bool = True
    default: str | None = None
    form: Form = Form.TEXT


@dataclass(frozen=True, slots=True)
class Unknown:
    """A placeholder that the type does not have, and the nearest one that it has."""

    name: str
    closest: str | None


def declared(kind: TemplateType) -> tuple[Variable, ...]:
    """The variables of a type, in the order in which they are offered."""
    return _DECLARED.get(kind, _APPLICATION)


def blocks(kind: TemplateType) -> tuple[str, ...]:
    """The names of a type that stand for a block of our own HTML."""
    return tuple(variable.name for variable in declared(kind) if variable.form is Form.BLOCK)


def named(form: Form) -> tuple[str, ...]:
    """The names of this form, of whatever type."""
    every = (variable for kind in TemplateType for variable in declared(kind))
    return tuple(dict.fromkeys(variable.name for variable in every if variable.form is form))


def known(kind: TemplateType) -> tuple[str, ...]:
    """The names that may stand in a template of this type: its own, and all that the main web app offers for any."""
    offered = (*declared(kind), *declared(TemplateType.CUSTOM))
    return tuple(dict.fromkeys(variable.name for variable in offered))


def unknown(kind: TemplateType, names: Iterable[str]) -> tuple[Unknown, ...]:
    """Those of the names that may not stand in a template of this type."""
    allowed = known(kind)
    return tuple(Unknown(name, closest(name, allowed)) for name in names if name not in allowed)


def without_value(kind: TemplateType, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that may stand in a template of this type and that it has no value for by itself."""
    own = {variable.name for variable in declared(kind)}
    return tuple(name for name in names if name in known(kind) and name not in own)


def samples(kind: TemplateType, locale: str) -> dict[str, str]:
    """A believable value for every variable, for previews and test mails. A locale we lack reads as French."""
    return {variable.name: translate(locale, variable.sample) for variable in declared(kind)}


def closest(name: str, among: Iterable[str]) -> str | None:
    """The name that somebody may have meant."""
    return next(iter(get_close_matches(name, list(among), n=1, cutoff=0.6)), None)


def _optional(name: str, default: str, sample: str, description: str) -> Variable:
    return Variable(name, sample, description, required=False, default=default)


_CANDIDATE = (
    Variable("candidate_name", "Awa Ndong", message("Nom complet du candidat")),
    Variable("candidate_first_name", "Awa", message("Prénom du candidat")),
    Variable("candidate_last_name", "Ndong", message("Nom de famille du candidat")),
    Variable(
        "candidate_email",
        "awa.ndong@example.com",
        message("Adresse e-mail du candidat"),
        form=Form.ADDRESS,
    ),
)

_JOB = (
    Variable("job_title", message("Comptable senior"), message("Intitulé de l’offre d’emploi")),
    _optional(
        "job_location",
        message("lieu à préciser"),
        "Libreville, Gabon",
        message("Lieu de travail"),
    ),
)

_COMPANY = (Variable("company_name", "Okoumé Conseil", message("Nom de votre entreprise")),)

_RECRUITER = (
    _optional(
        "recruiter_name",
        message("L’équipe de recrutement"),
        "Jean-Marc Obiang",
        message("Nom du recruteur"),
    ),
    Variable(
        "recruiter_email",
        message("recrutement@example.com"),
        message("Adresse e-mail du recruteur"),
        form=Form.ADDRESS,
    ),
)

_STATUS = (
    Variable(
        "application_status",
        message("Présélectionnée"),
        message("Statut actuel de la candidature"),
    ),
    Variable(
        "application_date",
        message("12 janvier 2027"),
        message("Date de la candidature"),
    ),
)

_INTERVIEW = (
    Variable(
        "interview_date",
        message("mardi 26 janvier 2027"),
        message("Date de l’entretien"),
    ),
    Variable(
        "interview_time",
        message("10:00 (heure de Libreville)"),
        message("Heure de l’entretien"),
    ),
    _optional(
        "interview_location",
        message("à distance, le lien suivra"),
        "12 boulevard de l’Indépendance, Libreville",
        message("Lieu de l’entretien"),
    ),
    Variable(
        "interview_link",
        "https://meet.example.com/okoume-awa",
        message("Lien de visioconférence"),
        form=Form.LINK,
    ),
)

_BEFORE = (
    _optional(
        "previous_interview_date",
        message("non précisée"),
        message("lundi 25 janvier 2027"),
        message("Date de l’entretien avant le changement"),
    ),
    _optional(
        "previous_interview_time",
        message("non précisée"),
        message("14:30 (heure de Libreville)"),
        message("Heure de l’entretien avant le changement"),
    ),
)

_REASON = (
    _optional(
        "cancellation_reason",
        message("non précisé"),
        message("le poste est pourvu"),
        message("Motif de l’annulation"),
    ),
)

_ALERT = (
    Variable(
        "alert_name",
        message("Comptabilité à Libreville"),
        message("Nom de l’alerte du candidat"),
    ),
    _optional("frequency", "", message("hebdomadaire"), message("Fréquence de l’alerte")),
    Variable(
        "jobs_list",
        message("Comptable senior — Okoumé Conseil"),
        message("Liste des offres, mise en forme"),
        form=Form.BLOCK,
    ),
)

_APPLICATION = (*_CANDIDATE, *_JOB, *_COMPANY, *_RECRUITER, *_STATUS)
_WITH_INTERVIEW = (*_CANDIDATE, *_JOB, *_COMPANY, *_RECRUITER, *_INTERVIEW, *_STATUS)

_DECLARED: Mapping[TemplateType, tuple[Variable, ...]] = {
    TemplateType.INTERVIEW_INVITATION: _WITH_INTERVIEW,
    TemplateType.INTERVIEW_CONFIRMATION: _WITH_INTERVIEW,
    TemplateType.INTERVIEW_REMINDER: _WITH_INTERVIEW,
    TemplateType.INTERVIEW_RESCHEDULED: (*_WITH_INTERVIEW, *_BEFORE),
    TemplateType.INTERVIEW_CANCELED: (*_WITH_INTERVIEW, *_REASON),
    TemplateType.CUSTOM: _WITH_INTERVIEW,
    TemplateType.JOB_ALERT: (*_CANDIDATE, *_COMPANY, *_ALERT),
}
