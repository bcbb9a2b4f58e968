"""A proposal for a template's text: asked for with the type's variables, checked before anybody sees it."""

from models.enums import TemplateType
from worker.catalogue.email import DraftTemplate
from worker.contracts.drafting import DraftRequest, Proposal, Writer
from worker.kit.errors import Retryable
from worker.kit.localisation import message, translate
from worker.ledger.outcomes import Done
from worker.services.email.templating import template_rules
from worker.services.email.templating.composing import Draft
from worker.services.email.templating.template_rules import InvalidTemplate
from worker.services.email.wording import variables

DEFAULT_TONE = message("professionnel et chaleureux")


def request_for(kind: TemplateType, locale: str, tone: str, instructions: str) -> DraftRequest:
    """What a writer is asked. An empty tone is ours."""
    return DraftRequest(
        kind=kind,
        locale=locale,
        tone=tone or translate(locale, DEFAULT_TONE),
        instructions=instructions,
        variables={each.name: translate(locale, each.description) for each in variables.declared(kind)},
    )


def draft(writer: Writer, asked: DraftTemplate) -> Done:
    """Have a text proposed. Raises a RunError."""
    wanted = request_for(asked.kind, asked.locale, asked.tone, asked.instructions)
    return Done(checked(wanted, writer.propose(wanted)))


def checked(wanted: DraftRequest, proposal: Proposal) -> dict[str, str]:
    """A template that could be saved as it is: type, locale, name, subject, body, body_format.

    Raises Retryable when the writer used a name that the type does not have, or that it has no value for.
    """
    kind = TemplateType.parse(wanted.kind)
    written = Draft(kind, wanted.locale, proposal.subject, proposal.body)
    try:
        template_rules.check(written)
    except InvalidTemplate as error:
        raise _unusable(str(error)) from None
    if doubts := template_rules.warnings(written):
        raise _unusable(str(doubts[0]))
    return {"type": kind, "locale": wanted.locale, **_texts(proposal)}


def _unusable(reason: str) -> Retryable:
    return Retryable(f"The proposed text cannot be used: {reason}", after=1.0, code="provider.unusable_answer")


def _texts(proposal: Proposal) -> dict[str, str]:
    return {
        "name": template_rules.one_line(proposal.name)[: template_rules.LONGEST_NAME],
        "subject": template_rules.one_line(proposal.subject),
        "body": template_rules.harmless(proposal.body, "html"),
        "body_format": "html",
    }
