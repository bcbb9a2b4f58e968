"""Titles of positions, and words that agree with whoever writes about himself, in the one form that tells no sex."""

import re
from collections.abc import Sequence

# What a feminine title ends with, and the form that stands for both.
_ENDINGS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(rf"\b(\w{{2,}}){feminine}(s?)\b", re.IGNORECASE), common)
    for feminine, common in (
        ("trice", "teur"),
        ("euse", "eur"),
        ("ière", "ier"),
        ("ienne", "ien"),
        ("chère", "cher"),
        ("gère", "ger"),
        ("llère", "ller"),
        ("ante", "ant"),
        ("ente", "ent"),
        ("ée", "é"),
    )
)


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# They end so for everybody.
_SAME = _listed(
    """
    arrière bannière barrière bière carrière croisière filière frontière lumière manière matière première rivière
    affaires mère père ère plante charpente vente rente attente entente détente pente soixante trente quarante
    cinquante restante croissante année idée entrée journée donnée durée arrivée armée assemblée musée lycée allée
    soirée montée livrée tournée coordonnée matrice cicatrice calculatrice génératrice gère suggère digère
    """
)
_WORD = re.compile(r"\w+")


def neutral(text: str) -> str:
    """`Développeuse web`, `Caissière expérimentée` as `Développeur web`, `Caissier expérimenté`.

    Words of things that end alike are changed, too: a reader loses nothing but good grammar.
    """
    return _WORD.sub(lambda found: _word(found[0]), text)


def _word(word: str) -> str:
    lower = word.lower()
    if lower in _SAME or lower.removesuffix("s") in _SAME:
        return word
    for ending, common in _ENDINGS:
        changed = ending.fullmatch(word)
        if changed:
            return f"{changed[1]}{common.upper() if word.isupper() else common}{changed[2]}"
    return word
