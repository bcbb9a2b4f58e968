"""Languages that somebody says he speaks, and not those that only name a people, a street or a person."""

import re
from collections.abc import Iterator
from functools import cache

from worker.services.recommendations import lists
from worker.services.recommendations.texts import Phrase, phrases, plain_words
from worker.services.recommendations.vocabulary.everything import vocabulary

_NATIONALITY = re.compile(
    r"\b(?:nationalites?|nationality|citizenship|citoyennete|ressortissante?s?)\b\W{0,5}[\w'-]{1,30}"
    r"(?:\s?(?:et|and|/|&)\s?[\w'-]{1,30})?|\b[\w'-]{1,30}\s(?:citizen|national)\b"
)
_SPEAKING = re.compile(
    r"\b(?:langues?|languages?|parlee?s?|parler|couramment|courante?|bilingue|trilingue|maternelle|lu|ecrite?|oral"
    r"|speak\w*|spoken|fluent\w*|native|bilingual|mother tongue|toeic|toefl|ielts|delf|dalf|[abc][12])\b"
)


def spoken(prose: str) -> Iterator[Phrase]:
    """prose: folded. A language counts in a line about languages, or where it stands for itself (`Anglais : C1`)."""
    hint = _hint()
    if not hint.search(prose):
        return
    for line in lists.lines(_NATIONALITY.sub(" ", prose)):
        if not hint.search(line):
            continue
        members = (member for part in lists.members(line) for member in part)
        named = plain_words(line) if _SPEAKING.search(line) else members
        yield from (phrase for name in named for phrase in phrases(name) if phrase.words in vocabulary().languages)


@cache
def _hint() -> re.Pattern[str]:
    """What no text lacks that names a language."""
    beginnings = sorted({re.escape(word) for words in vocabulary().languages for word in words})
    return re.compile(rf"\b(?:{'|'.join(beginnings)})")
