"""The report's post: headline, place, type, company, summary, link and hashtags, in the offer's language."""

import re
import unicodedata

from worker.kit.localisation import message, translate
from worker.services.email.wording import formats
from worker.services.publishing.channels.channel import Composition
from worker.services.publishing.offers import PublishableOffer

LONGEST_SUMMARY = 500
LONGEST_HASHTAG = 60
COMMON_HASHTAGS = {
    "fr": ("Recrutement", "Emploi", "JobSearch", "Hiring"),
    "en": ("Recruitment", "Jobs", "JobSearch", "Hiring"),
}
_HEADLINE = message("📢 Nouvelle Opportunité : %(title)s")
_LOCATION = message("📍 Localisation : %(location)s")
_TYPE = message("💼 Type : %(type)s")
_COMPANY = message("🏢 Entreprise : %(company)s")
_APPLY = message("🔗 Postuler maintenant : %(link)s")
# What a reader takes for a sentence's end is no place to stop either: the cut says so itself.
_TAIL = " ,;:.…-–—/(["
_LAST_WORD = re.compile(r"\S+\Z")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


def post_text(parts: Composition) -> str:
    """All but the hashtags. The recruiter's words stand in place of headline and summary; the title stays."""
    return "\n\n".join((introduction(parts), invitation(parts)))


def introduction(parts: Composition) -> str:
    offer, locale = parts.offer, parts.language
    summary = cut(clean(offer.summary), LONGEST_SUMMARY)
    if parts.message:
        blocks = (clean_lines(parts.message), facts(offer, locale, f"📢 {clean(offer.title)}"), "")
    else:
        headline = translate(locale, _HEADLINE, title=clean(offer.title))
        blocks = (headline, facts(offer, locale), summary)
    return "\n\n".join(filter(None, blocks))


def invitation(parts: Composition) -> str:
    return translate(parts.language, _APPLY, link=parts.link)


def facts(offer: PublishableOffer, locale: str, *first: str) -> str:
    """Lines about place, type and company; what is not known has none."""
    place, kind = clean(place_of(offer, locale)), clean(formats.kind(offer.job_type, locale))
    lines = (
        *first,
        translate(locale, _LOCATION, location=place) if place else "",
        translate(locale, _TYPE, type=kind) if kind else "",
        translate(locale, _COMPANY, company=clean(offer.company_name)) if offer.company_name else "",
    )
    return "\n".join(filter(None, lines))


def place_of(offer: PublishableOffer, locale: str) -> str:
    """`Douala`, `Douala · Hybride`, `À distance`."""
    beyond = "" if offer.location_type in ("", "on_site", "onsite") else formats.kind(offer.location_type, locale)
    return " · ".join(filter(None, (offer.location, beyond)))


def hashtags(offer: PublishableOffer, locale: str) -> tuple[str, ...]:
    """The report's, then the company's and the offer's own town; each once, whatever its capitals."""
    own = (hashtag(offer.company_name), hashtag(re.split(r"[,;/(]", offer.location)[0]))
    found: dict[str, str] = {}
    for word in (*COMMON_HASHTAGS[locale], *own):
        if word:
            found.setdefault(word.casefold(), word)
    return tuple(found.values())


def hashtag(text: str) -> str:
    """The words of a name as one: letters and digits only, accents stay; empty where no letter is left."""
    composed = unicodedata.normalize("NFC", text)
    words = ["".join(each for each in word if each.isalnum()) for word in composed.split()]
    joined = "".join(word[:1].upper() + word[1:] for word in words)[:LONGEST_HASHTAG]
    return joined if any(each.isalpha() for each in joined) else ""


def cut(text: str, most: int) -> str:
    """At most so many characters, ended on a word where one is in reach, with an ellipsis when something is missing."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    if not text[most - 1].isspace():
        on_word = _LAST_WORD.sub("", kept)
        kept = on_word if len(on_word) > most // 2 else kept
    return f"{kept.rstrip(_TAIL)}…"


def clean(text: str) -> str:
    """One line without characters that no reader sees, which networks drop or turn the line around with."""
    return " ".join(_INVISIBLE.sub("", text).split())


def clean_lines(text: str) -> str:
    """The same for what a person typed in several lines: at most one empty one between two."""
    lines = [clean(line) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
