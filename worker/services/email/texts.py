"""Which text a mail is written with: one template of a company, or the best one for each language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from models.enums import TemplateType
from worker.kit.errors import Permanent
from worker.services.email import letters, template_store
from worker.services.email.applications import ApplicationContext
from worker.services.email.bounds import Unfit
from worker.services.email.composing import Draft
from worker.services.email.letters import EMPLOYER, Letter, LetterContext
from worker.services.email.messages import NewMessage

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Text:
    """A draft with the row it comes from; a text of our own library has neither number."""

    template_id: int | None
    version: int | None
    draft: Draft


@dataclass
class Texts:
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


def message(
    text: Text, reader: ApplicationContext, kept: LetterContext, *, source: str, company_id: int | None
) -> NewMessage:
    """The row of a letter: which text, which reader, and only the values that the database lacks."""
    return NewMessage(
        source=source,
        template=EMPLOYER if text.template_id else text.draft.kind.value,
        recipient=reader.recipient,
        context=kept.model_dump(exclude_defaults=True),
        locale=text.draft.locale,
        user_id=reader.user_id,
        company_id=company_id,
        template_id=text.template_id,
        template_version=text.version,
    )


def missing(text: Text, reader: ApplicationContext, kept: LetterContext) -> tuple[str, ...]:
    """The names that the text uses and nobody has a value for. Raises Permanent for a text that cannot be sent."""
    try:
        letter: Letter = letters.write(text.draft, reader, kept)
    except Unfit as error:
        raise Permanent(f"Nothing was sent. {error}", code="email.unfit_template", status=422) from None
    return letter.missing


def refuse_missing(names: Mapping[str, Iterable[int]]) -> None:
    """Raise Permanent that names every missing value with the applications that lack it."""
    if not names:
        return
    parts = [f"{{{name}}}{_of(list(lacking))}" for name, lacking in names.items()]
    raise Permanent(
        f"Nothing was sent: there is no value for {', '.join(parts)}.", code="email.missing_values", status=422
    )


def _of(lacking: list[int]) -> str:
    if not lacking:
        return ""
    shown = ", ".join(str(each) for each in lacking[:SHOWN])
    more = f" and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
    return f" (application {shown}{more})" if len(lacking) == 1 else f" (applications {shown}{more})"
