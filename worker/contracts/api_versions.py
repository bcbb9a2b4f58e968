"""The versions of LinkedIn's API, each named after its month: which of them live, and for how long.

Source: LinkedIn, "API migrations", read in September 2026. A version lives for at least twelve months.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

LINKEDIN_SUNSETS: Mapping[str, date] = {
    "202509": date(2026, 9, 15),
    "202510": date(2026, 10, 15),
    "202511": date(2026, 11, 16),
    "202601": date(2027, 1, 15),
    "202602": date(2027, 2, 15),
    "202603": date(2027, 3, 16),
    "202604": date(2027, 4, 15),
    "202605": date(2027, 5, 15),
    "202606": date(2027, 6, 15),
    "202607": date(2027, 7, 15),
}
NEVER_MADE = frozenset({"202512"})
AGEING_MONTHS = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """sunset: the day from which the version is refused; the first that LinkedIn's promise allows where it has named
    none. months: its age. exists: whether there is, or was, such a version.
    """

    version: str
    today: date
    sunset: date
    months: int
    exists: bool

    @property
    def alive(self) -> bool:
        return self.exists and self.today < self.sunset

    @property
    def ageing(self) -> bool:
        """It lives, and has to be replaced soon."""
        return self.alive and self.months >= AGEING_MONTHS

    @property
    def weeks_left(self) -> int:
        return max((self.sunset - self.today).days, 0) // 7


def linkedin_standing(version: str, today: date) -> Standing:
    """version: YYYYMM, as the setting's pattern allows."""
    year, month = int(version[:4]), int(version[4:])
    months = (today.year - year) * 12 + today.month - month
    sunset = LINKEDIN_SUNSETS.get(version) or date(year + 1, month, 15)
    return Standing(version, today, sunset, months, exists=months >= 0 and version not in NEVER_MADE)


def linkedin_fault(version: str, today: date) -> str | None:
    """A sentence where the version is refused already, or will be soon."""
    found = linkedin_standing(version, today)
    if found.alive and not found.ageing:
        return None
    if not found.exists:
        says = f"LinkedIn's API has no version {version}: every post is refused"
    elif not found.alive:
        says = f"LinkedIn ended version {version} of its API on {_day(found.sunset)}: every post is refused"
    else:
        says = (
            f"Version {version} of LinkedIn's API is {found.months} months old and ends on {_day(found.sunset)}, in "
            f"{found.weeks_left} weeks"
        )
    return f"{says}. Set LINKEDIN_API_VERSION to a newer month and restart the API and the workers."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
