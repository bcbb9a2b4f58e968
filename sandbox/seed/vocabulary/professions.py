"""What a profession is: its titles, its work, what it asks for and what it pays."""

from dataclasses import dataclass

from sandbox.seed.vocabulary.companies import Sector


@dataclass(frozen=True, slots=True)
class English:
    """The profession's wording in offers written in English."""

    title: str
    mission: str
    tasks: tuple[str, ...]
    degree: str


@dataclass(frozen=True, slots=True)
class Profession:
    """`salary` holds the lowest monthly pay of a beginner, an experienced and a senior person, in thousands of
    francs; `tasks` are infinitives; no `sectors` means that every company employs it.
    """

    masculine: str
    feminine: str
    salary: tuple[int, int, int]
    mission: str
    tasks: tuple[str, ...]
    degrees: tuple[str, ...]
    skills: tuple[str, ...]
    sectors: tuple[Sector, ...] = ()
    english: English | None = None

    @property
    def leads(self) -> bool:
        """Whether nobody starts a working life in it."""
        return self.masculine.startswith(("Chef ", "Responsable ", "Conducteur ", "Coordinateur "))
