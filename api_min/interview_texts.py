"""What a person is told about an interview that was saved, in the language of the request."""

from typing import Any

from api_min.actions.interviews import Saved
from api_min.localising import _
from worker.services.interviews.overlaps import Overlap


def warnings(saved: Saved) -> list[dict[str, Any]]:
    found = [_overlap(each) for each in saved.overlaps]
    if not saved.made:
        text = _("Cet entretien était déjà planifié pour cette candidature à cette heure ; rien n’a été ajouté.")
        found.insert(0, {"code": "already_planned", "message": text, "interview_id": saved.interview.id})
    if saved.ambiguous:
        text = _("Ce jour-là, cette heure existe deux fois ; la première est retenue.")
        found.append({"code": "ambiguous_time", "message": text, "interview_id": None})
    return found


def _overlap(overlap: Overlap) -> dict[str, Any]:
    if overlap.who == "recruiter":
        text = _("Un des recruteurs a un autre entretien à cette heure.")
    else:
        text = _("Le candidat n’est pas libre à cette heure.")
    return {"code": f"{overlap.who}_busy", "message": text, "interview_id": overlap.interview_id}
