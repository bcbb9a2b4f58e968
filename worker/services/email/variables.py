"""The names that a template may use, per type: what the platform can fill from an application or an alert."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from models.enums import TemplateType

LOCALES = ("fr", "en")


class Form(StrEnum):
    """How a value is put into HTML: as text, as a link's or a person's address, or as a block of our own HTML."""

    TEXT = "text"
    LINK = "link"
    ADDRESS = "address"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Variable:
    """Texts are by locale. `default` stands for a missing value; a required one without it stops the mail."""

    name: str
    sample: Mapping[str, str]
    description: Mapping[str, str]
    required: bool = True
    default: Mapping[str, str] | None = None
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
    return {variable.name: in_locale(variable.sample, locale) for variable in declared(kind)}


def in_locale(texts: Mapping[str, str], locale: str) -> str:
    """The locale's text, else the French one."""
    return texts.get(locale, texts[LOCALES[0]])


def closest(name: str, among: Iterable[str]) -> str | None:
    """The name that somebody may have meant."""
    return next(iter(get_close_matches(name, list(among), n=1, cutoff=0.6)), None)


def _variable(name: str, sample: tuple[str, str], description: tuple[str, str], form: Form = Form.TEXT) -> Variable:
    return Variable(name, _by_locale(sample), _by_locale(description), form=form)


def _optional(name: str, default: tuple[str, str], sample: tuple[str, str], description: tuple[str, str]) -> Variable:
    return Variable(name, _by_locale(sample), _by_locale(description), required=False, default=_by_locale(default))


def _by_locale(texts: tuple[str, str]) -> Mapping[str, str]:
    return dict(zip(LOCALES, texts, strict=True))


_CANDIDATE = (
    _variable("candidate_name", ("Awa Ndong", "Awa Ndong"), ("Nom complet du candidat", "Candidate’s full name")),
    _variable("candidate_first_name", ("Awa", "Awa"), ("Prénom du candidat", "Candidate’s first name")),
    _variable("candidate_last_name", ("Ndong", "Ndong"), ("Nom de famille du candidat", "Candidate’s last name")),
    _variable(
        "candidate_email",
        ("awa.ndong@example.com", "awa.ndong@example.com"),
        ("Adresse e-mail du candidat", "Candidate’s e-mail address"),
        Form.ADDRESS,
    ),
)

_JOB = (
    _variable(
        "job_title", ("Comptable senior", "Senior accountant"), ("Intitulé de l’offre d’emploi", "Title of the job")
    ),
    _optional(
        "job_location",
        ("lieu à préciser", "location to be confirmed"),
        ("Libreville, Gabon", "Libreville, Gabon"),
        ("Lieu de travail", "Place of work"),
    ),
)

_COMPANY = (
    _variable("company_name", ("Okoumé Conseil", "Okoumé Conseil"), ("Nom de votre entreprise", "Your company’s name")),
)

_RECRUITER = (
    _optional(
        "recruiter_name",
        ("L’équipe de recrutement", "The hiring team"),
        ("Jean-Marc Obiang", "Jean-Marc Obiang"),
        ("Nom du recruteur", "Recruiter’s name"),
    ),
    _variable(
        "recruiter_email",
        ("recrutement@example.com", "hiring@example.com"),
        ("Adresse e-mail du recruteur", "Recruiter’s e-mail address"),
        Form.ADDRESS,
    ),
)

_STATUS = (
    _variable(
        "application_status",
        ("Présélectionnée", "Shortlisted"),
        ("Statut actuel de la candidature", "Current status of the application"),
    ),
    _variable(
        "application_date",
        ("12 janvier 2027", "January 12, 2027"),
        ("Date de la candidature", "Date of the application"),
    ),
)

_INTERVIEW = (
    _variable(
        "interview_date",
        ("mardi 26 janvier 2027", "Tuesday, January 26, 2027"),
        ("Date de l’entretien", "Date of the interview"),
    ),
    _variable(
        "interview_time",
        ("10:00 (heure de Libreville)", "10:00 AM (Libreville time)"),
        ("Heure de l’entretien", "Time of the interview"),
    ),
    _optional(
        "interview_location",
        ("à distance, le lien suivra", "online, the link will follow"),
        ("12 boulevard de l’Indépendance, Libreville", "12 boulevard de l’Indépendance, Libreville"),
        ("Lieu de l’entretien", "Place of the interview"),
    ),
    _variable(
        "interview_link",
        ("https://meet.example.com/okoume-awa", "https://meet.example.com/okoume-awa"),
        ("Lien de visioconférence", "Video call link"),
        Form.LINK,
    ),
)

_ALERT = (
    _variable(
        "alert_name",
        ("Comptabilité à Libreville", "Accounting in Libreville"),
        ("Nom de l’alerte du candidat", "Name of the candidate’s alert"),
    ),
    _optional(
        "frequency", ("", ""), ("hebdomadaire", "weekly"), ("Fréquence de l’alerte", "How often the alert is sent")
    ),
    _variable(
        "jobs_list",
        ("Comptable senior — Okoumé Conseil", "Senior accountant — Okoumé Conseil"),
        ("Liste des offres, mise en forme", "The list of jobs, laid out"),
        Form.BLOCK,
    ),
)

_APPLICATION = (*_CANDIDATE, *_JOB, *_COMPANY, *_RECRUITER, *_STATUS)
_WITH_INTERVIEW = (*_CANDIDATE, *_JOB, *_COMPANY, *_RECRUITER, *_INTERVIEW, *_STATUS)

_DECLARED: Mapping[TemplateType, tuple[Variable, ...]] = {
    TemplateType.INTERVIEW_INVITATION: _WITH_INTERVIEW,
    TemplateType.INTERVIEW_CONFIRMATION: _WITH_INTERVIEW,
    TemplateType.INTERVIEW_REMINDER: _WITH_INTERVIEW,
    TemplateType.CUSTOM: _WITH_INTERVIEW,
    TemplateType.JOB_ALERT: (*_CANDIDATE, *_COMPANY, *_ALERT),
}
