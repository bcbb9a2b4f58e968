"""Why an account is of no use, or not of all.

The texts here are the catalogue's, French: cards show them in the reader's language. `last_error` and the errors of
runs hold them in English, like every error of these routes; `as_text` finds the text of what is stored.
"""

from collections.abc import Mapping

from worker.contracts.accounts import Reason
from worker.contracts.providers import CALENDARS, SIXTY_DAYS, AuthorisedProvider
from worker.kit.localisation import message, translate

UNREADABLE = message("L’accès enregistré n’est plus lisible. Reconnectez le compte.")
GONE = message("Le compte n’est plus connecté. Reconnectez-le.")
LOST: Mapping[Reason, str] = {
    "revoked": message("%(title)s n’accepte plus cet accès : il a été retiré ou a pris fin. Reconnectez le compte."),
    "consent": message("%(title)s demande un nouvel accord sur ce que cet accès permet. Reconnectez le compte."),
    "interaction": message("%(title)s demande au titulaire de se connecter de nouveau. Reconnectez le compte."),
    "code": message(
        "%(title)s n’a pas accepté la réponse de sa page d’accord : elle est trop ancienne. Reconnectez le compte."
    ),
}
ENDED = message("L’accès à %(title)s a pris fin et ne peut pas être renouvelé. Reconnectez le compte.")
ENDED_AFTER_SIXTY_DAYS = message("%(title)s doit être reconnecté tous les 60 jours. Reconnectez le compte.")
UNCHANGED = message("%(title)s a renouvelé l’accès par un accès déjà terminé. Reconnectez le compte.")
NO_CALENDAR = message(
    "L’accès au calendrier n’a pas été donné. Reconnectez %(title)s en laissant cochées les cases de sa page."
)
NO_PUBLISHING = message(
    "Le droit de publier n’a pas été donné. Reconnectez %(title)s en laissant cochées les cases de sa page."
)
NO_FREE_BUSY = message(
    "L’accès aux disponibilités n’a pas été donné : personne ne peut dire quand les gens sont libres. Reconnectez le "
    "compte pour le donner."
)
APPROVAL = message(
    "Un administrateur de votre organisation doit approuver l’accès. Transmettez-lui le lien, puis reconnectez-vous."
)
NOT_CONFIGURED = message(
    "Cette plateforme n’a pas encore d’application chez %(title)s : son identifiant et son secret ne sont pas réglés."
)
OFF = message(
    "Plus rien n’est publié sur %(title)s : quelque chose doit d’abord y être réglé, des crédits épuisés par exemple. "
    "Réactivez %(title)s ensuite."
)

_STORED = (
    UNREADABLE,
    GONE,
    *LOST.values(),
    ENDED,
    ENDED_AFTER_SIXTY_DAYS,
    UNCHANGED,
    NO_CALENDAR,
    NO_PUBLISHING,
)


def in_english(text: str, provider: AuthorisedProvider | None = None) -> str:
    """As it is stored and as errors of runs say it."""
    return translate("en", text, title=provider.title if provider else "")


def as_text(stored: str, provider: AuthorisedProvider | None) -> str:
    """The text that a stored sentence is the English of, else the sentence; `%(title)s` is still to be filled in."""
    found = (text for text in _STORED if in_english(text, provider) == stored)
    return next(found, stored.replace("%", "%%"))


def ended(provider: AuthorisedProvider) -> str:
    """A token without a refresh token has ended."""
    return ENDED_AFTER_SIXTY_DAYS if provider.usual_life == SIXTY_DAYS else ENDED


def not_granted(provider: AuthorisedProvider) -> str:
    return NO_CALENDAR if provider.kind in CALENDARS else NO_PUBLISHING
