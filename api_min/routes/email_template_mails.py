"""Mails from a company's templates: looked at, tried out, sent to applicants; and texts proposed by Claude."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from sqlalchemy import Connection

from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.context import context
from api_min.errors import ApiError, invalid
from api_min.idempotency import Work, once
from api_min.interactive import begin, perform
from api_min.limits import check_limit
from api_min.people import employer, refuse_foreign_applications, refuse_unverified
from api_min.request_parsing import body_optional
from api_min.routes.email_templates import PREFIX, WRITING, existing
from api_min.schemas.common import problems
from api_min.schemas.email_templates import (
    Draft,
    DraftPreviewRequest,
    DraftRequest,
    Preview,
    PreviewRequest,
    Sending,
    SendRequest,
    TemplatePath,
    TestRequest,
    TestSending,
)
from worker.catalogue.email import DRAFT, SEND, SEND_BULK, DraftTemplate, SendBulk, SendMail
from worker.kit.errors import Permanent
from worker.ledger.enqueue import NewRun
from worker.services.email import applications, checking, composing, template_rules, template_store
from worker.services.email.applications import ApplicationContext
from worker.services.email.bounds import Unfit

PREVIEWS = "60 per minute"
MAILS = "200 per hour"
PROPOSALS = "30 per hour"
SENDING = (*WRITING, 400)
WAITED = (502, 504)
PROPOSED = ("name", "subject", "body")

api = APIBlueprint("email_template_mails", __name__, url_prefix=PREFIX, abp_security=[{"bearer": []}])


@api.post("/preview", summary="See an unsaved template as a mail", responses={200: Preview, **problems(*WRITING)})
@access(roles=("employer",))
def preview_draft(body: DraftPreviewRequest) -> Response:
    """Unknown names are among the missing ones; saving would refuse them."""
    check_limit(PREVIEWS, "previews", caller().name)
    draft = composing.Draft(body.type, body.locale, body.subject, body.body, body.body_format)
    with context().database.transaction() as connection:
        reader = _reader(connection, employer(connection).readable_company, body.application_id)
    return _preview(draft, reader, body.values)


@api.post("/<template_id>/preview", summary="See a template as a mail", responses={200: Preview, **problems(*WRITING)})
@access(roles=("employer",))
@body_optional
def preview(path: TemplatePath, body: PreviewRequest) -> Response:
    """As it would be sent for an application, or with examples."""
    check_limit(PREVIEWS, "previews", caller().name)
    with context().database.transaction() as connection:
        company_id = employer(connection).readable_company
        found = existing(template_store.get(connection, company_id, path.template_id))
        reader = _reader(connection, company_id, body.application_id)
    return _preview(found.draft(), reader, body.values)


def _reader(connection: Connection, company_id: int, application_id: int | None) -> ApplicationContext | None:
    if application_id is None:
        return None
    refuse_foreign_applications(connection, company_id, [application_id])
    found = applications.contexts(connection, [application_id], company_id, sent_by=caller().user_id)
    return existing(found.get(application_id), "Application not found")


def _preview(draft: composing.Draft, reader: ApplicationContext | None, values: Mapping[str, str]) -> Response:
    try:
        mail = checking.preview(draft, reader, values)
    except Unfit as error:
        raise invalid(["body", "body"], str(error)) from None
    content = {"subject": mail.subject, "html": mail.html, "text": mail.text}
    return json_response({**content, "missing": list(mail.missing), "warnings": template_rules.warnings(draft)})


@api.post(
    "/<template_id>/send", summary="Send a template to applicants", responses={202: Sending, **problems(*SENDING)}
)
@access(roles=("employer",))
def send(path: TemplatePath, body: SendRequest) -> Response:
    """One mail for each application of the company, its data filled in by the platform. When a value is missing for
    somebody, the names are said and nothing is sent to anybody. The run tells what became of each mail.
    """
    ids = list(dict.fromkeys(body.application_ids))

    def prepare() -> Work:
        run = _bulk(path.template_id, ids, body.values)
        return lambda connection: _begun(begin(connection, run), len(ids))

    response = once(prepare)
    context().announcer.announce()
    return response


def _bulk(template_id: int, ids: list[int], values: Mapping[str, str]) -> NewRun:
    """The run that sends to these applications, after every check and within the hour's mails."""
    with context().database.transaction() as connection:
        company_id = employer(connection).company
        existing(template_store.get(connection, company_id, template_id))
        refuse_foreign_applications(connection, company_id, ids)
        wanted = SendBulk(
            application_ids=ids,
            company_id=company_id,
            template_id=template_id,
            sent_by=caller().user_id,
            values=dict(values),
        )
        try:
            checking.refuse_incomplete(connection, wanted)
        except Permanent as error:
            raise ApiError(error.status, str(error), code=error.code) from None
    _spend_mails(company_id, len(ids))
    return NewRun(SEND_BULK.name, wanted.model_dump(mode="json", exclude_none=True), company_id=company_id)


def _begun(run: Mapping[str, Any], count: int) -> Response:
    return json_response({"run": run, "count": count}, 202, {"Location": f"/api/tasks/{run['id']}"})


@api.post(
    "/<template_id>/send-test",
    summary="Send a template to yourself",
    responses={200: TestSending, 202: TestSending, **problems(*SENDING, *WAITED)},
)
@access(roles=("employer",))
@body_optional
def send_test(path: TemplatePath, body: TestRequest) -> Response:
    """With examples, marked as a test, to the caller's own address and no other, which he has shown to be his; not
    counted as a use.
    """

    def prepare() -> NewRun:
        with context().database.transaction() as connection:
            company_id = employer(connection).company
            refuse_unverified(connection)
            existing(template_store.get(connection, company_id, path.template_id))
        _spend_mails(company_id, 1)
        user_id = caller().user_id
        mail = SendMail(
            template_id=path.template_id,
            user_id=user_id,
            company_id=company_id,
            sent_by=user_id,
            sample=True,
            values=body.values,
        )
        return NewRun(SEND.name, mail.model_dump(mode="json", exclude_none=True), company_id=company_id)

    address = caller().email
    return perform(
        prepare,
        lambda _: {"message": f"Test e-mail sent to {address}"},
        {"message": f"The test e-mail to {address} is on its way"},
    )


def _spend_mails(company_id: int, count: int) -> None:
    """Mails by hand: refused once the hour's are used up; a sending that begins before that goes out whole."""
    who = ("mails", f"company:{company_id}")
    check_limit(MAILS, *who)
    if count > 1:
        with suppress(ApiError):
            check_limit(MAILS, *who, cost=count - 1)


@api.post(
    "/draft",
    summary="Have a text proposed",
    responses={200: Draft, 202: Draft, **problems(*WRITING, 400, *WAITED)},
)
@access(roles=("employer",))
def propose(body: DraftRequest) -> Response:
    """Claude writes with the type's variables only; nothing is saved. 503 without a key for it."""
    key = context().settings.anthropic_api_key
    if key is None or not key.get_secret_value().strip():
        raise ApiError(503, "Proposals are switched off: ANTHROPIC_API_KEY is not set.", code="provider.configuration")

    def prepare() -> NewRun:
        with context().database.transaction() as connection:
            company_id = employer(connection).company
        check_limit(PROPOSALS, "proposals", caller().name)
        wish = DraftTemplate(kind=body.type, locale=body.locale, tone=body.tone, instructions=body.instructions)
        return NewRun(DRAFT.name, wish.model_dump(mode="json"), company_id=company_id)

    known = {"type": body.type, "locale": body.locale, "body_format": "html"}
    return perform(prepare, lambda proposal: {**known, **_texts(proposal)}, {**known, **_texts({})})


def _texts(proposal: Mapping[str, Any]) -> dict[str, Any]:
    return {name: proposal.get(name) for name in PROPOSED}
