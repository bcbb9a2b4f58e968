"""A row that one employer or candidate has spoilt stops nobody else's alerts."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.kit.timestamps import LATEST
from worker.ledger.outcomes import Done, Snooze
from worker.services.alerts import search
from worker.services.alerts.preview import preview
from worker.services.alerts.search import note_missed, prepare_changed
from worker.services.matching.criteria import Criteria
from worker.services.matching.offers import Offer

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
BEYOND = [
    ("expires_at", "infinity"),
    ("posted_at", "infinity"),
    ("posted_at", "-infinity"),
    ("posted_at", "0044-03-15 BC"),
    ("expires_at", "12026-01-01 00:00:00+00"),
]


@pytest.mark.parametrize(("column", "value"), BEYOND)
def test_an_offer_with_a_date_beyond_python_is_found_like_any(
    platform: Platform, emulator: ResendEmulator, column: str, value: str
) -> None:
    alert = platform.own_alert(1)
    usual, strange = platform.offers(2)
    platform.change(f"update jobs set {column} = %s::timestamptz where id = %s", value, strange)
    run = platform.run_alerts("daily", MONDAY)
    assert (run["state"], run["result"]["digests_stored"]) == ("succeeded", 1)
    [digest] = platform.rows("select job_ids from alert_digests where alert_id = %s", alert)
    assert sorted(digest["job_ids"]) == [usual, strange]
    [mail] = emulator.mails()
    text = emulator.mail(mail["id"])["text"]
    assert all(f"Développeur Python {number}" in text for number in (1, 2))
    found = platform.do(lambda connection: preview(connection, Criteria(keywords=("python",)), limit=5))
    assert {each.offer.id for each in found.found} == {usual, strange}


def test_an_offer_that_never_expires_is_not_prepared_again_and_again(platform: Platform) -> None:
    offer = platform.offer()
    platform.change("update jobs set expires_at = 'infinity' where id = %s", offer)
    assert platform.do(prepare_changed) == 1
    assert platform.do(note_missed) == 0
    [prepared] = platform.do(lambda connection: search.offers_by_id(connection, [offer]))
    assert prepared.offer.expires_at == LATEST


def test_an_offer_that_expired_before_time_began_is_closed(platform: Platform) -> None:
    platform.own_alert(1)
    offer = platform.offer()
    platform.change("update jobs set expires_at = '-infinity' where id = %s", offer)
    run = platform.run_alerts("daily", MONDAY)
    assert (run["state"], run["result"]["digests_stored"]) == ("succeeded", 0)


REFUSE = """
create function refuse_spoilt() returns trigger language plpgsql as $$
begin
    raise exception 'spoilt' using errcode = 'data_exception';
end $$;
create trigger refuse_spoilt before insert or update on job_search
    for each row when (new.fault is null and new.texts::text like '%% gate %%') execute function refuse_spoilt();
"""


@pytest.fixture
def spoilt(platform: Platform) -> Iterator[int]:
    """An offer whose document Postgres does not take."""
    platform.change(REFUSE.replace("%%", "%"))
    yield platform.offer("Développeur Python gâté", description="")
    platform.change("drop function refuse_spoilt cascade")


def tidied(platform: Platform) -> Mapping[str, Any]:
    """What upkeep tells when it has nothing left to do."""
    outcome = platform.do(search.tidy)
    while isinstance(outcome, Snooze):
        outcome = platform.do(search.tidy)
    assert isinstance(outcome, Done)
    return outcome.result


def test_an_offer_that_cannot_be_prepared_stops_nobody_and_is_listed(platform: Platform, spoilt: int) -> None:
    platform.own_alert(1)
    kept = platform.offer()
    run = platform.run_alerts("daily", MONDAY)
    assert run["state"] == "succeeded"
    assert platform.rows("select job_ids from alert_digests") == [{"job_ids": [kept]}]
    unfit = tidied(platform)["unfit"]
    assert list(unfit) == [spoilt]
    assert unfit[spoilt].startswith("DataException: spoilt")


def test_an_offer_that_was_mended_is_found(platform: Platform, spoilt: int) -> None:
    platform.own_alert(1)
    platform.run_alerts("daily", MONDAY)
    assert platform.do(note_missed) == 1
    platform.change("update jobs set title = 'Python' where id = %s", spoilt)
    tidied(platform)
    platform.run_alerts("daily", MONDAY.replace(day=24))
    assert platform.rows("select job_ids from alert_digests") == [{"job_ids": [spoilt]}]
    assert tidied(platform) == {"highest_number": 1}


def test_an_offer_that_cannot_be_read_is_left_out_with_its_reason() -> None:
    faults: dict[int, str] = {}
    broken = Offer(id=2, title=cast("str", 7))
    prepared = list(search.prepare_each([Offer(id=1, title="a"), broken, Offer(id=3, title="b")], faults))
    assert [each.offer.id for each in prepared] == [1, 3]
    assert list(faults) == [2]
    assert faults[2].startswith("TypeError: ")


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("criteria", [nested(3000), "9" * 5000, '"\\"x"', '{"keywords": ' + nested(3000) + "}"])
def test_criteria_that_cannot_be_read_ask_for_nothing_and_stop_nobody(platform: Platform, criteria: str) -> None:
    strange, usual = platform.own_alert(1), platform.own_alert(2, criteria={"keywords": ["python"]})
    platform.change("update job_alerts set criteria = %s::jsonb where id = %s", criteria, strange)
    offer = platform.offer()
    run = platform.run_alerts("daily", MONDAY)
    assert run["state"] == "succeeded"
    assert {"alert_id": usual, "job_ids": [offer]} in platform.rows("select alert_id, job_ids from alert_digests")


@pytest.mark.parametrize("column", ["title", "location", "country"])
def test_a_character_that_there_cannot_be_stops_no_mail(
    platform: Platform, emulator: ResendEmulator, column: str
) -> None:
    alert = platform.own_alert(1)
    usual, strange = platform.offers(2)
    platform.change(f"update jobs set {column} = %s where id = %s", f"Libreville, Python &#{'1' * 5000};", strange)
    run = platform.run_alerts("daily", MONDAY)
    assert (run["state"], run["result"]["digests_stored"]) == ("succeeded", 1)
    [digest] = platform.rows("select job_ids from alert_digests where alert_id = %s", alert)
    assert sorted(digest["job_ids"]) == [usual, strange]
    assert len(emulator.mails()) == 1
