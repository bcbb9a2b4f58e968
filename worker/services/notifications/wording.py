"""What notifications say, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from worker.catalogue.notifications import ConnectionEvent
from worker.kit.localisation import message, translate
from worker.services.email.wording import formats

LONGEST_LINE = 160


class Wording(NamedTuple):
    title: str
    message: str


def new_jobs(locale: str, alert_name: str, total: int, newest: str) -> Wording:
    """An alert found `total` offers; newest: the newest one's title. Names may be as the main web app stores them."""
    name, offer = (formats.stored(text, LONGEST_LINE) for text in (alert_name, newest))
    title = translate(locale, "Nouvelles offres pour « %(name)s »", name=name)
    if total == 1:
        return Wording(title, translate(locale, "1 nouvelle offre, dont la plus récente : %(offer)s.", offer=offer))
    sentence = translate(
        locale, "%(total)s nouvelles offres, dont la plus récente : %(offer)s.", total=total, offer=offer
    )
    return Wording(title, sentence)


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """provider: its title. account: its label, empty where nobody knows it. owner: the name of who connected it."""

    provider: str
    account: str = ""
    owner: str = ""
    days: int | None = None


CONNECTIONS: Mapping[ConnectionEvent, tuple[str, str]] = {
    "connection_lost": (
        message("%(provider)s : connexion perdue"),
        message(
            "La connexion à %(provider)s%(account)s ne fonctionne plus. Reconnectez-la dans Intégrations : ce qui "
            "attend reprendra de lui-même."
        ),
    ),
    "connection_expires": (
        message("%(provider)s : à reconnecter"),
        message(
            "La connexion à %(provider)s%(account)s prend fin dans %(days)s jours. Reconnectez-la dans Intégrations."
        ),
    ),
    "account_connected": (
        message("%(provider)s est connecté"),
        message("%(owner)s a connecté le compte%(account)s. Si ce n’est pas voulu, déconnectez-le dans Intégrations."),
    ),
    "channel_off": (
        message("%(provider)s : publication arrêtée"),
        message(
            "Plus rien n’est publié sur %(provider)s%(account)s : quelque chose doit d’abord y être réglé, des crédits "
            "épuisés par exemple. Réactivez-le ensuite dans Intégrations."
        ),
    ),
    "access_approved": (
        message("%(provider)s : accès approuvé"),
        message(
            "L’administrateur de votre organisation a approuvé l’accès. Vous pouvez maintenant connecter votre "
            "calendrier."
        ),
    ),
}
ENDS_TOMORROW = message("La connexion à %(provider)s%(account)s prend fin demain. Reconnectez-la dans Intégrations.")


def connection(locale: str, event: ConnectionEvent, facts: ConnectionFacts) -> Wording:
    """What happened to a connected account."""
    title, sentence = CONNECTIONS[event]
    values = {
        "provider": facts.provider,
        "account": f" ({formats.stored(facts.account, LONGEST_LINE)})" if facts.account else "",
        "owner": formats.stored(facts.owner, LONGEST_LINE),
        "days": facts.days,
    }
    if event == "connection_expires" and facts.days == 1:
        sentence = ENDS_TOMORROW
    return Wording(translate(locale, title, **values), translate(locale, sentence, **values))
