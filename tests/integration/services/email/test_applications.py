"""What the platform fills into a mail about an application."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.integration.services.support import Platform
from worker.services.email.recipients import directory
from worker.services.email.recipients.directory import Recipient

# A Tuesday; Libreville and Paris are an hour ahead of UTC in winter.
TUESDAY = datetime(2031, 1, 7, 9, 30, tzinfo=UTC)


def apply(platform: Platform, candidate_id: int = 1, **job: Any) -> int:
    """An application of this candidate for a new offer; its id."""
    job_id = platform.offer("Comptable <senior>", **job)
    return platform.app(
        lambda connection: main_web_app.insert_application(
            connection, job_id, candidate_id, applied_at=datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
        )
    )


def interview(platform: Platform, application_id: int, **values: Any) -> int:
    return platform.app(lambda connection: main_web_app.insert_interview(connection, application_id, 1, **values))


def context_of(platform: Platform, application_id: int, **options: Any) -> Recipient:
    found = platform.do(
        lambda connection: directory.of_applications(
            connection, [application_id], options.pop("company_id", 1), **options
        )
    )
    return found[application_id]


def test_every_variable_is_filled_where_there_is_data(platform: Platform) -> None:
    application = apply(platform)
    interview(
        platform,
        application,
        scheduled_at=TUESDAY,
        timezone="Africa/Libreville",
        location="12 boulevard de l’Indépendance",
        meeting_link="https://meet.example.org/x",
    )
    found = context_of(platform, application)
    assert (found.address, found.user_id, found.locale, found.reply_to) == (
        "paul.ndong@example.org",
        2,
        "fr",
        "awa.mba@example.org",
    )
    assert found.values == {
        "candidate_name": "Paul Ndong",
        "candidate_first_name": "Paul",
        "candidate_last_name": "Ndong",
        "candidate_email": "paul.ndong@example.org",
        "job_title": "Comptable <senior>",
        "job_location": "Libreville",
        "company_name": "Gabon Numérique",
        "recruiter_name": "Awa Mba",
        "recruiter_email": "awa.mba@example.org",
        "application_status": "Reçue",
        "application_date": "1er novembre 2026",
        "interview_date": "mardi 7 janvier 2031",
        "interview_time": "10:30 (heure de Libreville)",
        "interview_location": "12 boulevard de l’Indépendance",
        "interview_link": "https://meet.example.org/x",
    }


def test_the_same_values_in_english(platform: Platform) -> None:
    application = apply(platform)
    interview(platform, application, scheduled_at=TUESDAY, timezone="Africa/Abidjan")
    values = context_of(platform, application).values_in("en")
    assert values["application_status"] == "Received"
    assert values["application_date"] == "November 1, 2026"
    assert values["interview_date"] == "Tuesday, January 7, 2031"
    assert values["interview_time"] == "9:30 AM (Abidjan time)"
    assert "interview_location" not in values
    assert context_of(platform, application).values["interview_time"] == "09:30 (heure d’Abidjan)"


@pytest.mark.parametrize("zone", [None, "", "Nowhere/Else", "../etc/passwd"])
def test_an_unknown_time_zone_is_the_home_of_the_platform(platform: Platform, zone: str | None) -> None:
    application = apply(platform)
    interview(platform, application, scheduled_at=TUESDAY, timezone=zone)
    assert context_of(platform, application).values["interview_time"] == "10:30 (heure de Libreville)"


def test_the_next_interview_that_is_not_cancelled_counts(platform: Platform) -> None:
    application = apply(platform)
    now = datetime.now(UTC)
    for days, status, place in (
        (-1, "SCHEDULED", "hier"),
        (1, "CANCELED", "annulé"),
        (2, "COMPLETED", "passé"),
        (4, "SCHEDULED", "plus tard"),
        (3, "RESCHEDULED", "le bon"),
    ):
        interview(platform, application, scheduled_at=now + timedelta(days=days), status=status, location=place)
    assert context_of(platform, application).values["interview_location"] == "le bon"


@pytest.mark.parametrize("place", [None, "", " "])
def test_an_interview_online_takes_place_where_its_link_leads(platform: Platform, place: str | None) -> None:
    application = apply(platform)
    interview(platform, application, scheduled_at=TUESDAY, location=place, meeting_link="https://meet.example.org/x")
    values = context_of(platform, application).values
    assert values["interview_location"] == values["interview_link"] == "https://meet.example.org/x"


def test_without_an_interview_its_values_are_absent(platform: Platform) -> None:
    values = context_of(platform, apply(platform)).values
    assert not [name for name in values if name.startswith("interview_")]


@pytest.mark.parametrize(
    ("language", "wish", "expected"),
    [
        (None, None, "fr"),
        ("en", None, "en"),
        ("EN", None, "en"),
        ("pt", None, "fr"),
        ("en", "fr", "fr"),
        ("fr", "en", "en"),
    ],
)
def test_the_recipient_s_wish_comes_before_the_offer_s_language(
    platform: Platform, language: str | None, wish: str | None, expected: str
) -> None:
    application = apply(platform, language=language)
    if wish:
        platform.change("insert into recipient_preferences (user_id, locale) values (2, %s)", wish)
    assert context_of(platform, application).locale == expected


def test_a_wish_of_the_address_counts_when_the_user_has_none(platform: Platform) -> None:
    application = apply(platform)
    platform.change("insert into recipient_preferences (address, locale) values ('paul.ndong@example.org', 'en')")
    assert context_of(platform, application).locale == "en"


def test_who_sends_signs_when_he_belongs_to_the_company(platform: Platform) -> None:
    application = apply(platform)
    platform.change("update employers set company_id = 1 where user_id = 6")
    assert context_of(platform, application, sent_by=6).reply_to == "sans.societe@example.org"
    assert context_of(platform, application, sent_by=6).values["recruiter_name"] == "Sans Societe"
    platform.change("update employers set company_id = 2 where user_id = 6")
    assert context_of(platform, application, sent_by=6).reply_to == "awa.mba@example.org"


@pytest.mark.parametrize("company_id", [2, 99])
def test_applications_of_another_company_are_left_out(platform: Platform, company_id: int) -> None:
    application = apply(platform)
    assert platform.do(lambda connection: directory.of_applications(connection, [application], company_id)) == {}


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "a@example.org, b@example.org", "x@example.org\r\nBcc: y@z.org"]
)
def test_what_is_no_address_is_no_recipient(platform: Platform, email: str) -> None:
    application = apply(platform)
    platform.change("update users set email = %s where id = 2", email)
    found = context_of(platform, application)
    assert found.address == ""
    assert "candidate_email" not in found.values


def test_an_account_with_one_whole_name_is_split(platform: Platform) -> None:
    application = apply(platform)
    platform.change("update users set first_name = '', last_name = '', name = ' Marie Claire Obiang ' where id = 2")
    values = context_of(platform, application).values
    assert (values["candidate_first_name"], values["candidate_last_name"]) == ("Marie", "Claire Obiang")
    assert values["candidate_name"] == "Marie Claire Obiang"


def test_users_without_an_application(platform: Platform) -> None:
    found = platform.do(lambda connection: directory.of_users(connection, [2], 1))
    assert found[2].values == {
        "candidate_name": "Paul Ndong",
        "candidate_first_name": "Paul",
        "candidate_last_name": "Ndong",
        "candidate_email": "paul.ndong@example.org",
        "company_name": "Gabon Numérique",
    }
    alone = platform.do(lambda connection: directory.of_users(connection, [2, 4_000], None, sent_by=1))
    assert list(alone) == [2]
    assert "company_name" not in alone[2].values


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "0044-03-15 BC", "12026-01-01 00:00:00+00"])
def test_dates_beyond_what_a_calendar_shows_stop_no_letter(platform: Platform, moment: str) -> None:
    usual, strange = apply(platform), apply(platform, 2)
    interview(platform, strange, timezone="Pacific/Kiritimati")
    platform.change("update job_applications set applied_at = %s::timestamptz where id = %s", moment, strange)
    platform.change("update interview_schedules set scheduled_at = %s::timestamptz", moment)
    found = platform.do(lambda connection: directory.of_applications(connection, [usual, strange], 1))
    assert found[usual].values["application_date"] == "1er novembre 2026"
    assert found[strange].values["application_date"]
    assert ("interview_time" in found[strange].values) is (moment in {"infinity", "12026-01-01 00:00:00+00"})
