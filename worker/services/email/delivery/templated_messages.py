"""The message of a templated mail: which text, which recipient, and what the recipient's text would lack."""

from collections.abc import Iterable, Mapping

from worker.kit.errors import Permanent
from worker.services.email.delivery.messages import NewMessage
from worker.services.email.recipients.directory import Recipient
from worker.services.email.rendering.contexts import TemplatedContext
from worker.services.email.rendering.templated_mail import EMPLOYER
from worker.services.email.templating.blocks import sample_blocks
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.composing import missing_names, sample_values
from worker.services.email.templating.resolver import Text

SHOWN = 5


def message(
    text: Text, recipient: Recipient, kept: TemplatedContext, *, source: str, company_id: int | None
) -> NewMessage:
    """The row of a mail: which text, which recipient, and only the values that the database lacks."""
    return NewMessage(
        source=source,
        template=EMPLOYER if text.template_id else text.draft.kind.value,
        recipient=recipient.address,
        context=kept.model_dump(exclude_defaults=True),
        locale=text.draft.locale,
        user_id=recipient.user_id,
        company_id=company_id,
        template_id=text.template_id,
        template_version=text.version,
        application_id=kept.application_id,
    )


def missing(text: Text, recipient: Recipient, kept: TemplatedContext) -> tuple[str, ...]:
    """The names that the text uses and nobody has a value for. Raises Permanent for a text that cannot be sent."""
    draft = text.draft
    values = sample_values(draft, kept.values) if kept.sample else {**recipient.values_in(draft.locale), **kept.values}
    try:
        return missing_names(draft, values, sample_blocks(draft.kind, draft.locale) if kept.sample else {})
    except Unfit as error:
        raise Permanent(f"Nothing was sent. {error}", code="email.unfit_template", status=422) from None


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
