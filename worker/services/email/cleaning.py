"""What of an employer's HTML is kept: text, tables, images by https, links, harmless inline styles."""

import re

import nh3
from css_inline import CSSInliner, InlineError


def _words(line: str) -> set[str]:
    return set(line.split())


_CELL = _words("align bgcolor colspan height rowspan valign width")
_ATTRIBUTES = {
    "*": {"dir", "lang", "style"},
    "a": {"href", "title"},
    "font": {"color", "face", "size"},
    "hr": {"align", "size", "width"},
    "img": {"align", "alt", "border", "height", "src", "title", "width"},
    "ol": {"start", "type"},
    "table": {"align", "bgcolor", "border", "cellpadding", "cellspacing", "height", "role", "width"},
    "td": _CELL,
    "th": _CELL,
    "tr": {"align", "bgcolor", "valign"},
}
_TAGS = _words(
    "a abbr b big blockquote br center code del div em font h1 h2 h3 h4 h5 h6 hr i img ins li mark ol p pre q s small "
    "span strike strong sub sup table tbody td tfoot th thead tr u ul"
)
# Their text is not for the reader.
_WITH_CONTENT = _words("iframe math noscript object script select style svg template textarea title")
_STYLE = re.compile(
    r"(?:background|background-color|border(?:-[a-z-]+)?|color|display|font(?:-[a-z-]+)?|height|letter-spacing"
    r"|line-height|list-style(?:-type)?|margin(?:-[a-z]+)?|max-width|min-width|padding(?:-[a-z]+)?|text-[a-z-]+"
    r"|vertical-align|white-space|width|word-break)"
)
# No address, escape, placeholder or negative length: none of them belongs to a harmless value.
_UNSAFE_VALUE = re.compile(
    r"[\\{}<>@]|(?<![\w.])-\s*\.?\d|(?:url|image|image-set|expression|element|var|attr)\s*\(|/\*|javascript:",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:[;\"\s]color|background(?:-color)?)\s*:|\s(?:bgcolor|color)=", re.IGNORECASE)
_LEADING_PLACEHOLDER = re.compile(r"\{[a-z_]{2,40}\}(?:[/?#].*)?", re.DOTALL)
_IMAGE_WITHOUT_SOURCE = re.compile(r"<img(?![^<>]*\ssrc=)[^<>]*>")
# First, so that the employer's own rules win.
_BASE = (
    "<style>p{margin:0 0 16px}ul,ol{margin:0 0 16px;padding-left:24px}li{margin:0 0 6px}"
    "h1,h2,h3{margin:0 0 12px;line-height:1.3}img{max-width:100%}</style>"
)


def clean(html: str) -> str:
    """A balanced fragment: style sheets moved into the elements, all that runs, asks or loads taken out.

    Attributes are quoted and free of `"`, `<` and `>`; a link goes to http, https, mailto or a leading placeholder.
    """
    return _IMAGE_WITHOUT_SOURCE.sub("", _cleaner().clean(_inlined(html)))


def has_colours(html: str) -> bool:
    """Whether a cleaned fragment sets colours of its own, which a dark theme must then leave alone."""
    return _COLOUR.search(html) is not None


def _inlined(html: str) -> str:
    try:
        return CSSInliner(load_remote_stylesheets=False).inline(_BASE + html)
    except InlineError:
        return html


def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        url_relative=_relative,
        link_rel=None,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        return _style(value) or None
    if name == "src" and tag == "img":
        return value if value.lower().startswith("https://") else None
    return value


def _style(value: str) -> str:
    kept = []
    for declaration in value.split(";"):
        name, _, content = (part.strip() for part in declaration.partition(":"))
        if content and _STYLE.fullmatch(name.lower()) and not _UNSAFE_VALUE.search(content):
            kept.append(f"{name.lower()}:{content}")
    return ";".join(kept)


def _relative(address: str) -> str | None:
    """There is no page that an address could be relative to; a placeholder may hold a whole one."""
    return address if _LEADING_PLACEHOLDER.fullmatch(address) else None
