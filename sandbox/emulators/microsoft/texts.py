"""The words of the sign-in pages, French first."""

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "authorize": "Choisir un compte Microsoft",
        "administrator": "Approuver pour toute l’organisation",
        "who_authorize": "Compte",
        "who_administrator": "Organisation",
        "asked": "L’application demande ces autorisations :",
        "accept": "Accepter",
        "decline": "Refuser",
        "refusal": "Connexion impossible",
        "emulated": "Page simulée : rien n’est envoyé à Microsoft.",
    },
    "en": {
        "authorize": "Choose a Microsoft account",
        "administrator": "Approve for the whole organisation",
        "who_authorize": "Account",
        "who_administrator": "Organisation",
        "asked": "The application asks for these permissions:",
        "accept": "Accept",
        "decline": "Decline",
        "refusal": "Sign-in is not possible",
        "emulated": "Emulated page: nothing is sent to Microsoft.",
    },
}
