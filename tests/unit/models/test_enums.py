"""Both vocabularies go in, one comes out, and nothing is lost between label and own column."""

import pytest

from models import enums
from models.base import native
from models.enums import (
    AlertFrequency,
    IntegrationProvider,
    InterviewStatus,
    JobType,
    NotificationKind,
    PostingChannel,
    SharedKind,
    TemplateType,
    Word,
)
from tests.factories import main_web_app

SHARED: dict[str, type[SharedKind]] = {
    "userrole": enums.UserRole,
    "skillcategory": enums.SkillCategory,
    "notificationtype": NotificationKind,
    "emailtemplatetype": TemplateType,
    "jobalertfrequency": AlertFrequency,
    "interviewschedulestatus": InterviewStatus,
    "jobpostingchannel": PostingChannel,
    "integrationprovider": IntegrationProvider,
}
EVERY_KIND = [kind for kinds in SHARED.values() for kind in kinds]


@pytest.mark.parametrize("name", SHARED)
def test_the_database_type_has_the_main_web_apps_labels(name: str) -> None:
    labels = main_web_app.described("production")["enums"][name]
    assert native(name, SHARED[name]).enums == labels
    assert {kind.label for kind in SHARED[name]} == set(labels)


@pytest.mark.parametrize("kind", EVERY_KIND, ids=repr)
def test_storing_and_reading_gives_the_same_kind(kind: SharedKind) -> None:
    assert type(kind).stored(kind.label, kind.own) is kind
    assert type(kind).stored(kind.label.lower(), kind.own) is kind


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("DAILY", AlertFrequency.DAILY),
        ("monthly", AlertFrequency.MONTHLY),
        ("Welcome", TemplateType.WELCOME_CANDIDATE),
        ("WELCOME_CANDIDATE", TemplateType.WELCOME_CANDIDATE),
        ("rejection", TemplateType.APPLICATION_REJECTED),
        ("follow-up", TemplateType.FOLLOW_UP),
        ("company_career_page", PostingChannel.INTOWORK),
        ("cancelled", InterviewStatus.CANCELED),
        ("NO_SHOW", InterviewStatus.NO_SHOW),
        ("google-calendar", IntegrationProvider.GOOGLE_CALENDAR),
        ("outlook", IntegrationProvider.OUTLOOK_CALENDAR),
        (" FULL_TIME ", JobType.FULL_TIME),
    ],
)
def test_both_vocabularies_are_accepted_in_any_case(word: str, meant: Word) -> None:
    assert type(meant).parse(word) is meant


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        (AlertFrequency.MONTHLY, "WEEKLY"),
        (InterviewStatus.NO_SHOW, "CANCELED"),
        (TemplateType.FOLLOW_UP, "CUSTOM"),
        (TemplateType.JOB_ALERT, "CUSTOM"),
        (NotificationKind.MATCHING_JOBS, "NEW_JOB"),
        (NotificationKind.POST_FAILED, "SYSTEM"),
    ],
)
def test_kinds_of_our_own_are_stored_under_the_nearest_label(kind: SharedKind, label: str) -> None:
    assert (kind.label, kind.own) == (label, str(kind))


def test_an_own_value_counts_only_under_its_label() -> None:
    assert AlertFrequency.stored("DAILY", "monthly") is AlertFrequency.DAILY
    assert AlertFrequency.stored("WEEKLY") is AlertFrequency.WEEKLY
    assert AlertFrequency.stored("WEEKLY", "something else") is AlertFrequency.WEEKLY


def test_an_unknown_word_is_refused_with_the_words_there_are() -> None:
    with pytest.raises(ValueError, match=r"'hourly' is not one of: instant, daily, weekly, monthly\."):
        AlertFrequency.parse("hourly")
