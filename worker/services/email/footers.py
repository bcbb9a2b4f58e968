"""What stands below every mail: why it was sent and, for subscribed mail, how to change or stop it."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.enums import TemplateType
from worker.services.email.variables import in_locale

_APPLICATION = {
    "fr": "Vous recevez ce message au sujet de votre candidature chez {company}, envoyée sur IntoWork.",
    "en": "You receive this message about your application to {company}, made on IntoWork.",
}
_COMPANY = {
    "fr": "{company} vous écrit par IntoWork, où vous avez un compte.",
    "en": "{company} is writing to you through IntoWork, where you have an account.",
}
_ALERT = {
    "fr": "Vous recevez ce message parce que vous avez créé cette alerte sur IntoWork.",
    "en": "You receive this message because you created this alert on IntoWork.",
}
_ACCOUNT = {
    "fr": "Vous recevez ce message parce que vous avez un compte sur IntoWork.",
    "en": "You receive this message because you have an account on IntoWork.",
}
_REASONS: Mapping[TemplateType, Mapping[str, str]] = {
    TemplateType.JOB_ALERT: _ALERT,
    TemplateType.WELCOME_CANDIDATE: _COMPANY,
    TemplateType.ONBOARDING: _COMPANY,
    TemplateType.CUSTOM: _COMPANY,
}
_MANAGE = {"fr": "Modifier ou mettre en pause l’alerte", "en": "Change or pause the alert"}
_UNSUBSCRIBE = {"fr": "Se désabonner", "en": "Unsubscribe"}


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
    reasons = _REASONS.get(kind, _APPLICATION)
    reason = in_locale(reasons if company or kind is TemplateType.JOB_ALERT else _ACCOUNT, locale)
    shown = ((_MANAGE, links.manage_url), (_UNSUBSCRIBE, links.unsubscribe_url))
    return Footer(
        reason.replace("{company}", company),
        tuple((in_locale(words, locale), address) for words, address in shown if address),
    )
