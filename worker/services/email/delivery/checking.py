"""What somebody's mail would lack, found before anybody is asked to send it: nothing is rendered, nothing written."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from worker.catalogue.email import SendBulk
from worker.kit.localisation import DEFAULT_LOCALE
from worker.services.email.delivery import templated_messages
from worker.services.email.recipients import directory
from worker.services.email.recipients.directory import Recipient
from worker.services.email.rendering.contexts import TemplatedContext
from worker.services.email.templating.resolver import TemplateResolver, Text


def refuse_incomplete(connection: Connection, wanted: SendBulk) -> Text:
    """The text in the platform's first language, or Permanent: when the template cannot be used, or naming every value
    that somebody's mail would lack.
    """
    choice = TemplateResolver(connection, wanted.company_id, wanted.template_id, wanted.kind)
    first = choice.for_locale(DEFAULT_LOCALE)
    found = directory.of_applications(connection, wanted.application_ids, wanted.company_id, sent_by=wanted.sent_by)
    lacking: dict[str, list[int]] = {}
    for identifier, names in _missing(choice, wanted, found):
        for name in names:
            lacking.setdefault(name, []).append(identifier)
    templated_messages.refuse_missing(lacking)
    return first


def _missing(
    choice: TemplateResolver, wanted: SendBulk, recipients: Mapping[int, Recipient]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What is missing depends on the text and on which values there are, not on what they say."""
    known: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
    for identifier, recipient in sorted(recipients.items()):
        text = choice.for_locale(recipient.locale)
        alike = (recipient.locale, frozenset(recipient.values_in(text.draft.locale)))
        if alike not in known:
            kept = TemplatedContext(application_id=identifier, sent_by=wanted.sent_by, values=wanted.values)
            known[alike] = templated_messages.missing(text, recipient, kept)
        yield identifier, known[alike]
