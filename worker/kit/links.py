"""Links in texts of others."""

import re

# What may go on with an address: `?ref=p-5` does not stand in `?ref=p-56`.
_MORE = r"(?![\w%&=+~/-]|[.?#][\w%])"


def holds(text: str, link: str) -> bool:
    """Whether the text holds this very link, and not only a longer one that begins like it."""
    return re.search(re.escape(link) + _MORE, text) is not None
