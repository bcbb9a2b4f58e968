"""The elements of HTML that we know, what they may carry and what may stand in them."""

from collections.abc import Mapping


def _names(line: str) -> frozenset[str]:
    return frozenset(line.split())


_CELL = _names("align bgcolor colspan height rowspan valign width")
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "*": _names("dir lang style"),
    "a": _names("href title"),
    "font": _names("color face size"),
    "hr": _names("align size width"),
    "img": _names("align alt border height src title width"),
    "ol": _names("start type"),
    "table": _names("align bgcolor border cellpadding cellspacing height role width"),
    "td": _CELL,
    "th": _CELL,
    "tr": _names("align bgcolor valign"),
}
TAGS = _names(
    "a abbr b big blockquote br center code del div em font h1 h2 h3 h4 h5 h6 hr i img ins li mark ol p pre q s small "
    "span strike strong sub sup table tbody td tfoot th thead tr u ul"
)
# They hold content and lay it out, and leave their words behind when they are taken out.
_FRAMES = _names("address article aside dd dl dt fieldset figcaption figure footer header main nav section")
KNOWN = TAGS | _FRAMES
# Their text is not for the reader. Others, such as scripts, have been left out with their content already.
SILENT = _names("applet audio canvas datalist math noscript object select svg template video")
VOID = _names("br hr img")
FORMATTING = _names("a b big code em font i s small strike strong u")
HEADINGS = _names("h1 h2 h3 h4 h5 h6")
BLOCKS = _FRAMES | HEADINGS | _names("blockquote center div hr li ol p pre table ul")
CELLS = _names("td th")
SECTIONS = _names("tbody tfoot thead")
ROWS = SECTIONS | {"table", "tr"}
TABLE = ROWS | CELLS
SCOPE = CELLS | {"table"}
BOUNDARIES = BLOCKS | TABLE
ITEM_SCOPE = BOUNDARIES - _names("address div p")
ITEMS: Mapping[str, frozenset[str]] = {
    "li": frozenset({"li"}),
    "dd": _names("dd dt"),
    "dt": _names("dd dt"),
}
