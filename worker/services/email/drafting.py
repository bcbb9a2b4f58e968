"""A proposal for a template's text: asked for with the type's variables, checked before anybody sees it."""

from models.enums import TemplateType
from worker.contracts.drafting import Proposal, Wish, Writer
from worker.kit.errors import Retryable
from worker.services.email import template_rules, variables
from worker.services.email.template_rules import Unacceptable

DEFAULT_TONES = {"fr": "professionnel et chaleureux", "en": "professional and warm"}


def wish(kind: TemplateType, locale: str, tone: str, instructions: str) -> Wish:
    """What a writer is asked. An empty tone is ours."""
    return Wish(
        kind=kind,
        locale=locale,
        tone=tone or variables.in_locale(DEFAULT_TONES, locale),
        instructions=instructions,
        variables={each.name: variables.in_locale(each.description, locale) for each in variables.declared(kind)},
    )


def propose(writer: Writer, wanted: Wish) -> dict[str, str]:
    """A template that could be saved as it is: type, locale, name, subject, body, body_format.

    Raises a RunError; Retryable when the writer used a name that the type does not have.
    """
    proposal = writer.propose(wanted)
    kind = TemplateType.parse(wanted.kind)
    try:
        template_rules.check(kind, proposal.subject, proposal.body)
    except Unacceptable as error:
        raise Retryable(
            f"The proposed text cannot be used: {error}", after=1.0, code="provider.unusable_answer"
        ) from None
    return {"type": kind, "locale": wanted.locale, **_texts(proposal)}


def _texts(proposal: Proposal) -> dict[str, str]:
    return {
        "name": template_rules.one_line(proposal.name)[: template_rules.LONGEST_NAME],
        "subject": template_rules.one_line(proposal.subject),
        "body": template_rules.harmless(proposal.body, "html"),
        "body_format": "html",
    }
