"""What a company's recruiters are told about the partner that takes its offers."""

from collections.abc import Mapping, Sequence
from typing import Literal

from sqlalchemy import Connection

from models.enums import NotificationKind
from worker.kit.database import query
from worker.kit.localisation import known_locale, message, translate
from worker.services.notifications.writing import READERS, NewNotification, write

PartnerEvent = Literal["off", "key"]

_TEXTS: Mapping[PartnerEvent, tuple[str, str]] = {
    "off": (
        message("Webhook arrêté : %(partner)s"),
        message(
            "%(partner)s a répondu qu’il ne veut plus rien recevoir (410) : plus aucune offre n’y est envoyée. "
            "Vérifiez l’adresse avec votre partenaire, puis réactivez le webhook dans Intégrations."
        ),
    ),
    "key": (
        message("Clé refusée : %(partner)s"),
        message(
            "%(partner)s n’accepte plus la clé de votre entreprise : vos offres attendent. Donnez une nouvelle clé "
            "dans Intégrations."
        ),
    ),
}


def tell(connection: Connection, user_ids: Sequence[int], event: PartnerEvent, partner: str) -> None:
    """One notification for each of these users who still reads."""
    title, text = _TEXTS[event]
    new = [
        NewNotification(
            reader["id"],
            translate(known_locale(reader["locale"]), title, partner=partner),
            translate(known_locale(reader["locale"]), text, partner=partner),
        )
        for reader in query(connection, READERS, (list(user_ids),))
    ]
    write(connection, NotificationKind.CHANNEL_OFF, new)
