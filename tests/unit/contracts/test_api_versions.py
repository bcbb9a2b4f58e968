"""Which versions of LinkedIn's API live, and what is said of those that do not."""

from datetime import date, timedelta

import pytest

from worker.contracts.api_versions import LINKEDIN_SUNSETS, linkedin_fault, linkedin_standing

TODAY = date(2026, 11, 27)


def test_a_version_of_the_year_before_is_dead() -> None:
    standing = linkedin_standing("202509", TODAY)
    assert (standing.alive, standing.ageing) == (False, False)
    told = linkedin_fault("202509", TODAY)
    assert told == (
        "LinkedIn ended version 202509 of its API on 15 September 2026: every post is refused. Set "
        "LINKEDIN_API_VERSION to a newer month and restart the API and the workers."
    )


def test_one_that_ends_soon_works_and_is_told() -> None:
    standing = linkedin_standing("202601", TODAY)
    assert (standing.alive, standing.ageing, standing.months, standing.weeks_left) == (True, True, 10, 7)
    told = linkedin_fault("202601", TODAY)
    assert told is not None
    assert told.startswith(
        "Version 202601 of LinkedIn's API is 10 months old and ends on 15 January 2027, in 7 weeks. Set "
        "LINKEDIN_API_VERSION"
    )


@pytest.mark.parametrize("version", ["202602", "202605", "202608", "202609", "202611"])
def test_of_younger_ones_nothing_is_said(version: str) -> None:
    assert linkedin_standing(version, TODAY).alive
    assert linkedin_fault(version, TODAY) is None


@pytest.mark.parametrize("version", ["202512", "202612", "203001"])
def test_versions_that_nobody_made_are_refused(version: str) -> None:
    assert not linkedin_standing(version, TODAY).alive
    assert f"LinkedIn's API has no version {version}" in str(linkedin_fault(version, TODAY))


@pytest.mark.parametrize("version", sorted(LINKEDIN_SUNSETS))
def test_a_version_lives_to_the_eve_of_its_end(version: str) -> None:
    end = LINKEDIN_SUNSETS[version]
    assert end >= date(int(version[:4]) + 1, int(version[4:]), 15)
    assert linkedin_standing(version, end - timedelta(days=1)).ageing
    assert not linkedin_standing(version, end).alive


def test_one_without_a_known_end_lives_as_long_as_was_promised() -> None:
    standing = linkedin_standing("202609", TODAY)
    assert standing.sunset == date(2027, 9, 15)
    assert not linkedin_standing("202609", date(2027, 6, 30)).ageing
    assert linkedin_standing("202609", date(2027, 7, 1)).ageing
    assert not linkedin_standing("202001", TODAY).alive
