"""Text that is written from right to left, in the order in which it is read."""

import re
import unicodedata

RIGHT_TO_LEFT = frozenset({"R", "AL"})
# Numbers and words of the other direction keep theirs.
LEFT_TO_RIGHT = re.compile(r"[0-9A-Za-zÀ-ÿ](?:[0-9A-Za-zÀ-ÿ@.,:/+_-]*[0-9A-Za-zÀ-ÿ])?")
BRACKETS = str.maketrans("()[]{}«»<>", ")(][}{»«><")


def as_read(line: str) -> str:
    """line: as it stands on the page, from the left. Turned round when most of its letters are read from the right."""
    letters = [unicodedata.bidirectional(each) for each in line if each.isalpha()]
    if sum(each in RIGHT_TO_LEFT for each in letters) * 2 <= len(letters):
        return line
    turned = line[::-1].translate(BRACKETS)
    return LEFT_TO_RIGHT.sub(lambda found: found[0][::-1], turned)
