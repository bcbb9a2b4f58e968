"""What a recruiter is told beside a score about the CV that it rests on."""

from collections.abc import Mapping

from worker.kit.localisation import Locale, message, translate
from worker.services.recommendations.cvs.outcomes import CvOutcome, CvText

HIDDEN_ONE = message("CV : texte caché ignoré (1 caractère).")
HIDDEN = message("CV : texte caché ignoré (%(count)s caractères).")

SENTENCES: Mapping[CvOutcome, str] = {
    CvOutcome.NONE: message("Le candidat n’a pas déposé de CV : seul son profil compte."),
    CvOutcome.PENDING: message("Le CV n’a pas encore été lu : seul le profil compte pour l’instant."),
    CvOutcome.NOT_ALLOWED: message(
        "Le CV se trouve à une adresse où il n’est pas lu : seul le profil compte. Demandez au candidat de le déposer "
        "sur IntoWork."
    ),
    CvOutcome.MISSING: message(
        "Le fichier du CV est introuvable : seul le profil compte. Demandez au candidat de le déposer de nouveau."
    ),
    CvOutcome.TOO_LARGE: message(
        "Le fichier du CV dépasse 10 Mo : il n’est pas lu et seul le profil compte. Demandez au candidat un fichier "
        "plus léger."
    ),
    CvOutcome.UNAVAILABLE: message(
        "Le fichier du CV n’a pas pu être obtenu : seul le profil compte pour l’instant. Il sera cherché de nouveau."
    ),
    CvOutcome.UNKNOWN_FORMAT: message(
        "Le CV n’est ni un PDF ni un document Word (.docx) : il n’est pas lu et seul le profil compte. Demandez au "
        "candidat l’un de ces formats."
    ),
    CvOutcome.PROTECTED: message(
        "Le CV est protégé par un mot de passe : il n’est pas lu et seul le profil compte. Demandez au candidat un "
        "fichier sans protection."
    ),
    CvOutcome.UNREADABLE: message(
        "Le fichier du CV est abîmé : il n’est pas lu et seul le profil compte. Demandez au candidat de le déposer de "
        "nouveau."
    ),
    CvOutcome.TOO_COMPLEX: message(
        "La lecture du CV demande trop de temps ou de mémoire : il n’est pas lu et seul le profil compte. Demandez au "
        "candidat un fichier plus simple."
    ),
    CvOutcome.NO_TEXT: message(
        "Le CV ne contient pas de texte lisible (une image ?) : seul le profil compte. Demandez au candidat un fichier "
        "avec du texte."
    ),
}


def notes(cv: CvText, locale: Locale) -> list[str]:
    """Sentences: why a score does without the CV, and what was left out of it. None for a CV that was read whole."""
    sentences = [translate(locale, SENTENCES[cv.outcome])] if cv.outcome in SENTENCES else []
    if cv.hidden_characters:
        text = HIDDEN_ONE if cv.hidden_characters == 1 else HIDDEN
        sentences.append(translate(locale, text, count=cv.hidden_characters))
    return sentences
