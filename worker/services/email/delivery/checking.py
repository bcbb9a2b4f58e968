"""Looking at a template's mails before anybody is asked to send them: the same code as sending, and nothing written."""

from collections.abc import Mapping

from sqlalchemy import Connection

from worker.catalogue.email import SendBulk
from worker.kit.localisation import DEFAULT_LOCALE
from worker.services.email.delivery import templated_messages
from worker.services.email.recipients import directory
from worker.services.email.recipients.directory import Recipient
from worker.services.email.rendering.templated_mail import TemplatedContext
from worker.services.email.templating.composing import Composed, Draft, compose, sample
from worker.services.email.templating.resolver import TemplateResolver


def refuse_incomplete(connection: Connection, wanted: SendBulk) -> None:
    """Raise Permanent when the template cannot be used, or naming every value that somebody's mail would lack."""
    choice = TemplateResolver(connection, wanted.company_id, wanted.template_id, wanted.kind)
    choice.for_locale(DEFAULT_LOCALE)
    recipients = directory.of_applications(
        connection, wanted.application_ids, wanted.company_id, sent_by=wanted.sent_by
    )
    lacking: dict[str, list[int]] = {}
    known: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
    for identifier, recipient in sorted(recipients.items()):
        text = choice.for_locale(recipient.locale)
        alike = (recipient.locale, frozenset(recipient.values_in(text.draft.locale)))
        if alike not in known:
            kept = TemplatedContext(application_id=identifier, sent_by=wanted.sent_by, values=wanted.values)
            known[alike] = templated_messages.missing(text, recipient, kept)
        for name in known[alike]:
            lacking.setdefault(name, []).append(identifier)
    templated_messages.refuse_missing(lacking)


def preview(draft: Draft, recipient: Recipient | None, values: Mapping[str, str]) -> Composed:
    """The mail to this recipient, else with examples; `values` win over both."""
    if recipient is None:
        return sample(draft, values)
    return compose(draft, {**recipient.values_in(draft.locale), **values})
