"""Lists of skills as people write them: lines, commas, brackets, and the words around a name that say how well."""

import re
from collections.abc import Iterator

from worker.services.matching.normalise import fold
from worker.services.matching.plain_text import plain_text

_LINE_MARK = re.compile(r"<(?:br|/?(?:li|p|div|ul|ol|tr|td|h[1-6]))\b[^<>]*>", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[\n\r;•▪●·‣]|[.!?:](?=\s|$)|\s[-–—*]\s|(?:^|\n)\s*[-–—*]")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_COMMA = re.compile(r",|\s/\s|\s\+\s|\|")
_AND = re.compile(r"\s(?:et|ou|and|or|et/ou|and/or)\s|\s?&\s", re.IGNORECASE)
_PLACE_MARK = re.compile(r"[,;()]")
_ELIDED = re.compile(r"^[dl]['’](?=\w)", re.IGNORECASE)
_EDGE = re.compile(r"^[^\w.]+|(?<=[\w+#])[^\w+#]+$")

_LEADING = frozenset(
    {
        *("a", "de", "des", "du", "d", "en", "et", "la", "le", "les", "l", "un", "une", "au", "aux", "avec", "sur"),
        *("bon", "bonne", "bonnes", "excellent", "excellente", "excellentes", "parfaite", "parfait", "tres", "forte"),
        *("fort", "solide", "solides", "maitrise", "maitriser", "connaissance", "connaissances", "pratique"),
        *("notion", "notions", "savoir", "utilisation", "utiliser", "usage", "outil", "outils", "logiciel"),
        *("logiciels", "langue", "langues", "langage", "langages", "niveau", "competence", "competences"),
        *("technique", "techniques", "ecrite", "comprehension", "expression", "orale", "redaction et", "familiarite"),
        *("aisance", "permis exige", "good", "strong", "working", "knowledge", "of", "proficiency", "proficient"),
        *("in", "with", "the", "an", "fluent", "command", "skills", "skill", "ability", "use", "understanding"),
        *("basic", "solid", "written", "spoken", "language", "familiarity", "experience"),
    }
)  # fmt: skip
_TRAILING = frozenset(
    {
        *("est", "sont", "serait", "seraient", "un", "une", "atout", "plus", "exige", "exigee", "exiges", "exigees"),
        *("souhaite", "souhaitee", "souhaites", "souhaitees", "apprecie", "appreciee", "appreciees", "requis"),
        *("requise", "requises", "obligatoire", "obligatoires", "indispensable", "indispensables", "necessaire"),
        *("avance", "avancee", "avances", "courant", "courante", "couramment", "confirme", "confirmee", "expert"),
        *("intermediaire", "debutant", "debutante", "bilingue", "lu", "ecrit", "parle", "niveau", "professionnel"),
        *("maitrise", "bon", "bonne", "excellent", "excellente", "notions", "scolaire", "technique", "natif"),
        *("required", "preferred", "is", "are", "a", "an", "asset", "advanced", "fluent", "intermediate", "beginner"),
        *("native", "basic", "basics", "level", "primary", "mandatory", "essential", "desirable", "skills", "senior"),
        *("a1", "a2", "b1", "b2", "c1", "c2", "valide", "valable", "en", "cours", "de", "validite"),
    }
)  # fmt: skip


def lines(field: str) -> Iterator[str]:
    """The sentences and the lines of an offer's field, which may hold HTML."""
    plain = plain_text(_LINE_MARK.sub("\n", field)) if "<" in field else field
    for line in _SENTENCE_END.split(plain):
        if line and line.strip():
            yield line


def members(line: str) -> tuple[list[str], list[str]]:
    """What a line lists, and what stands in its brackets: each without the words that only say how well."""
    inside = [part for found in _BRACKETS.findall(line) for part in _listed(found)]
    return _cores(_listed(_BRACKETS.sub(" ", line))), _cores(inside)


def halves(member: str) -> list[str]:
    """What an `and`, an `or` or a stroke joins; empty when nothing does."""
    parts = _AND.split(member) if _AND.search(member) else member.split("/")
    return _cores(parts) if len(parts) > 1 else []


def core(member: str) -> str:
    """A name without what leads to it and what says how well: `Excel` of `bonne maîtrise d’Excel avancé`."""
    words = _EDGE.sub("", member).split()
    first, end = 0, len(words)
    while first < end and _bare(words[first]) in _LEADING:
        first += 1
    while first < end and _bare(words[end - 1]) in _TRAILING:
        end -= 1
    found = words[first:end]
    if found:
        found[0] = _ELIDED.sub("", found[0])
    return _EDGE.sub("", " ".join(found))


def _listed(line: str) -> list[str]:
    *first, last = _COMMA.split(line)
    return [*first, *_AND.split(last)] if first else [last]


def _cores(parts: list[str]) -> list[str]:
    return [found for part in parts if (found := core(part.strip()))]


def _bare(word: str) -> str:
    return fold(word).strip("'.,:").removeprefix("d'").removeprefix("l'")


def place_parts(location: str) -> list[str]:
    """What stands between the commas and brackets of a place."""
    return [part for each in _PLACE_MARK.split(location) if (part := each.strip())]
