"""What people are told when a page refuses or fails: what happened, and what they can do."""

from collections.abc import Mapping

from api_min.auth import WRONG_FORM_TOKEN
from api_min.errors import ApiError
from api_min.localising import _
from worker.kit.localisation import message

# Title and sentence by status.
EXPLANATIONS: Mapping[int, tuple[str, str]] = {
    401: (message("Connexion nécessaire"), message("Connectez-vous pour voir cette page, puis revenez ici.")),
    403: (
        message("Accès refusé"),
        message("Votre compte n’a pas accès à cette page. Demandez-le à l’administrateur de votre entreprise."),
    ),
    404: (
        message("Page introuvable"),
        message("Il n’y a rien à cette adresse. Vérifiez-la, ou repartez du lien que vous avez reçu."),
    ),
    405: (
        message("Action impossible"),
        message("Cette page ne peut pas faire cela. Ouvrez-la de nouveau et utilisez ses boutons."),
    ),
    409: (
        message("Modifié entre-temps"),
        message("Ce que vous vouliez changer n’est plus dans le même état. Rechargez la page et recommencez."),
    ),
    413: (message("Envoi trop volumineux"), message("Envoyez un texte plus court ou un fichier plus petit.")),
    422: (message("Données incorrectes"), message("Revenez en arrière, corrigez ce que vous avez saisi et réessayez.")),
    431: (
        message("Demande trop longue"),
        message("L’adresse ou les cookies de votre navigateur sont trop longs. Effacez les cookies de ce site."),
    ),
    503: (
        message("Service momentanément indisponible"),
        message("Nous ne pouvons pas répondre pour l’instant. Réessayez dans quelques instants."),
    ),
}
WRONG_FORM = (
    message("Ce formulaire n’est plus valable"),
    message("Vous avez changé de session depuis que vous l’avez ouvert : rien n’a été fait. Rouvrez sa page."),
)
OURS = (
    message("Une erreur est survenue"),
    message("La faute est de notre côté et nous en sommes avertis. Réessayez plus tard."),
)
OTHERS = (
    message("Demande refusée"),
    message("Nous n’avons pas pu traiter cette demande. Revenez à la page précédente et réessayez."),
)


def explanation(error: ApiError) -> tuple[str, str]:
    """Title and sentence in the language of the page."""
    if error.status == 429:
        return _("Trop de demandes"), _wait(error.headers.get("Retry-After", ""))
    if error.code == WRONG_FORM_TOKEN:
        title, sentence = WRONG_FORM
    else:
        title, sentence = EXPLANATIONS.get(error.status, OURS if error.status >= 500 else OTHERS)
    return _(title), _(sentence)


def _wait(seconds: str) -> str:
    if seconds.isdigit() and int(seconds) < 60:
        return _("Réessayez dans quelques secondes.")
    if seconds.isdigit() and int(seconds) > 60:
        return _("Réessayez dans %(minutes)s minutes.", minutes=str(-(-int(seconds) // 60)))
    return _("Réessayez dans une minute.")
