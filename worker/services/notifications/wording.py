"""What notifications say, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from worker.catalogue.notifications import ConnectionEvent
from worker.kit.localisation import translate
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


def connection(locale: str, event: ConnectionEvent, facts: ConnectionFacts) -> Wording:
    """What happened to a connected account."""
    account = f" ({formats.stored(facts.account, LONGEST_LINE)})" if facts.account else ""
    values = {"provider": facts.provider, "account": account}
    match event:
        case "connection_lost":
            return Wording(
                translate(locale, "%(provider)s : connexion perdue", **values),
                translate(
                    locale,
                    "La connexion à %(provider)s%(account)s ne fonctionne plus. Reconnectez-la dans Intégrations : ce "
                    "qui attend reprendra de lui-même.",
                    **values,
                ),
            )
        case "connection_expires":
            return Wording(translate(locale, "%(provider)s : à reconnecter", **values), _ending(locale, facts, values))
        case "account_connected":
            return Wording(
                translate(locale, "%(provider)s est connecté", **values),
                translate(
                    locale,
                    "%(owner)s a connecté le compte%(account)s. Si ce n’est pas voulu, déconnectez-le dans "
                    "Intégrations.",
                    owner=formats.stored(facts.owner, LONGEST_LINE),
                    **values,
                ),
            )
        case "access_approved":
            return Wording(
                translate(locale, "%(provider)s : accès approuvé", **values),
                translate(
                    locale,
                    "L’administrateur de votre organisation a approuvé l’accès. Vous pouvez maintenant connecter votre "
                    "calendrier.",
                ),
            )


def _ending(locale: str, facts: ConnectionFacts, values: Mapping[str, str]) -> str:
    if facts.days == 1:
        return translate(
            locale,
            "La connexion à %(provider)s%(account)s prend fin demain. Reconnectez-la dans Intégrations.",
            **values,
        )
    return translate(
        locale,
        "La connexion à %(provider)s%(account)s prend fin dans %(days)s jours. Reconnectez-la dans Intégrations.",
        days=facts.days,
        **values,
    )
