"""Mails from a company's templates: looked at, tried out, sent to applicants; and texts proposed by Claude."""

from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import template_mails
from api_min.actions.runs import AskedRun
from api_min.answers import brief, json_response, run_response
from api_min.auth import access, caller
from api_min.errors import run_address
from api_min.idempotency import given_key, once
from api_min.request_parsing import applied_wait, body_optional
from api_min.schemas.common import WITH_BODY, problems
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
from worker.catalogue.email import DraftTemplate
from worker.services.email.templating.composing import Draft as UnsavedTemplate

PREFIX = "/api/email-templates"
WRITING = (*WITH_BODY, 404, 409)
SENDING = (*WRITING, 400)
WAITED = (502, 504)
PROPOSED = ("name", "subject", "body")

api = APIBlueprint("email_template_mails", __name__, url_prefix=PREFIX, abp_security=[{"bearer": []}])


@api.post("/preview", summary="See an unsaved template as a mail", responses={200: Preview, **problems(*WRITING)})
@access(roles=("employer",))
def preview_draft(body: DraftPreviewRequest) -> Response:
    """Unknown names are among the missing ones; saving would refuse them."""
    draft = UnsavedTemplate(body.type, body.locale, body.subject, body.body, body.body_format)
    return _previewed(template_mails.preview_draft(caller(), draft, body.application_id, body.values))


@api.post("/<template_id>/preview", summary="See a template as a mail", responses={200: Preview, **problems(*WRITING)})
@access(roles=("employer",))
@body_optional
def preview(path: TemplatePath, body: PreviewRequest) -> Response:
    """As it would be sent for an application, or with examples."""
    return _previewed(template_mails.preview(caller(), path.template_id, body.application_id, body.values))


def _previewed(found: template_mails.Preview) -> Response:
    mail = found.mail
    content = {"subject": mail.subject, "html": mail.html, "text": mail.text}
    return json_response({**content, "missing": list(mail.missing), "warnings": found.warnings})


@api.post(
    "/<template_id>/send", summary="Send a template to applicants", responses={202: Sending, **problems(*SENDING)}
)
@access(roles=("employer",))
def send(path: TemplatePath, body: SendRequest) -> Response:
    """One mail for each application of the company, its data filled in by the platform. When a value is missing for
    somebody, the names are said and nothing is sent to anybody. The run tells what became of each mail.
    """
    action = partial(template_mails.send, caller(), path.template_id, body.application_ids, body.values)
    return once(action, _sending)


def _sending(sending: template_mails.Sending) -> Response:
    run = sending.run
    body = {"run": {**brief(run), "created": True}, "count": sending.count}
    return json_response(body, 202, {"Location": run_address(run.id)})


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
    asked = template_mails.send_test(caller(), path.template_id, body.values, applied_wait(), key=given_key())
    address = caller().email
    message = f"Test e-mail sent to {address}" if asked.ended else f"The test e-mail to {address} is on its way"
    return run_response(asked, _with_run(asked, message=message))


def _with_run(asked: AskedRun, **members: Any) -> dict[str, Any]:
    new = {"created": True} if asked.created and not asked.ended else {}
    return {**members, "run": {**brief(asked.run), **new}}


@api.post(
    "/draft",
    summary="Have a text proposed",
    responses={200: Draft, 202: Draft, **problems(*WRITING, 400, *WAITED)},
)
@access(roles=("employer",))
def propose(body: DraftRequest) -> Response:
    """Claude writes with the type's variables only; nothing is saved. 503 without a key for it."""
    wanted = DraftTemplate(kind=body.type, locale=body.locale, tone=body.tone, instructions=body.instructions)
    asked = template_mails.propose(caller(), wanted, applied_wait(), key=given_key())
    known = {"type": body.type, "locale": body.locale, "body_format": "html"}
    return run_response(asked, _with_run(asked, **known, **_texts(asked)))


def _texts(asked: AskedRun) -> dict[str, Any]:
    proposal = (asked.run.result or {}) if asked.ended else {}
    return {name: proposal.get(name) for name in PROPOSED}
