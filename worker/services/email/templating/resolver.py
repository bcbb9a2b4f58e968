"""Which text a mail is written with: one template of a company, or the best one for each language."""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from models.enums import TemplateType
from worker.kit.errors import Permanent
from worker.services.email.templating import template_store
from worker.services.email.templating.composing import Draft


@dataclass(frozen=True, slots=True)
class Text:
    """A draft with the row it comes from; a text of our own library has neither number."""

    template_id: int | None
    version: int | None
    draft: Draft


@dataclass
class TemplateResolver:
    """`version` holds a template at the state in which a run met it first."""

    connection: Connection
    company_id: int | None
    template_id: int | None
    kind: TemplateType | None
    version: int | None = None
    _known: dict[str, Text] = field(default_factory=dict)

    def for_locale(self, locale: str) -> Text:
        """Raises Permanent when the template is gone, inactive or another company's."""
        if locale not in self._known:
            self._known[locale] = self._employer() if self.kind is None else self._default(self.kind, locale)
        return self._known[locale]

    def _default(self, kind: TemplateType, locale: str) -> Text:
        return Text(*template_store.choose(self.connection, self.company_id, kind, locale))

    def _employer(self) -> Text:
        number = self.template_id or 0
        if self.version is not None:
            return Text(number, self.version, template_store.load_version(self.connection, number, self.version))
        found = template_store.get(self.connection, self.company_id, number) if self.company_id else None
        if found is None:
            raise Permanent(
                f"Nothing was sent: company {self.company_id} has no e-mail template {number}.",
                code="email.no_template",
                status=404,
            )
        if not found.is_active:
            raise Permanent(
                f"Nothing was sent: the e-mail template {number} is inactive. Activate it, or choose another one.",
                code="email.template_inactive",
                status=409,
            )
        return Text(found.id, found.version, found.draft())
