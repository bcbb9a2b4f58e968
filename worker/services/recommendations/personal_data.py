"""What tells who somebody is, taken out of what candidates wrote before a language model reads it.

As far as it can be found: the candidate's own names and addresses, e-mail addresses, links, telephone numbers, postal
addresses, and whole statements about birth, age, sex, origin, family, health, religion, pictures and leave. What stays
is the same text for whoever wrote it: a name leaves nothing behind that would tell how long it was.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from worker.services.matching.normalise import fold

SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the candidate is, to be found and left out; never told. names: first, last and further ones, in any order."""

    names: tuple[str, ...] = ()


NOBODY = Identity()

# A statement ends with its line, a sentence's stop, or a mark that parts the items of a list.
_STATEMENT = re.compile(r"[^\n\r.;|•·▪●◦\t!?]+(?:\.(?=\S)[^\n\r.;|•·▪●◦\t!?]+)*[.;|•·▪●◦\t!?]*|[\n\r.;|•·▪●◦\t!?]+")
_PART = re.compile(r"(?:[^,()–—/]|/(?=\S))+(?:[,()–—]|/(?=\s))*|[,()–—/]+")

_LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}|\b(?:linkedin|github|gitlab|facebook|twitter|instagram|x|t)"
    r"\.(?:com|me|co)/\S*",
    re.IGNORECASE,
)
# Nine digits and more, however they are parted; years and amounts have fewer, or no leading plus, zero or bracket.
_TELEPHONE = re.compile(
    r"(?<![\w.])(?:\+|00|\(\+?)\d[\d\s().-]{6,18}\d(?!\w)|(?<![\w.])0\d{1,2}(?:[\s.-]?\d{2}){3,4}(?!\w)"
)
_CIVIL = re.compile(
    r"(?<!\w)(?:M(?:me|lle|r|rs|s|\.|rs\.|r\.)|Madame|Monsieur|Mademoiselle)(?!\w)\.?[ \t]*(?=[A-ZÀ-Ý]|$)", re.MULTILINE
)
# Otherwise its stops would end a statement.
_BOX = re.compile(r"\b(?:B\.\s?P\.?|P\.\s?O\.\s?Box)(?=\s?:?\s?\d)", re.IGNORECASE)
_GAP = re.compile(r"[ \t]{2,}")

# Whole statements, by their folded words.
_ABOUT_SOMEBODY = re.compile(
    r"""
    \b(?:
      nee?\s(?:le\s\d|en\s(?:\w+\s)?\d{4}|a\b|aux?\b) | ne\(e\)
      | (?:date|lieu)\s(?:et\slieu\s)?de\snaissance | naissance\s?:
      | born\s(?:on|in|at)\b | (?:date|place)\sof\sbirth | birth\s?(?:day|date|place)
      | ages?\s?:\s?\d | agee?\sde\s\d | aged\s\d | ^\s*(?:1[89]|[2-6]\d)\sans\W*$ | \d{2}\syears\sold
      | sexe?\s?: | genre\s?: | gender\s?: | masculin\b | feminin\b | ^\s*(?:male|female|homme|femme)\s*$
      | nationalites?\b | nationality | citizenship | citoyennete | ressortissante?\b | ethni(?:e|city|que)\b
      | situation\s(?:matrimoniale|familiale|de\sfamille) | etat\scivil | (?:marital|civil)\sstatus
      | mariee?s?\b | celibataires? | divorcee?s?\b | veu(?:f|ve)s?\b | pacsee?s?\b | concubinage | fiancee?s?\b
      | married\b | unmarried | divorced\b | widow(?:ed|er)?\b
      | ^\s*(?:(?:pere|mere|parent|father|mother)\s(?:de|d'|of)\s?)?
        (?:\d+|une?|deux|trois|quatre|cinq|sans|one|two|three|no)\s(?:enfants?|child(?:ren)?|kids)(?:\sa\scharge)?\W*$
      | conges?\s(?:de\s)?(?:maternite|paternite|parental|parentaux|d'adoption|adoption|sabbatiques?)
      | (?:maternity|paternity|parental|adoption|family)\sleave | ^\s*(?:enceinte|pregnant)\b
      | religion\s?: | confession\s?:
      | ^\s*(?:chretien(?:ne)?|musulmane?|catholique|protestante?|muslim|christian)\W*$
      | rqth\b | ^\s*(?:travailleu(?:r|se)\s)?handicape?e?\b | ^\s*disabled\b | groupe\ssanguin | blood\s(?:group|type)
      | adresse\s?: | address\s?: | domicilie?e?\b | residant\b | demeurant\b
      | b\.?\s?p\.?\s?:?\s?\d+ | p\.?o\.?\sbox | boite\spostale
      | \d+\s?(?:bis|ter)?,?\s
        (?:rue|avenue|av|bd|boulevard|impasse|allee|route|chemin|place|quai|street|road|lane|drive)\b
      | (?:rue|avenue|boulevard|impasse|lotissement|residence)\s(?:de|du|des|d'|la|le|l') | ^\s*quartier\b
      | photo(?:graphie)?\s?: | passeport\s?n | (?:cni|carte\snationale|passport)\s?(?:n|:|d'identite)
      | tel(?:ephone)?\s?: | (?:gsm|mobile|portable|whatsapp|phone)\s?: | e-?mail\s?: | courriel\s?:
      | linkedin\s?: | skype\s?:
      | nom\s?: | prenoms?\s?: | noms?\set\sprenoms? | (?:first|last|full|sur)\s?name\s?: | name\s?:
    )
    """,
    re.VERBOSE,
)
# What stands behind the colon is of the same kind, to the end of the statement.
_LABELLED = re.compile(
    r"\s*(?:(?:date|lieu)\s(?:et\slieu\s)?de\snaissance|naissance|nationalites?|nationality|sexe?|genre|gender|age"
    r"|situation\s\w+(?:\sde\sfamille)?|etat\scivil|marital\sstatus|religion|adresse|address|domicile|residence|photo"
    r"|tel(?:ephone)?|gsm|mobile|portable|whatsapp|phone|e-?mail|courriel|contacts?|(?:pre)?noms?(?:\set\sprenoms?)?"
    r"|(?:first|last|full|sur)?\s?name|(?:place|date)\sof\sbirth)\s*:"
)
_ORIGINS = (
    "algerien|angolais|beninois|britannique|burkinabe|burundais|camerounais|canadien|centrafricain|chinois|comorien"
    "|congolais|djiboutien|egyptien|equatoguineen|espagnol|europeen|francais|gabonais|gambien|ghaneen|guineen|indien"
    "|italien|ivoirien|kenyan|libanais|liberien|malagasy|malgache|malien|marocain|mauricien|mauritanien|nigerian"
    "|nigerien|portugais|rwandais|santomeen|senegalais|sierraleonais|sud-africain|suisse|tchadien|togolais|tunisien"
    "|africain|belge|allemand|americain"
)
_ENGLISH_ORIGINS = (
    "algerian|angolan|beninese|british|burkinabe|cameroonian|canadian|chadian|chinese|congolese|egyptian|equatoguinean"
    "|french|gabonese|gambian|ghanaian|guinean|indian|italian|ivorian|kenyan|lebanese|liberian|malagasy|malian"
    "|mauritanian|mauritian|moroccan|nigerian|nigerien|portuguese|rwandan|senegalese|south african|spanish|togolese"
    "|tunisian"
)
# Alone: `banque gabonaise` says nothing about anybody. Languages are no origin, so these stand where nobody lists one.
_ORIGIN = re.compile(
    rf"\s*(?:de\snationalite\s)?(?:(?:{_ORIGINS})(?:n?e)?|{_ENGLISH_ORIGINS})(?:\s(?:citizen|national))?\W*"
)
_LANGUAGE = re.compile(
    "francaise?|anglaise?|espagnole?|portugaise?|allemande?|italien(?:ne)?|chinoise?|french|english|spanish|portuguese"
    "|german|italian|chinese|malgache|malagasy"
)


def without_personal_data(text: str, identity: Identity = NOBODY) -> str:
    """The same text, as far as it says nothing about who somebody is."""
    text = _BOX.sub("BP", text)
    text = _GAP.sub(" ", _nameless(_CIVIL.sub("", _LINK.sub("", text)), identity))
    kept = "".join(_kept(_TELEPHONE.sub("", text)))
    lines = (_GAP.sub(" ", line).strip(" ,;|•·\t-–—/()") for line in kept.splitlines())
    return "\n".join(line for line in lines if line)


def _kept(text: str) -> Iterator[str]:
    """Statements that say nothing about somebody; of a statement that does, the parts that do not."""
    for statement in _STATEMENT.findall(text):
        if _tells(statement):
            yield from _parts_kept(statement)
            yield " "
        else:
            yield statement


def _parts_kept(statement: str) -> Iterator[str]:
    """Behind a part that tells something stands its rest: a place, a date."""
    told = False
    if _LABELLED.match(fold(statement)):
        return
    for part in _PART.findall(statement):
        told = _tells(part) or (told and _is_rest(part))
        if not told:
            yield part


def _is_rest(part: str) -> bool:
    """A part of a statement about somebody that says nothing without it: a date, a number, one capitalised word."""
    words = part.split()
    return len(words) <= 2 and all(word[:1].isupper() or not word[:1].isalpha() for word in words)


def _tells(statement: str) -> bool:
    folded = fold(statement)
    if _ABOUT_SOMEBODY.search(folded.strip()) or _LABELLED.match(folded):
        return True
    if not _ORIGIN.fullmatch(folded):
        return False
    return _LANGUAGE.fullmatch(folded.strip(" .,;:|")) is None


def _nameless(text: str, identity: Identity) -> str:
    """Without the names, whatever their marks and cases are; each run of them leaves one space."""
    parts = list(_name_parts(identity.names))
    if not parts:
        return text
    name = f"(?:{'|'.join(sorted(map(_in_any_spelling, parts), key=len, reverse=True))})(?!\\w)"
    another = rf"(?:[\s,.'’-]*(?:(?:{_PARTICLES})[\s'’-]+){{0,2}}{name})"
    return re.sub(rf"(?<!\w){name}{another}*", " ", text, flags=re.IGNORECASE)


# Without `de` nobody is nameless, and every other sentence is broken.
_PARTICLES = "a[ltun]?|au|ben|bin|d[aeiou]s?|der|e[lnt]|il|in|l[ae]s?|ou|of|on|or|the|un|von|y"
_PARTICLE = re.compile(_PARTICLES)


def _name_parts(names: Collection[str]) -> Iterator[str]:
    seen = set()
    for name in names:
        for part in re.split(r"[\s'’-]+", name):
            folded = fold(part).strip(".")
            if len(folded) >= SHORTEST_NAME and folded not in seen and not _PARTICLE.fullmatch(folded):
                seen.add(folded)
                yield folded


_MARKED = {
    "a": "aàáâãäå", "c": "cç", "e": "eèéêë", "i": "iìíîï", "n": "nñ", "o": "oòóôõö", "u": "uùúûü", "y": "yýÿ"
}  # fmt: skip


def _in_any_spelling(name: str) -> str:
    return "".join(f"[{_MARKED[letter]}]" if letter in _MARKED else re.escape(letter) for letter in name)
