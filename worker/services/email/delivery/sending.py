"""`email.send`: one mail to one person, followed until it is known what became of it."""

from sqlalchemy import Connection

from worker.catalogue.email import DELIVER_MESSAGE, SendMail
from worker.kit.database import query
from worker.kit.errors import Permanent
from worker.kit.mailboxes import canonical
from worker.ledger import runs
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Recorded, Run, Snooze, Write
from worker.services.email.delivery import outbox, templated_messages
from worker.services.email.delivery.messages import NewMessage
from worker.services.email.recipients import directory, loader
from worker.services.email.recipients.directory import Recipient
from worker.services.email.recipients.loader import Addressee
from worker.services.email.rendering.contexts import RawContext, TemplatedContext
from worker.services.email.rendering.templated_mail import RAW
from worker.services.email.templating.resolver import TemplateResolver


def send(context: RunContext, payload: SendMail) -> Outcome:
    """The first turn writes the message, the next ones wait for its delivery."""
    run = context.run
    if run.progress is not None:
        return Write(lambda connection: _follow(connection, run))
    new = context.transaction(lambda connection: _message(connection, run, payload))
    return Write(lambda connection: _post(connection, run, new))


def source_of(run: Run) -> str:
    """A run writes one message, however often it is repeated."""
    return f"run:{run.id}"


def _post(connection: Connection, run: Run, new: NewMessage) -> Recorded:
    outbox.post(connection, run, DELIVER_MESSAGE, [new])
    row = query(connection, "select id from email_messages where source = %s", (new.source,))[0]
    return Snooze(outbox.LOOK_AGAIN, {"message_id": row["id"]})


def _follow(connection: Connection, run: Run) -> Recorded:
    status = outbox.follow(connection, run, [source_of(run)])
    if status.waiting:
        return Snooze(outbox.LOOK_AGAIN)
    row = query(
        connection, "select id, state, error, provider_id from email_messages where source = %s", (source_of(run),)
    )[0]
    if row["state"] in outbox.OPEN:
        raise outbox.undelivered(status, "The mail was not sent.")
    if row["state"] == "suppressed":
        raise Permanent(f"The mail was not sent. {row['error']}", code="email.suppressed", status=409)
    if row["state"] == "failed":
        raise Permanent(f"The mail was not sent. {row['error']}", code="email.failed", status=502)
    return Done({"message_id": row["id"], "state": row["state"], "provider_id": row["provider_id"]})


def _message(connection: Connection, run: Run, payload: SendMail) -> NewMessage:
    if payload.raw:
        return _raw(connection, run, payload)
    company_id = _company(connection, payload)
    kept = TemplatedContext(**payload.model_dump(include=set(TemplatedContext.model_fields)))
    recipient = _recipient(connection, payload, company_id)
    if not recipient.address:
        raise Permanent("The mail was not sent: the account has no e-mail address.", code="email.no_address")
    choice = TemplateResolver(connection, company_id, payload.template_id, payload.kind)
    text = choice.for_locale(payload.locale or recipient.locale)
    templated_messages.refuse_missing(dict.fromkeys(templated_messages.missing(text, recipient, kept), ()))
    return templated_messages.message(text, recipient, kept, source=source_of(run), company_id=company_id)


def _company(connection: Connection, payload: SendMail) -> int | None:
    """The company in whose name the mail is written: for an application the one that was applied to, no other."""
    if payload.application_id is None:
        return payload.company_id
    company_id = directory.company_of(connection, payload.application_id)
    if company_id is None or payload.company_id not in (None, company_id):
        raise _nobody(f"application {payload.application_id}", payload.company_id)
    return company_id


def _recipient(connection: Connection, payload: SendMail, company_id: int | None) -> Recipient:
    wanted = Addressee(company_id, payload.sent_by, payload.application_id, payload.user_id)
    found = loader.load(connection, [wanted]).get(wanted)
    if found is None:
        raise _nobody(f"application {payload.application_id}" if payload.application_id else f"user {payload.user_id}")
    return found


def _nobody(whom: str, company_id: int | None = None) -> Permanent:
    place = f" of company {company_id}" if company_id else ""
    return Permanent(f"Nothing was sent: there is no {whom}{place}.", code="email.no_reader", status=404)


def _raw(connection: Connection, run: Run, payload: SendMail) -> NewMessage:
    """A free address is for programs: they hold a service key or the database's password. A user reaches himself."""
    causes = query(connection, "select id, email from users where id = %s", (runs.caused_by(connection, run.id),))
    recipient = payload.recipient or ""
    if any(canonical(row["email"]) != canonical(recipient) for row in causes):
        raise Permanent(
            "Nothing was sent: a user may write a mail of his own words to nobody but himself.",
            code="email.free_address",
            status=403,
        )
    return NewMessage(
        source=source_of(run),
        template=RAW,
        recipient=recipient,
        context=RawContext(**payload.model_dump(include=set(RawContext.model_fields))).model_dump(exclude_none=True),
        locale=payload.locale or "fr",
        user_id=causes[0]["id"] if causes else None,
        company_id=payload.company_id,
    )
