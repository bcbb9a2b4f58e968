"""All professions, and which of them a sector employs."""

from sandbox.seed.vocabulary.companies import Sector
from sandbox.seed.vocabulary.digital import DIGITAL
from sandbox.seed.vocabulary.finance import FINANCE
from sandbox.seed.vocabulary.industry import INDUSTRY
from sandbox.seed.vocabulary.professions import Profession
from sandbox.seed.vocabulary.society import SOCIETY

PROFESSIONS = (*DIGITAL, *FINANCE, *INDUSTRY, *SOCIETY)

# A company looks for its own trades more often than for those of every office.
OWN_TRADE_WEIGHT = 3


def employed_by(sector: Sector) -> tuple[tuple[Profession, ...], tuple[int, ...]]:
    """The professions of a sector and how often each is wanted, relative to the others."""
    found = [profession for profession in PROFESSIONS if not profession.sectors or sector in profession.sectors]
    return tuple(found), tuple(OWN_TRADE_WEIGHT if profession.sectors else 1 for profession in found)
