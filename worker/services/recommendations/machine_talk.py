"""Sentences that speak to a machine instead of a recruiter, taken out before a language model reads them.

They would change nothing either where they stayed: what a model answers is checked against the texts. But whoever
wrote none should not be read beside such words.
"""

import re

from worker.services.matching.normalise import fold

_SENTENCE = re.compile(r"[^\n\r.!?;|•]+(?:[.](?=\S)[^\n\r.!?;|•]+)*[.!?;|•]*|[\n\r.!?;|•]+")
_TO_A_MACHINE = re.compile(
    r"""
    \b(?:ignor|oubli|disregard|forget|overrid|bypass|contourn|neglig)\w*\b.{0,40}
        \b(?:instruction|consigne|directive|regle|rule|prompt|above|precedent|previous|ci-dessus|everything|tout)
    | \b(?:repon[ds]\w*|reply|respond|answer|output|renvoi\w*|retourn\w*|return|affich\w*|print)\b\s*
        (?:simplement\s|uniquement\s|just\s|only\s|toujours\s|always\s|par\s|with\s|:\s?)*["'«]?\s?(?:100|cent\b|hundred|oui\b|yes\b)
    | \b(?:attribu|donn|mets?\b|mettre|assign|give|set|rate|note|score|classe|rank)\w*\b.{0,40}
        \b(?:100|10\s?/\s?10|cent|perfect|parfait\w*|maximal\w*|maximum|top|highest)\b
        (?:\W*$|.{0,20}(?:%|/\s?100|points?|score|note|pour\scent|percent|candid\w+))
    | \b(?:score|note)\s(?:of|de|=|:)?\s?(?:100|cent|max\w*)\b
    | \b(?:system|systeme|developer)\s(?:prompt|message|instructions?)\s?:
    | \b(?:you|tu|vous)\s(?:are|es|etes)\s(?:now\s|desormais\s|maintenant\s)?(?:an?\s|une?\s)?
        (?:ai\b|ia\b|llm|language\smodel|modele\sde\slangage|assistant|chatgpt|claude|gpt)
    | \b(?:as|en\stant\squ')\s?(?:an?\s|une?\s)?(?:ai\b|ia\b|llm|language\smodel|assistant)
    | \b(?:dear|cher|chere|attention|note\sto|note\sa|hello|bonjour)\s(?:the\s|l'|a\sl')?
        (?:ai\b|ia\b|llm|claude|chatgpt|gpt|assistant|model)
    | \b(?:jailbreak|prompt\sinjection|do\sanything\snow)\b
    | \b(?:recommend|recommand|select|hire|embauch|retien|choisi)\w*\b.{0,30}
        \b(?:immediately|immediatement|without\sreading|sans\slire|regardless|quoi\squ)
    | <\s*/?\s*(?:system|instruction|prompt|assistant|human|user)s?\s*>
    | \[/?(?:inst|system)\]
    """,
    re.VERBOSE,
)


def without_machine_talk(text: str) -> str:
    """The text without such sentences."""
    kept = "".join(each for each in _SENTENCE.findall(text) if not _TO_A_MACHINE.search(fold(each)))
    return "\n".join(line.strip() for line in kept.splitlines() if line.strip())
