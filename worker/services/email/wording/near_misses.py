"""Braces that somebody may have meant as a placeholder: `{{name}}`, `{ name }`, `{Name}`, `{camelCase}`, `{a-dash}`."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from worker.services.email.wording.placeholders import PLACEHOLDER

_BRACES = re.compile(
    r"\$?(?<![{\uff5b])(?P<open>[{\uff5b]++)(?P<inside>[^{}\uff5b\uff5d\n]{1,100}+)(?P<close>[}\uff5d]++)"
)
LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Braces:
    """Braces as they are written, what stands in them as one would say it, and the variable of that name."""

    written: str
    said: str
    name: str | None


def find(text: str, known: Iterable[str]) -> Iterator[Braces]:
    """All braces in a text but placeholders, each once. A line break ends them."""
    by_letters = {_letters(name): name for name in known}
    for written in dict.fromkeys(found[0] for found in _BRACES.finditer(text)):
        found = _BRACES.fullmatch(written)
        if found is not None and not PLACEHOLDER.fullmatch(written):
            letters = _letters(found["inside"])
            shown = "".join(each for each in written if unicodedata.category(each) != "Cf")
            yield Braces(shown[:LONGEST_SHOWN], letters, by_letters.get(letters))


def _letters(text: str) -> str:
    """Letters alone, small and without marks: however a name is spaced, joined or capitalised, it has the same."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in plain if each.isalpha())
