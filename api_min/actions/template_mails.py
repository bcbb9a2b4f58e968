"""Mails from a company's templates: looked at, tried out, sent to applicants; and texts proposed by Claude."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection

from api_min.actions.email_templates import find_template
from api_min.actions.once import Repeatable, Work, write_once
from api_min.actions.profiles import employer, refuse_foreign_applications, refuse_unverified
from api_min.actions.runs import AskedRun, enqueue_run, run_and_wait
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import NO_APPLICATION_IN_ENGLISH, ApiError, existing, invalid
from api_min.limits import check_ai_limit, check_limit
from worker.catalogue.email import DRAFT, SEND, SEND_BULK, DraftTemplate, SendBulk, SendMail
from worker.kit.errors import Permanent
from worker.ledger.answers import Key
from worker.ledger.enqueue import NewRun
from worker.ledger.queries import RunView
from worker.services.email.delivery import checking
from worker.services.email.recipients import directory
from worker.services.email.recipients.directory import Recipient
from worker.services.email.rendering import templated_mail
from worker.services.email.templating import template_rules
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.composing import Composed, Draft

PREVIEWS = "60 per minute"
MAILS = "200 per hour"


@dataclass(frozen=True, slots=True)
class Preview:
    mail: Composed
    warnings: tuple[str, ...]


def preview_draft(caller: Caller, draft: Draft, application_id: int | None, values: Mapping[str, str]) -> Preview:
    """An unsaved template as a mail. Raises ApiError 403, 404, 422 and 429."""
    check_limit(PREVIEWS, "previews", caller.name)
    with context().database.transaction() as connection:
        company_id = employer(connection, caller).readable_company
        recipient = _recipient(connection, caller, company_id, application_id)
    return _preview(draft, recipient, values)


def preview(caller: Caller, template_id: int, application_id: int | None, values: Mapping[str, str]) -> Preview:
    """A template as it would be sent for an application, or with examples. Raises ApiError 403, 404, 422 and 429."""
    check_limit(PREVIEWS, "previews", caller.name)
    with context().database.transaction() as connection:
        company_id = employer(connection, caller).readable_company
        template = find_template(connection, company_id, template_id)
        recipient = _recipient(connection, caller, company_id, application_id)
    return _preview(template.draft(), recipient, values)


def _recipient(connection: Connection, caller: Caller, company_id: int, application_id: int | None) -> Recipient | None:
    if application_id is None:
        return None
    refuse_foreign_applications(connection, company_id, [application_id])
    found = directory.of_applications(connection, [application_id], company_id, sent_by=caller.user_id)
    return existing(found.get(application_id), NO_APPLICATION_IN_ENGLISH)


def _preview(draft: Draft, recipient: Recipient | None, values: Mapping[str, str]) -> Preview:
    try:
        mail = templated_mail.preview(draft, recipient, values)
    except Unfit as error:
        raise invalid(["body", "body"], str(error)) from None
    return Preview(mail, tuple(map(str, template_rules.warnings(draft))))


@dataclass(frozen=True, slots=True)
class Sending:
    """A run that sends `count` mails."""

    run: RunView
    count: int


def send(
    caller: Caller,
    template_id: int,
    application_ids: Sequence[int],
    values: Mapping[str, str],
    request: Repeatable[Sending],
) -> Sending:
    """One mail for each application of the company, or none to anybody when a value is missing for somebody.

    Raises ApiError 400, 403, 404, 409, 422 and 429.
    """
    ids = list(dict.fromkeys(application_ids))

    def prepare() -> Work[Sending]:
        run = _bulk(caller, template_id, ids, values)
        return lambda connection: Sending(enqueue_run(connection, caller, run), len(ids))

    sending = write_once(caller, request, prepare)
    context().announcer.announce()
    return sending


def _bulk(caller: Caller, template_id: int, ids: list[int], values: Mapping[str, str]) -> NewRun:
    """The run that sends to these applications, after every check and within the hour's mails."""
    with context().database.transaction() as connection:
        company_id = employer(connection, caller).company
        find_template(connection, company_id, template_id)
        refuse_foreign_applications(connection, company_id, ids)
        wanted = SendBulk(
            application_ids=ids,
            company_id=company_id,
            template_id=template_id,
            sent_by=caller.user_id,
            values=dict(values),
        )
        try:
            checking.refuse_incomplete(connection, wanted)
        except Permanent as error:
            raise ApiError(error.status, str(error), code=error.code) from None
    _check_mails(company_id, len(ids))
    return NewRun(SEND_BULK.name, wanted.model_dump(mode="json", exclude_none=True), company_id=company_id)


def send_test(
    caller: Caller, template_id: int, values: Mapping[str, str], seconds: float | None, *, key: Key | None
) -> AskedRun:
    """With examples, marked as a test, to the caller's own verified address and no other; not counted as a use.

    Raises ApiError 400, 403, 404 and 429.
    """

    def prepare() -> NewRun:
        with context().database.transaction() as connection:
            company_id = employer(connection, caller).company
            refuse_unverified(connection, caller)
            find_template(connection, company_id, template_id)
        _check_mails(company_id, 1)
        mail = SendMail(
            template_id=template_id,
            user_id=caller.user_id,
            company_id=company_id,
            sent_by=caller.user_id,
            sample=True,
            values=dict(values),
        )
        return NewRun(SEND.name, mail.model_dump(mode="json", exclude_none=True), company_id=company_id)

    return run_and_wait(caller, prepare, seconds, key=key)


def _check_mails(company_id: int, count: int) -> None:
    """Mails by hand: refused once the hour's are used up; a sending that begins before that goes out whole."""
    who = ("mails", f"company:{company_id}")
    check_limit(MAILS, *who)
    if count > 1:
        with suppress(ApiError):
            check_limit(MAILS, *who, cost=count - 1)


def propose(caller: Caller, wanted: DraftTemplate, seconds: float | None, *, key: Key | None) -> AskedRun:
    """Have Claude write a text; nothing is saved. Raises ApiError 400, 404, 429, and 503 without a key for it."""
    secret = context().settings.anthropic_api_key
    if secret is None or not secret.get_secret_value().strip():
        raise ApiError(503, "Proposals are switched off: ANTHROPIC_API_KEY is not set.", code="provider.configuration")

    def prepare() -> NewRun:
        with context().database.transaction() as connection:
            company_id = employer(connection, caller).company
        check_ai_limit(caller.name)
        return NewRun(DRAFT.name, wanted.model_dump(mode="json"), company_id=company_id)

    return run_and_wait(caller, prepare, seconds, key=key)
