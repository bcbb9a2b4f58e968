"""The town in what a candidate typed as his place: streets and numbers of houses are nobody's business here."""

import re

PARTS = re.compile(r"[,;\n\r|]+")
STREET = re.compile(
    r"\d|\b(?:rue|avenue|av|bd|bld|boulevard|impasse|all[eé]e|route|chemin|place|quartier|lot|lotissement|r[eé]sidence|"
    r"immeuble|villa|appartement|appt?|bp|b\.p|cit[eé]|carrefour|face|derri[eè]re|street|road|lane|drive|"
    r"p\.?o\.? ?box)\b",
    re.IGNORECASE,
)
LONGEST = 100
MOST_PARTS = 2


def town(written: str | None) -> str | None:
    """The last parts that name no street and hold no number; None where all do."""
    parts = [part.strip() for part in PARTS.split((written or "")[: 10 * LONGEST])]
    kept = [part for part in parts if part and not STREET.search(part)]
    return ", ".join(kept[-MOST_PARTS:])[:LONGEST] or None
