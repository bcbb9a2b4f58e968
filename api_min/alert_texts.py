"""What a person is told about an alert, in the language of the request."""

from typing import Any

from api_min.localising import _

# A digest shows 20 offers: an alert that ten times as many answer hides more than it finds.
TOO_MANY = 200


def hint(total: int) -> dict[str, Any] | None:
    """What to change about criteria that `total` open offers answer; None when they are fine."""
    if total == 0:
        text = _("Aucune offre ouverte ne répond à ces critères : enlevez une condition ou ajoutez un mot-clé.")
        return {"code": "too_narrow", "message": text}
    if total <= TOO_MANY:
        return None
    text = _(
        "%(total)s offres ouvertes répondent à ces critères : ajoutez un mot-clé, un lieu ou un type de contrat.",
        total=str(total),
    )
    return {"code": "too_broad", "message": text}


def duplicate(alert_id: int) -> dict[str, Any]:
    """The warning that the alert `alert_id` asks for the same."""
    text = _("Une autre de vos alertes demande la même chose, aussi souvent.")
    return {"code": "duplicate", "message": text, "alert_id": alert_id}
