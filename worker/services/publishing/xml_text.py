"""XML 1.0, written a piece at a time with its values in CDATA sections.

Boards ask for CDATA, which the standard library's streaming writers cannot write; those that can build the whole
document in memory, or refuse a value that holds `]]>`.
"""

import re

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

# All but the characters that XML 1.0 knows (production 2 of the recommendation).
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """The text without the characters that no XML 1.0 document may hold, not even as references."""
    return _ILLEGAL.sub("", text)


def element(name: str, value: str) -> str:
    """One element with one text, which a parser reads as it was, but for illegal characters.

    `]]>` is split over two sections; a carriage return, which parsers would turn into a line feed, stands between two.
    """
    inner = legal(value).replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#13;<![CDATA[")
    return f"<{name}><![CDATA[{inner}]]></{name}>"
