"""The templates that come with the platform: one for every type, in French and in English."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from models.enums import TemplateType
from worker.kit.localisation import known_locale


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A system template; `body` is HTML."""

    kind: TemplateType
    locale: str
    name: str
    subject: str
    body: str


def built_ins(locale: str) -> tuple[BuiltIn, ...]:
    """One of every type, in the order of the types."""
    return tuple(built_in(kind, locale) for kind in TemplateType)


@lru_cache(maxsize=64)
def built_in(kind: TemplateType, locale: str) -> BuiltIn:
    """The type's template in the locale; a locale we lack reads as French. Its file: name, subject, blank, body."""
    return _read("built_in", kind.value, kind, known_locale(locale))


@lru_cache(maxsize=16)
def for_organiser(occasion: str, locale: str) -> BuiltIn:
    """What a recruiter reads about his own interview: no employer rewords it. occasion: of a file in `organiser`."""
    return _read("organiser", occasion, TemplateType.CUSTOM, known_locale(locale))


def _read(folder: str, stem: str, kind: TemplateType, locale: str) -> BuiltIn:
    file = files("worker.services.email") / "templates" / folder / f"{stem}.{locale}.html"
    name, subject, _, body = file.read_text(encoding="utf-8").split("\n", 3)
    return BuiltIn(kind, locale, name, subject, body)
