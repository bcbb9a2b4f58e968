"""From a template and its values to a mail: the one path of preview, test and send."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from markupsafe import Markup

from models.enums import TemplateType
from worker.kit.localisation import translate
from worker.services.email.templating import bounds, parsed_body
from worker.services.email.templating.addresses import without_scheme
from worker.services.email.templating.blocks import Block, sample_blocks
from worker.services.email.templating.environment import fill
from worker.services.email.templating.parsed_body import ParsedBody
from worker.services.email.wording import footers, formats, placeholders, variables

__all__ = ["Block", "Composed", "Draft", "compose", "missing_names", "sample", "sample_values"]

LONGEST_SUBJECT = 200
# Of what the main web app may have stored.
LONGEST_WRITTEN_SUBJECT = 2000
LONGEST_PREVIEW = 140
LONGEST_VALUE = 1000
BRAND = "IntoWork"
# What the layout takes around the content, with the longest subject, preview, sender and footer.
AROUND = 30_000
NO_LINKS = footers.Links()
# They turn the reading direction of what follows: a name could rewrite the line it stands in.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Draft:
    """A template as it is written. `body_format` is html or text; `locale` one of ours."""

    kind: TemplateType
    locale: str
    subject: str
    body: str
    body_format: str = "html"


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail. `missing`: every name without a value and without a default; such a mail must not be sent."""

    subject: str
    html: str
    text: str
    missing: tuple[str, ...]


def compose(
    draft: Draft,
    values: Mapping[str, str],
    blocks: Mapping[str, Block] = MappingProxyType({}),
    *,
    links: footers.Links = NO_LINKS,
) -> Composed:
    """Blank values count as missing. `links` are shown in the footer; a missing name stays readable in the mail.

    Raises Unfit for a body beyond `bounds`, and for a mail that would not arrive whole.
    """
    body = parsed_body.prepare(draft.body, draft.body_format)
    given = _values(draft, values, blocks)
    written = _written_subject(draft)
    markup = {name: Markup(block.html) for name, block in blocks.items()}  # noqa: S704 - of our own layouts
    filled = body.html(given, markup)
    subject = formats.line(placeholders.fill(written, given, escape=str), LONGEST_SUBJECT)
    content = placeholders.fill(body.text, given, escape=str)
    footer = footers.footer(draft.kind, draft.locale, given.get("company_name", ""), links)
    html = fill(
        "message.html",
        locale=draft.locale,
        title=subject,
        preview=formats.line(content, LONGEST_PREVIEW),
        sender=formats.line(given.get("company_name", ""), 80) or BRAND,
        content=Markup(filled),  # noqa: S704 - cleaned, and its values escaped by their place
        own_colours=body.own_colours,
        footer=footer,
    )
    text = f"{content}\n\n-- \n{footer.text}\n"
    bounds.check_mail(html, text)
    return Composed(subject, html, text, _missing(written, body, given))


def missing_names(
    draft: Draft, values: Mapping[str, str], blocks: Mapping[str, Block] = MappingProxyType({})
) -> tuple[str, ...]:
    """What `compose` would miss. Raises Unfit as it would; the mail is only rendered when it comes near the bound."""
    body = parsed_body.prepare(draft.body, draft.body_format)
    given = _values(draft, values, blocks)
    if blocks or body.largest(given) + AROUND > bounds.LARGEST_MAIL:
        return compose(draft, values, blocks).missing
    return _missing(_written_subject(draft), body, given)


def sample(draft: Draft, values: Mapping[str, str] = MappingProxyType({})) -> Composed:
    """The draft with believable values and blocks, for previews and for test mails; `values` win over the examples."""
    return compose(draft, sample_values(draft, values), sample_blocks(draft.kind, draft.locale))


def sample_values(draft: Draft, values: Mapping[str, str]) -> dict[str, str]:
    """A believable value for each variable that has none in `values`."""
    return {**variables.samples(draft.kind, draft.locale), **values}


def _written_subject(draft: Draft) -> str:
    return without_scheme(draft.subject[:LONGEST_WRITTEN_SUBJECT])


def _missing(written_subject: str, body: ParsedBody, given: Mapping[str, str]) -> tuple[str, ...]:
    used = dict.fromkeys((*placeholders.names(written_subject), *body.names))
    return tuple(name for name in used if name not in given)


def _values(draft: Draft, values: Mapping[str, str], blocks: Mapping[str, Block]) -> dict[str, str]:
    given = {name: plain for name, value in values.items() if (plain := _plain(value))}
    absent = (each for each in variables.declared(draft.kind) if each.name not in given)
    defaults = {each.name: translate(draft.locale, each.default) for each in absent if each.default is not None}
    return {**defaults, **given, **{name: block.text for name, block in blocks.items()}}


def _plain(value: str) -> str:
    """One line of characters that can be sent: a value is data, whatever it holds."""
    kept = "".join(each for each in value if each not in _DIRECTIONS and unicodedata.category(each) != "Cs")
    return formats.line(kept, LONGEST_VALUE)
