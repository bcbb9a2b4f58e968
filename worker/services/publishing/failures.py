"""What a recruiter reads about a posting that is not there, or in doubt: a sentence for each code of an error.

`job_postings.error` and the errors of runs are for operators: in English, with a provider's own words.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from worker.kit.database import query
from worker.kit.localisation import Locale, known_locale, message, translate
from worker.services.integrations import reasons

RECONNECT = message(
    "%(channel)s n’accepte plus l’accès qui lui a été donné. Reconnectez %(channel)s dans Intégrations, puis publiez "
    "de nouveau."
)
NO_ANSWER = message(
    "%(channel)s n’a pas répondu malgré plusieurs essais : l’offre n’y a pas été publiée. Publiez de nouveau dans "
    "quelques heures."
)
LIMITED = message(
    "%(channel)s ne prend plus de publications pour l’instant : une limite y est atteinte. Publiez de nouveau demain."
)
REPEATED = message(
    "%(channel)s prend ce texte pour la répétition d’une autre publication. Changez le message, puis publiez de "
    "nouveau."
)
NEW_KEY = message(
    "La clé de votre entreprise n’est plus valable sur %(channel)s. Donnez une nouvelle clé dans Intégrations, puis "
    "publiez de nouveau."
)
OTHER = message(
    "La publication sur %(channel)s a échoué. Publiez de nouveau ; si cela se répète, transmettez ce message à notre "
    "équipe : %(said)s"
)
NO_PICTURE = message(
    "L’offre est publiée sur %(channel)s sans son image. Si l’image est nécessaire, remplacez-la, retirez la "
    "publication et publiez de nouveau. Cause : %(said)s"
)

SENTENCES: Mapping[str, str] = {
    "account.access_refused": RECONNECT,
    "account.grant_lost": RECONNECT,
    "provider.needs_reconnect": RECONNECT,
    "account.scope_missing": message(
        "Le compte connecté n’a pas, ou n’a plus, le droit de publier à cet endroit sur %(channel)s. Demandez ce droit "
        "à un administrateur de la page, ou reconnectez %(channel)s dans Intégrations, puis publiez de nouveau."
    ),
    "address.not_public": message(
        "L’adresse de votre webhook ne mène pas à un serveur public : rien n’y est envoyé. Donnez une adresse publique "
        "dans Intégrations, puis publiez de nouveau."
    ),
    "channel.not_connected": message(
        "%(channel)s n’est plus connecté. Connectez-le dans Intégrations, puis publiez de nouveau."
    ),
    "channel.off": reasons.OFF,
    "offer.closed": message(
        "L’offre n’est plus ouverte : elle n’a pas été publiée sur %(channel)s. Rouvrez-la, puis publiez de nouveau."
    ),
    "partner.credit": message(
        "Le crédit de votre entreprise sur le site d’emploi est épuisé. Rechargez-le sur ce site, puis publiez de "
        "nouveau."
    ),
    "partner.key_refused": NEW_KEY,
    "partner.unreadable": NEW_KEY,
    "partner.rejected": message(
        "Le site d’emploi n’affiche pas cette offre : il l’a refusée ou fermée. Voyez-en la raison sur ce site, "
        "corrigez l’offre, puis publiez de nouveau."
    ),
    "posting.called_off": message(
        "La publication sur %(channel)s a été annulée avant tout envoi. Publiez de nouveau si vous la voulez encore."
    ),
    "posting.no_id": message(
        "L’offre est sur %(channel)s, mais à une adresse que nous ne connaissons pas : elle ne peut être ni comptée ni "
        "retirée d’ici. Donnez-nous l’adresse de la publication."
    ),
    "posting.standing": message(
        "L’offre n’est plus ouverte, mais elle est encore sur %(channel)s : elle n’a pas pu en être retirée. "
        "Supprimez-la sur %(channel)s."
    ),
    "posting.uncertain": message(
        "%(channel)s n’a pas répondu : personne ne sait si l’offre y est publiée. Regardez sur %(channel)s, puis "
        "dites-nous si elle y est."
    ),
    "provider.configuration": message(
        "%(channel)s n’accepte pas les publications de notre plateforme pour l’instant ; ni votre compte ni votre "
        "offre n’est en cause. Notre équipe doit y régler quelque chose : publiez de nouveau plus tard."
    ),
    "provider.refused": message(
        "%(channel)s a refusé cette publication. Corrigez ce qui est en cause, puis publiez de nouveau. Réponse reçue "
        ": %(said)s"
    ),
    **dict.fromkeys(
        (
            "provider.busy", "provider.no_answer", "provider.timeout", "provider.unreachable",
            "provider.unexpected_answer", "provider.unusable_answer",
        ),
        NO_ANSWER,
    ),
    **dict.fromkeys(
        ("provider.daily_quota", "provider.monthly_quota", "provider.rate_limited", "publishing.blocked"), LIMITED
    ),
    "publishing.duplicate": REPEATED,
    "publishing.duplicate_of_deleted": message(
        "%(channel)s prend ce texte pour celui d’une publication supprimée, et le refuse pendant 48 heures. Changez le "
        "message, ou attendez, puis publiez de nouveau."
    ),
    "publishing.duplicate_of_other": REPEATED,
    "publishing.gone": message(
        "%(channel)s ne connaît plus cette page, ou ne la montre pas au compte connecté. Choisissez de nouveau où "
        "publier."
    ),
    "publishing.link_unreadable": message(
        "%(channel)s ne peut pas lire la page publique de l’offre. Ouvrez cette page, et publiez de nouveau quand tout "
        "le monde peut la voir."
    ),
    "publishing.too_long": message(
        "Le texte est plus long que ce que %(channel)s accepte. Raccourcissez le message, puis publiez de nouveau."
    ),
    "webhook.gone": message(
        "Votre webhook a répondu qu’il ne veut plus rien recevoir (410) : plus aucune offre n’y est envoyée. Vérifiez "
        "l’adresse avec votre partenaire, puis réactivez le webhook dans Intégrations."
    ),
    "webhook.redirect": message(
        "L’adresse de votre webhook renvoie à une autre, ce qui n’est pas suivi. Donnez dans Intégrations l’adresse à "
        "laquelle elle mène, puis envoyez de nouveau depuis le journal des envois."
    ),
    "webhook.refused": message(
        "Votre webhook a refusé ce qui lui a été envoyé pour cette offre : le statut est dans le journal des envois. "
        "Corrigez le programme qui reçoit, puis envoyez de nouveau depuis ce journal."
    ),
}  # fmt: skip


def sentence(locale: str, channel: str, code: str | None, said: str) -> str:
    """What is wrong, where, and what to do. channel: its title. said: the sentence for operators."""
    text = SENTENCES.get(code or "", OTHER)
    name = translate(locale, channel)
    return translate(locale, text, channel=name, title=name, said=said)


def about_picture(locale: str, channel: str, said: str) -> str:
    return translate(locale, NO_PICTURE, channel=translate(locale, channel), said=said)


def locale_of(connection: Connection, user_id: int | None) -> Locale:
    """The language that a user reads."""
    told = query(connection, "select locale from recipient_preferences where user_id = %s", (user_id,))
    return known_locale(told[0]["locale"] if told else None)
