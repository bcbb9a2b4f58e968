"""Looking at a template's mails before anybody is asked to send them: the same code as sending, and nothing written."""

from collections.abc import Mapping

from sqlalchemy import Connection

from worker.catalogue.email import SendBulk
from worker.kit.localisation import DEFAULT_LOCALE
from worker.services.email import applications, texts
from worker.services.email.applications import ApplicationContext
from worker.services.email.composing import Composed, Draft, compose, sample
from worker.services.email.letters import LetterContext
from worker.services.email.texts import Texts


def refuse_incomplete(connection: Connection, wanted: SendBulk) -> None:
    """Raise Permanent when the template cannot be used, or naming every value that somebody's mail would lack."""
    choice = Texts(connection, wanted.company_id, wanted.template_id, wanted.kind)
    choice.for_locale(DEFAULT_LOCALE)
    readers = applications.contexts(connection, wanted.application_ids, wanted.company_id, sent_by=wanted.sent_by)
    lacking: dict[str, list[int]] = {}
    known: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
    for identifier, reader in sorted(readers.items()):
        text = choice.for_locale(reader.locale)
        alike = (reader.locale, frozenset(reader.values_in(text.draft.locale)))
        if alike not in known:
            kept = LetterContext(application_id=identifier, sent_by=wanted.sent_by, values=wanted.values)
            known[alike] = texts.missing(text, reader, kept)
        for name in known[alike]:
            lacking.setdefault(name, []).append(identifier)
    texts.refuse_missing(lacking)


def preview(draft: Draft, reader: ApplicationContext | None, values: Mapping[str, str]) -> Composed:
    """The mail to this reader, else with examples; `values` win over both."""
    if reader is None:
        return sample(draft, values)
    return compose(draft, {**reader.values_in(draft.locale), **values})
