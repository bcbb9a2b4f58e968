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
    spoken = known_locale(locale)
    file = files("worker.services.email") / "templates" / "built_in" / f"{kind.value}.{spoken}.html"
    name, subject, _, body = file.read_text(encoding="utf-8").split("\n", 3)
    return BuiltIn(kind, spoken, name, subject, body)
