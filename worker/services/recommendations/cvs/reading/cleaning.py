"""Text of a file, made fit to be compared and stored: letters as they are typed, nothing that no reader sees."""

import re
import unicodedata

MOST_CHARACTERS = 8_000

# Ligatures, letters in the shape they have within a word, and full-width ones: the same letters as they are typed.
_PRESENTED = re.compile("[\ufb00-\ufdff\ufe70-\ufefe\uff00-\uffef]+")
# A soft hyphen stands where a word may be torn; at a line's end it was.
_TORN = re.compile("\u00ad[ \t]*\r?\n[ \t]*")
_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r" ?\n(?: ?\n)+ ?")
# Control and format characters, halves of characters, private and unassigned ones.
_NO_TEXT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def cleaned(text: str) -> str:
    """At most 8,000 characters. Line ends stay; words that a soft hyphen parts are whole again."""
    whole = _TORN.sub("", _LINE_ENDS.sub("\n", text[: 8 * MOST_CHARACTERS]))
    typed = unicodedata.normalize("NFC", _PRESENTED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), whole))
    shown = "".join(each if each in "\n\t" or unicodedata.category(each) not in _NO_TEXT else "" for each in typed)
    lines = _BLANKS.sub(" ", shown).replace(" \n", "\n").replace("\n ", "\n")
    return _EMPTY_LINES.sub("\n", lines).strip()[:MOST_CHARACTERS].rstrip()
