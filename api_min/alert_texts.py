"""What a person is told about an alert, in French or English (`?lang=`, else Accept-Language)."""

from typing import Any

from api_min.pages.localising import language

# A digest shows 20 offers: an alert that ten times as many answer hides more than it finds.
TOO_MANY = 200

TEXTS = {
    "too_broad": {
        "fr": "{total} offres ouvertes répondent à ces critères : ajoutez un mot-clé, un lieu ou un type de contrat.",
        "en": "{total} open offers answer these criteria: add a keyword, a place or a type of contract.",
    },
    "too_narrow": {
        "fr": "Aucune offre ouverte ne répond à ces critères : enlevez une condition ou ajoutez un mot-clé.",
        "en": "No open offer answers these criteria: remove a condition or add a keyword.",
    },
    "duplicate": {
        "fr": "Une autre de vos alertes demande la même chose, aussi souvent.",
        "en": "Another of your alerts asks for the same, as often.",
    },
}


def hint(total: int) -> dict[str, Any] | None:
    """What to change about criteria that `total` open offers answer; None when they are fine."""
    if 0 < total <= TOO_MANY:
        return None
    code = "too_broad" if total else "too_narrow"
    return {"code": code, "message": TEXTS[code][language()].format(total=total)}


def duplicate(alert_id: int) -> dict[str, Any]:
    """The warning that the alert `alert_id` asks for the same."""
    return {"code": "duplicate", "message": TEXTS["duplicate"][language()], "alert_id": alert_id}
