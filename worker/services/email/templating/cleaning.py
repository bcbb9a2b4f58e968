"""What of an employer's HTML is kept: text, tables, images by https, links, harmless inline styles."""

import html
import re
from collections.abc import Callable

import nh3
from css_inline import CSSInliner, InlineError

from worker.kit.localisation import Sentence, message
from worker.services.email.templating import bounds, elements, joining, shaping, sheets
from worker.services.email.templating.addresses import without_scheme
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.shaping import Shape
from worker.services.email.wording.placeholders import PLACEHOLDER

UNREADABLE = message("Le HTML n’a pas pu être lu. Écrivez-le plus simplement.")
DEAD_LINK = message(
    "Le lien vers « %(link)s » ne peut pas être suivi. Commencez-le par https:// ou par une variable qui est une "
    "adresse entière."
)

_COLOUR = re.compile(r"(?:[;\"\s]color|background(?:-color)?)\s*:|\s(?:bgcolor|color)=", re.IGNORECASE)
_LINK = re.compile(r'(?<=\shref=")[^"]*(?=")')
_IMAGE_WITHOUT_SOURCE = re.compile(r"<img(?![^<>]*\ssrc=)[^<>]*>")
# First, so that the employer's own rules win.
_BASE = (
    "p{margin:0 0 16px}ul,ol{margin:0 0 16px;padding-left:24px}li{margin:0 0 6px}"
    "h1,h2,h3{margin:0 0 12px;line-height:1.3}img{max-width:100%}"
)


def clean(source: str) -> str:
    """A balanced fragment: style sheets moved into the elements, all that runs, asks or loads taken out.

    Attributes are quoted and free of `"`, `<` and `>`; a link goes to http, https, mailto or a leading placeholder.
    Placeholders are whole. Raises Unfit beyond `bounds`, and for a link with a placeholder that cannot be followed.
    """
    shape = whole(source)
    cleaned = _IMAGE_WITHOUT_SOURCE.sub("", guarded(_cleaner().clean, inlined(shape)))
    bounds.check_mail(cleaned)
    _refuse_lost_links(shape, cleaned)
    return cleaned


def whole(source: str) -> Shape:
    """The HTML in the shape that parsers are shown, its placeholders whole. Raises Unfit."""
    shape = shaping.shape(source)
    joining.join(shape.pieces)
    for piece in shape.pieces:
        piece.text = without_scheme(piece.text)
    return shape


def has_colours(html: str) -> bool:
    """Whether a cleaned fragment sets colours of its own, which a dark theme must then leave alone."""
    return _COLOUR.search(html) is not None


def guarded(parse: Callable[[str], str], markup: str) -> str:
    """What native code makes of markup in its shape. Raises Unfit when it gives up."""
    try:
        return parse(markup)
    except BaseException as error:
        # A panic of native code is no Exception; it costs this text alone.
        if type(error).__name__ != "PanicException":
            raise
        raise Unfit(Sentence(UNREADABLE)) from None


def inlined(shape: Shape) -> str:
    sheet = _BASE + "".join(map(str, shape.rules))
    inliner = CSSInliner(load_remote_stylesheets=False)
    try:
        return guarded(inliner.inline, f"<style>{sheet}</style>{shape.html}")
    except InlineError:
        return shape.html


def _refuse_lost_links(shape: Shape, cleaned: str) -> None:
    kept = {html.unescape(found) for found in _LINK.findall(cleaned)}
    for address in shape.links:
        if address not in kept and PLACEHOLDER.search(address):
            raise Unfit(Sentence(DEAD_LINK, {"link": address[:100]}))


def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(elements.TAGS),
        attributes={name: set(kept) for name, kept in elements.ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        url_relative=relative,
        link_rel=None,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        return sheets.harmless(value) or None
    if name == "src" and tag == "img":
        return value if value.lower().startswith("https://") else None
    return value


def relative(address: str) -> str | None:
    """There is no page that an address could be relative to; a placeholder may hold a whole one."""
    return address if PLACEHOLDER.match(address) else None
