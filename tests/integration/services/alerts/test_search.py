"""Search documents: made when an offer changed, kept up to date, read back as matching compares them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.ledger import OpenTransaction, wait_for_lock
from tests.integration.services.support import Platform
from worker.kit.database import Database, Row, execute, raw
from worker.ledger.outcomes import Done, Snooze
from worker.services.alerts import search
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.search import note_missed, open_offers, prepare_changed
from worker.services.matching.offers import Offer, prepare

NOW = datetime.now(UTC)


def document(platform: Platform, offer: int) -> Row:
    return platform.row("select * from job_search where job_id = %s", offer)


def titles(platform: Platform) -> list[str]:
    rows = platform.rows("select texts from job_search order by job_id")
    return [row["texts"][0][2] for row in rows]


def notes(platform: Platform) -> list[int]:
    return [row["job_id"] for row in platform.rows("select job_id from job_changes order by id")]


def test_a_new_offer_gets_its_document(platform: Platform) -> None:
    offer = platform.offer(
        "Développeuse Python",
        country="GA",
        language="fr",
        salary_min=300_000,
        salary_max=None,
        currency=None,
        expires_at=NOW + timedelta(days=3),
        posted_at=None,
        created_at=NOW,
    )
    assert platform.do(prepare_changed) == 1
    found = document(platform, offer)
    assert found["texts"] == [["title", "fr", " developpeur python "], ["description", "fr", found["texts"][1][2]]]
    assert {"fr:developpeur", "fr:developpeur python", "l:libreville", "a:gabon", "t:full_time"} <= set(found["tokens"])
    assert (found["place"], found["job_type"], found["location_type"]) == ("libreville", "full_time", "on_site")
    assert (found["salary_min"], found["salary_max"], found["currency"]) == (300_000, None, "XAF")
    assert (found["published"], found["expires_at"], found["posted_at"]) == (True, NOW + timedelta(days=3), NOW)
    assert (found["company_id"], found["visible_no"]) == (1, None)
    assert (platform.do(prepare_changed), notes(platform)) == (0, [])


def test_an_edit_refreshes_the_document_and_keeps_the_number(platform: Platform) -> None:
    offer = platform.offer("Comptable")
    platform.do(prepare_changed)
    platform.do(number_offers)
    before = document(platform, offer)
    platform.change("update jobs set title = 'Juriste', salary_max = 5 where id = %s", offer)
    platform.do(prepare_changed)
    after = document(platform, offer)
    assert (titles(platform), after["salary_max"], after["visible_no"]) == ([" juriste "], 5, 1)
    assert after["refreshed_at"] > before["refreshed_at"]


def test_a_closed_offer_is_no_longer_published_and_a_deleted_one_is_gone(platform: Platform) -> None:
    closed, deleted = platform.offers(2)
    platform.do(prepare_changed)
    platform.change("update jobs set status = 'closed' where id = %s", closed)
    platform.app(lambda connection: main_web_app.delete_job(connection, deleted))
    assert platform.do(prepare_changed) == 2
    assert document(platform, closed)["published"] is False
    assert platform.rows("select from job_search where job_id = %s", deleted) == []
    platform.change("update jobs set status = 'published' where id = %s", closed)
    platform.do(prepare_changed)
    assert document(platform, closed)["published"] is True


def test_an_offer_that_was_never_published_has_no_document(platform: Platform) -> None:
    platform.offer(status="draft")
    assert platform.do(prepare_changed) == 1
    assert platform.rows("select from job_search") == []


def test_offers_numbered_at_the_adoption_are_prepared(platform: Platform) -> None:
    offers = platform.offers(3)
    platform.change("delete from job_changes")
    platform.change("insert into job_search (job_id, visible_no) select id, id from jobs")
    assert platform.do(lambda connection: prepare_changed(connection, most=2)) == 2
    assert platform.do(lambda connection: prepare_changed(connection, most=2)) == 1
    assert platform.do(prepare_changed) == 0
    rows = platform.rows("select job_id, visible_no from job_search where refreshed_at is not null and published")
    assert sorted((row["job_id"], row["visible_no"]) for row in rows) == [(each, each) for each in offers]


def test_many_notes_of_one_offer_are_one_document(platform: Platform) -> None:
    offer = platform.offer()
    for number in range(5):
        platform.change("update jobs set salary_max = %s where id = %s", 1000 + number, offer)
    other = platform.offer("Dernier")
    assert platform.do(lambda connection: prepare_changed(connection, most=3)) == 1
    assert document(platform, offer)["salary_max"] == 1004
    assert notes(platform) == [offer, offer, offer, other]


def test_an_older_text_never_replaces_a_newer_one(database: Database, platform: Platform) -> None:
    offer = platform.offer("Ancien")
    with OpenTransaction(database) as slow, OpenTransaction(database) as fast:
        assert slow.do(prepare_changed) == 1
        platform.change("update jobs set title = 'Nouveau' where id = %s", offer)
        waiting = fast.start(prepare_changed)
        wait_for_lock(database)
        slow.commit()
        assert waiting.result(10) == 1
        fast.commit()
    assert titles(platform) == [" nouveau "]


def test_what_is_written_meanwhile_is_prepared_next_time(database: Database, platform: Platform) -> None:
    offer = platform.offer("Avant")
    with OpenTransaction(database) as main_app:
        main_app.do(lambda connection: execute(connection, "update jobs set title = 'Ensuite'"))
        assert platform.do(prepare_changed) == 1
        assert titles(platform) == [" avant "]
        main_app.commit()
    assert notes(platform) == [offer]
    assert platform.do(prepare_changed) == 1
    assert titles(platform) == [" ensuite "]


def test_an_offer_that_is_being_deleted_is_left_and_not_forgotten(database: Database, platform: Platform) -> None:
    kept, going = platform.offers(2)
    with OpenTransaction(database) as main_app:
        main_app.do(lambda connection: main_web_app.delete_job(raw(connection), going))
        assert platform.do(prepare_changed) == 1
        assert (notes(platform), platform.do(prepare_changed)) == ([going], 0)
        main_app.roll_back()
    assert platform.do(prepare_changed) == 1
    assert [row["job_id"] for row in platform.rows("select job_id from job_search order by 1")] == [kept, going]


def test_the_main_web_app_deletes_what_is_being_prepared_when_that_is_done(
    database: Database, platform: Platform
) -> None:
    offer = platform.offer()
    with OpenTransaction(database) as preparing, OpenTransaction(database) as main_app:
        preparing.do(prepare_changed)
        waiting = main_app.start(lambda connection: main_web_app.delete_job(raw(connection), offer))
        wait_for_lock(database)
        preparing.commit()
        waiting.result(10)
        main_app.commit()
    assert platform.rows("select from job_search") == []


def test_a_preparation_that_rolls_back_loses_no_note(database: Database, platform: Platform) -> None:
    offer = platform.offer()
    with OpenTransaction(database) as holder:
        holder.do(prepare_changed)
        holder.roll_back()
    assert (notes(platform), platform.rows("select from job_search")) == ([offer], [])


@pytest.mark.parametrize(
    "change",
    ["status = 'closed'", "expires_at = now() - interval '1 day'", "expires_at = now() + interval '1 day'"],
)
def test_what_was_written_past_the_trigger_is_missed(platform: Platform, change: str) -> None:
    changed, unnoticed, draft = platform.offer(), platform.offer(), platform.offer(status="draft")
    platform.change("delete from job_changes where job_id = %s", unnoticed)
    platform.do(prepare_changed)
    assert platform.do(note_missed) == 1
    platform.do(prepare_changed)
    assert platform.do(note_missed) == 0
    platform.change("alter table jobs disable trigger note_changed_job")
    platform.change(f"update jobs set {change} where id = %s", changed)
    platform.change("update jobs set expires_at = now() - interval '1 day' where id = %s", draft)
    platform.change("alter table jobs enable trigger note_changed_job")
    assert notes(platform) == []
    assert platform.do(note_missed) == 1
    assert notes(platform) == [changed]
    platform.do(prepare_changed)
    assert platform.do(note_missed) == 0


def test_upkeep_works_off_a_backlog_in_steps_and_then_numbers(platform: Platform) -> None:
    platform.offers(5)
    outcomes = [platform.do(lambda connection: search.tidy(connection, most=2)) for _ in range(4)]
    assert outcomes == [Snooze(0.0), Snooze(0.0), Snooze(0.0), Done({"highest_number": 5})]


def test_upkeep_of_every_minute_prepares_and_numbers(platform: Platform) -> None:
    from_the_app = platform.offer()
    assert platform.do(search.tidy) == Snooze(0.0)
    assert platform.do(search.tidy) == Done({"highest_number": 1})
    assert document(platform, from_the_app)["visible_no"] == 1


def test_upkeep_looks_for_what_was_missed_every_ten_minutes(platform: Platform) -> None:
    assert platform.do(search.tidy) == Done({"highest_number": 0})
    platform.offer()
    platform.change("delete from job_changes")
    assert platform.do(search.tidy) == Done({"highest_number": 0})
    platform.change("update platform_state set updated_at = updated_at - interval '11 minutes'")
    assert [platform.do(search.tidy) for _ in range(3)] == [Snooze(0.0), Snooze(0.0), Done({"highest_number": 1})]


def test_what_is_noted_already_is_not_missed(platform: Platform) -> None:
    platform.offer()
    assert platform.do(note_missed) == 0


def test_stored_documents_say_what_preparing_says(platform: Platform) -> None:
    written: dict[str, Any] = {
        "description": "<p>Chef de projet &amp; R&amp;D, c++</p>",
        "requirements": "Bac + 5",
        "location": "Port-Gentil, Gabon",
        "country": "GA",
        "zone": "CEMAC",
        "language": "pt",
        "location_type": "remote",
        "salary_min": None,
        "salary_max": 700_000,
        "currency": "xof",
    }
    first, second = platform.offer("Ingénieure %_", **written), platform.offer("Rien", location=None, country=None)
    platform.do(prepare_changed)
    platform.do(number_offers)
    again, found = platform.do(lambda connection: open_offers(connection, above=0, upper_bound=9))
    row = platform.row(f"select {search.OFFER} from jobs j join job_search s on s.job_id = j.id where j.id = %s", first)
    expected = prepare(Offer(**row))
    for part in ("texts", "location", "area", "job_type", "location_type", "salary_min", "salary_max", "currency"):
        assert getattr(found, part) == getattr(expected, part)
    assert (found.offer.id, found.offer.title, found.offer.number) == (first, "Ingénieure %_", 1)
    assert (again.offer.id, again.location) == (second, ())
    [shown] = platform.do(lambda connection: search.offers_by_id(connection, [first]))
    assert shown == expected


def test_open_offers_lie_between_the_numbers_and_are_open(platform: Platform) -> None:
    offers = platform.offers(6)
    platform.do(prepare_changed)
    platform.do(number_offers)
    platform.change("update jobs set status = 'closed' where id = %s", offers[2])
    platform.change("update jobs set expires_at = now() - interval '1 minute' where id = %s", offers[3])
    found = platform.do(lambda connection: open_offers(connection, above=1, upper_bound=5))
    assert [one.offer.id for one in found] == [offers[4], offers[1]]
    assert [one.offer.number for one in found] == [5, 2]


def test_documents_of_the_release_before_are_made_anew_and_keep_their_numbers(platform: Platform) -> None:
    offers = platform.offers(3)
    platform.do(prepare_changed)
    platform.do(number_offers)
    before = platform.rows("select job_id, visible_no, tokens from job_search order by job_id")
    platform.change("update job_search set version = 0, versioned_at = null, country = null, tokens = '{}'")
    assert platform.do(lambda connection: prepare_changed(connection, only_noted=True)) == 0
    assert platform.do(lambda connection: prepare_changed(connection, most=2)) == 2
    assert platform.do(prepare_changed) == 1
    assert platform.do(prepare_changed) == 0
    assert platform.rows("select job_id, visible_no, tokens from job_search order by job_id") == before
    assert [row["job_id"] for row in before] == offers


def test_what_the_release_before_wrote_beside_us_is_found_by_the_sweep(platform: Platform) -> None:
    offer = platform.offer("Comptable")
    platform.do(prepare_changed)
    platform.change("update job_search set tokens = '{}', refreshed_at = now() where job_id = %s", offer)
    assert platform.do(note_missed) == 1
    platform.do(prepare_changed)
    assert "fr:comptable" in document(platform, offer)["tokens"]
    assert platform.do(note_missed) == 0
