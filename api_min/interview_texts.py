"""What people are told about interviews, in the language of the request."""

from collections.abc import Mapping
from typing import Any

from api_min.actions.candidate_interviews import Refusal
from api_min.actions.interview_times import AskedCalendar, Checked
from api_min.actions.interviews import Saved
from api_min.localising import _
from models.enums import InterviewKind
from worker.contracts.calendars import Busyness
from worker.contracts.providers import AUTHORISED
from worker.kit.localisation import message
from worker.services.interviews.overlaps import Overlap

KINDS: Mapping[InterviewKind, str] = {
    InterviewKind.PHONE: message("Par téléphone"),
    InterviewKind.VIDEO: message("En visioconférence"),
    InterviewKind.ON_SITE: message("Sur place"),
}
REFUSALS: Mapping[Refusal, str] = {
    Refusal.NONSENSE: message("Cette réponse est incomplète : rien n’a été changé. Répondez de nouveau."),
    Refusal.LONG_REASON: message("Le motif est trop long : 1000 caractères au plus. Raccourcissez-le et renvoyez-le."),
    Refusal.MOVED: message(
        "L’entretien a changé depuis que vous avez ouvert cette page : rien n’a été enregistré. Voici ce qui est prévu."
    ),
    Refusal.OVER: message("Il est trop tard pour répondre : rien n’a été changé. Écrivez au recruteur."),
    Refusal.TAKEN: message("Cette heure vient d’être prise. Choisissez-en une autre."),
}


CALENDARS: Mapping[Busyness, str] = {
    "busy": message("%(calendar)s : occupé à cette heure."),
    "tentative": message("%(calendar)s : peut-être occupé à cette heure (provisoire)."),
    "out_of_office": message("%(calendar)s : absent à cette heure."),
}


def warnings_before(checked: Checked) -> list[dict[str, Any]]:
    """What stands against a time that is not saved yet, each once."""
    found = [_overlap(each) for each in checked.overlaps]
    for calendar, how in dict.fromkeys((calendar, taken.how) for calendar, taken in checked.taken):
        text = _(CALENDARS[how], calendar=_name(calendar))
        found.append({"code": f"calendar_{how}", "message": text, "interview_id": None})
    return found + ([_first_of_two()] if checked.ambiguous else [])


def warnings(saved: Saved) -> list[dict[str, Any]]:
    found = [_overlap(each) for each in saved.overlaps]
    if not saved.made:
        text = _("Cet entretien était déjà planifié pour cette candidature à cette heure ; rien n’a été ajouté.")
        found.insert(0, {"code": "already_planned", "message": text, "interview_id": saved.interview.id})
    return found + ([_first_of_two()] if saved.ambiguous else [])


def _first_of_two() -> dict[str, Any]:
    text = _("Ce jour-là, cette heure existe deux fois ; la première est retenue.")
    return {"code": "ambiguous_time", "message": text, "interview_id": None}


def _name(calendar: AskedCalendar) -> str:
    title = AUTHORISED[calendar.provider].title if calendar.provider else ""
    return f"{title} ({calendar.account})" if title and calendar.account else title or calendar.account or ""


def _overlap(overlap: Overlap) -> dict[str, Any]:
    if overlap.who == "recruiter":
        text = _("Un des recruteurs a un autre entretien à cette heure.")
    else:
        text = _("Le candidat n’est pas libre à cette heure.")
    return {"code": f"{overlap.who}_busy", "message": text, "interview_id": overlap.interview_id}
