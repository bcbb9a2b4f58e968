"""What stands below every mail: why it was sent and, for subscribed mail, how to change or stop it."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.enums import TemplateType
from worker.kit.localisation import message, translate

_APPLICATION = message("Vous recevez ce message au sujet de votre candidature chez %(company)s, envoyée sur IntoWork.")
_COMPANY = message("%(company)s vous écrit par IntoWork, où vous avez un compte.")
_ALERT = message("Vous recevez ce message parce que vous avez créé cette alerte sur IntoWork.")
_ACCOUNT = message("Vous recevez ce message parce que vous avez un compte sur IntoWork.")
_REASONS: Mapping[TemplateType, str] = {
    TemplateType.JOB_ALERT: _ALERT,
    TemplateType.WELCOME_CANDIDATE: _COMPANY,
    TemplateType.ONBOARDING: _COMPANY,
    TemplateType.CUSTOM: _COMPANY,
}
_NOTIFICATION = message("Vous recevez ce message d’IntoWork au titre de vos notifications « %(kind)s ».")
_CHOOSE = message("Choisir mes notifications")
_END_MAILS = message("Ne plus recevoir ces notifications par e-mail")
_MANAGE = message("Modifier ou mettre en pause l’alerte")
_UNSUBSCRIBE = message("Se désabonner")


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of our own pages; an empty one is not shown."""

    manage_url: str = ""
    unsubscribe_url: str = ""


@dataclass(frozen=True, slots=True)
class Footer:
    """`links` are (words, address)."""

    reason: str
    links: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """Each address on a line of its own."""
        return "\n".join((self.reason, *(f"{words}\n{address}" for words, address in self.links)))


def footer(kind: TemplateType, locale: str, company: str, links: Links) -> Footer:
    """Without a company's name the reason is the reader's own account."""
    reason = _REASONS.get(kind, _APPLICATION) if company or kind is TemplateType.JOB_ALERT else _ACCOUNT
    shown = ((_MANAGE, links.manage_url), (_UNSUBSCRIBE, links.unsubscribe_url))
    return Footer(
        translate(locale, reason, company=company),
        tuple((translate(locale, words), address) for words, address in shown if address),
    )


def of_notification(locale: str, kind: str, links: Links) -> Footer:
    """Below a mail that says what the bell says; kind: in the reader's language."""
    shown = ((_CHOOSE, links.manage_url), (_END_MAILS, links.unsubscribe_url))
    return Footer(
        translate(locale, _NOTIFICATION, kind=kind),
        tuple((translate(locale, words), address) for words, address in shown if address),
    )
