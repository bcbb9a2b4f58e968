"""Previews: the database finds exactly what matching in memory finds, newest first, and says why."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection as PsycopgConnection
from sqlalchemy import Connection

from tests.factories import main_web_app
from tests.factories.ledger import RollBack
from tests.factories.matching import index_of_open, is_open, match_many
from tests.factories.search_strategies import JOB_TYPES, LOCATION_TYPES, PLACES, WORDS
from tests.factories.searches_as_written import EVERYTHING
from tests.integration.services.support import Platform
from worker.kit.database import Database, query, raw
from worker.services.alerts import search
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.preview import mails_per_week, preview, total
from worker.services.alerts.search import prepare_changed
from worker.services.matching.criteria import Criteria, parse_criteria
from worker.services.matching.definition import Found, Reason, matches
from worker.services.matching.offers import Offer, newest_first, prepare

NOW = datetime.now(UTC)

T = TypeVar("T")


def seldom(strategy: st.SearchStrategy[T], otherwise: T) -> st.SearchStrategy[T]:
    """Few criteria have this part, or hardly an offer would be found."""
    return st.just(otherwise) | st.just(otherwise) | strategy


# So few that phrases are met, and nearly met, again and again.
FEW_WORDS = ["chef", "de", "la", "projet", "Cheffes", "java", "javachef", "full", "stack", "fullstack"]
RARE_WORDS = [*WORDS, "d'", "of", "the", "\\", "'", "x" * 210, "x" * 211]
PLACE_WORDS = ["Port", "Gentil", "Gabon", "Libreville,", ",", "-", "télétravail", "Guinée", "équatoriale", "St"]

words = st.sampled_from(FEW_WORDS) | st.sampled_from(FEW_WORDS) | st.sampled_from(RARE_WORDS)
phrases = st.lists(words, min_size=1, max_size=4).map(" ".join)
writing = st.text(max_size=10).map(lambda text: text.replace("\x00", ""))
texts = st.none() | st.lists(words, max_size=12).map(" ".join) | writing
written_places = st.lists(st.sampled_from(PLACE_WORDS), min_size=1, max_size=4).map(" ".join)
places = st.none() | written_places | st.sampled_from(PLACES)
amounts = st.none() | st.integers(1, 5)
instants = st.integers(-40, 3).map(lambda days: NOW + timedelta(days=days, hours=1))

written_offers = st.fixed_dictionaries(
    {
        "title": phrases,
        "description": texts.map(lambda text: text or ""),
        "requirements": texts,
        "profil_autre": texts,
        "location": places,
        "country": st.sampled_from([None, "CM", "GA", "bf", "Cameroun", "??", "GN", "GQ"]),
        "zone": st.sampled_from([None, "CEMAC"]),
        "location_type": st.sampled_from(LOCATION_TYPES),
        "job_type": st.sampled_from([*JOB_TYPES, "FULL_TIME"]),
        "salary_min": amounts,
        "salary_max": amounts,
        "currency": st.sampled_from([None, "XAF", "xof", "F CFA"]),
        "language": st.sampled_from([None, "fr", "en", "pt"]),
        "status": seldom(st.sampled_from(["PUBLISHED", "closed"]), "published"),
        "posted_at": st.none() | instants,
        "expires_at": seldom(st.none() | instants, None),
    }
)

criteria = st.builds(
    Criteria,
    keywords=st.lists(phrases | writing, max_size=2).map(tuple),
    location=st.none() | places,
    job_types=seldom(st.frozensets(st.sampled_from(JOB_TYPES), max_size=2), frozenset()),
    location_types=seldom(st.frozensets(st.sampled_from(LOCATION_TYPES), max_size=2), frozenset()),
    salary_min=seldom(amounts | st.just(2**40), None),
    salary_max=seldom(amounts, None),
    currency=st.sampled_from([None, "XAF", "XOF", "FCFA"]),
    include_unspecified_salary=st.booleans(),
)


@contextmanager
def rolled_back(platform: Platform) -> Iterator[Connection]:
    with suppress(RollBack), platform.database.transaction() as connection:
        yield connection
        raise RollBack


def publish(connection: Connection, offers: Sequence[dict[str, Any]]) -> None:
    for values in offers:
        low, high = values["salary_min"], values["salary_max"]
        crossed = low is not None and high is not None and low > high
        salaries = {"salary_min": high, "salary_max": low} if crossed else {}
        main_web_app.insert_job(raw(connection), **values | salaries)


def settle(connection: Connection) -> None:
    while prepare_changed(connection):
        continue
    number_offers(connection)


def all_offers(connection: Connection) -> list[Offer]:
    rows = query(connection, f"select {search.OFFER} from jobs j left join job_search s on s.job_id = j.id")
    return [Offer(**row) for row in rows]


def brute_force(offers: Sequence[Offer], wanted: Criteria) -> list[Found]:
    ready = sorted((prepare(offer) for offer in offers if is_open(offer, datetime.now(UTC))), key=newest_first)
    return [Found(one.offer, match) for one in ready if (match := matches(wanted, one))]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(written_offers, min_size=8, max_size=16), st.lists(criteria, min_size=20, max_size=30), st.integers(1, 5)
)
def test_preview_is_the_offer_index_is_brute_force(
    platform: Platform, offers: list[dict[str, Any]], wanted: list[Criteria], limit: int
) -> None:
    with rolled_back(platform) as connection:
        publish(connection, offers)
        settle(connection)
        stored = all_offers(connection)
        index = index_of_open(stored, now=datetime.now(UTC))
        for one in wanted:
            expected = brute_force(stored, one)
            answer = preview(connection, one, limit=limit)
            assert (answer.total, answer.found) == (len(expected), tuple(expected[:limit]))
            assert total(connection, one) == len(expected)
            counted = match_many(one, index, limit=limit)
            assert (counted.total, counted.top) == (answer.total, answer.found)


HARD_OFFERS: list[dict[str, Any]] = [
    {"title": "Chef de projet java", "location": "Port-Gentil", "country": "GA"},
    {"title": "Chef projet", "description": "de la java java", "location": "Gentil Port"},
    {"title": "Chef", "description": "projet", "location": "Port de Gentil, Gabon"},
    {"title": "Chef", "requirements": "de projet", "location": "Ouagadougou", "country": "BF"},
    {"title": "Chef de la direction de projet", "location_type": "remote", "location": None},
    {"title": "Engineer of the chef de projet", "language": "en", "location_type": "remote", "location": "Paris"},
    {"title": "Chef de projet", "language": "pt", "location": "Libreville", "zone": "CEMAC"},
    {"title": "x" * 210, "description": "100 % _ C c++ .NET", "location": "Libreville Libreville"},
    {"title": "x" * 211 + " java", "location": "y" * 220, "country": "CM"},
    {"title": "Responsable des ressources humaines", "description": "ressources", "country": "Burkina Faso"},
    {"title": "Ressources", "description": "humaines et responsable des ressources de la", "salary_min": 4},
    {"title": "Responsable ressources humaines", "salary_max": 4, "currency": "xof", "location": "La la"},
]
HARD_KEYWORDS = (
    *("chef de projet", "chef projet", "chefs de projets", "de projet", "chef de", "de la", "de", "java java", "java"),
    *("chef de la direction", "engineer of the chef", "projet java", "la", "100 %", "_", "c", "C++", ".net"),
    *("responsable des ressources humaines", "ressources humaines", "responsable ressources"),
    *("x" * 210, "x" * 211, "x" * 211 + " java"),
)
HARD_PLACES = (
    *("Port-Gentil", "gentil port", "Port Gabon", "port de gentil", "Burkina Faso", "faso burkina", "Gabon", "%"),
    *("Libreville, Gabon", "Port-Gentil, Gabon", "Ouagadougou (Burkina Faso)", "Libreville Libreville", "la la"),
    *("télétravail", "remote, Gabon", "Paris", "y" * 220, "y" * 219, "CEMAC", "cemac, cameroun", "a, b, c, d, e, f"),
)
NO_SALARY = {"salary_min": None, "salary_max": None}
HARD_CRITERIA = [
    *(Criteria(keywords=(keyword,)) for keyword in HARD_KEYWORDS),
    *(Criteria(keywords=("chef de projet", keyword)) for keyword in HARD_KEYWORDS),
    *(Criteria(location=place) for place in HARD_PLACES),
    *(Criteria(location=place, keywords=("chef", "ressources humaines")) for place in HARD_PLACES),
    *(Criteria(salary_min=low, currency=currency) for low in (4, 5, 2**40) for currency in (None, "XOF")),
    *(Criteria(salary_max=high, include_unspecified_salary=open_too) for high in (3, 4) for open_too in (True, False)),
]


def test_hard_cases(platform: Platform) -> None:
    for values in HARD_OFFERS:
        platform.offer(**{"description": "", "location": None, "country": None, "language": "fr"} | values)
    platform.do(settle)
    stored = platform.do(all_offers)
    for one in HARD_CRITERIA:
        expected = brute_force(stored, one)
        answer = platform.do(partial(preview, criteria=one))
        assert (one, answer.total, answer.found) == (one, len(expected), tuple(expected))
        assert (one, platform.do(partial(total, criteria=one))) == (one, len(expected))


def test_offers_as_people_write_them(platform: Platform) -> None:
    """Each criterion of the table against all of its offers at once."""
    fields = {"description": "", "location": None, "country": None, "language": "fr", "currency": None}
    cases = [(offer, parse_criteria(asked), expected) for offer, asked, expected in EVERYTHING]
    ids = [platform.offer(**{"title": "Poste", **fields, **NO_SALARY, **offer}) for offer, _, _ in cases]
    platform.do(settle)
    stored = platform.do(all_offers)
    index = index_of_open(stored, now=datetime.now(UTC))
    for number, (offer, one, expected) in enumerate(cases):
        answer = platform.do(partial(preview, criteria=one, limit=len(ids)))
        found = {each.offer.id for each in answer.found}
        assert (offer, one, ids[number] in found) == (offer, one, expected)
        assert (one, answer.total, answer.found) == (one, *every(brute_force(stored, one)))
        counted = match_many(one, index, limit=len(ids))
        assert (one, counted.total, counted.top) == (one, answer.total, answer.found)


def every(found: list[Found]) -> tuple[int, tuple[Found, ...]]:
    return len(found), tuple(found)


def shown(platform: Platform, wanted: Criteria, limit: int = 20) -> tuple[int, list[int]]:
    answer = platform.do(lambda connection: preview(connection, wanted, limit=limit))
    return answer.total, [found.offer.id for found in answer.found]


def test_it_says_which_keyword_matched_where(platform: Platform) -> None:
    offer = platform.offer("Chef de projet", description="Java et C++", language="fr")
    platform.offer("Chef des projets", description="Tableau", language="fr")
    platform.do(settle)
    wanted = Criteria(keywords=("c++", "cheffe de projets", "astronaute"))
    answer = platform.do(lambda connection: preview(connection, wanted))
    [found] = answer.found
    assert (answer.total, found.offer.id, found.offer.title) == (1, offer, "Chef de projet")
    assert found.match.reasons == (Reason("c++", "description"), Reason("cheffe de projets", "title"))


def test_an_offer_that_waits_for_its_number_comes_last(platform: Platform) -> None:
    first, second = platform.offers(2)
    platform.do(settle)
    waiting = platform.offer("Python", posted_at=NOW)
    older = platform.offer("Python", posted_at=NOW - timedelta(days=1))
    platform.do(prepare_changed)
    for wanted in (Criteria(), Criteria(keywords=("python",))):
        assert shown(platform, wanted) == (4, [second, first, waiting, older])


def test_an_offer_closed_since_it_was_prepared_is_not_shown(platform: Platform) -> None:
    closed, kept = platform.offers(2)
    platform.do(settle)
    platform.change("update jobs set status = 'closed' where id = %s", closed)
    assert shown(platform, Criteria(keywords=("python",))) == (1, [kept])
    platform.do(settle)
    assert platform.do(lambda connection: total(connection, Criteria())) == 1


def test_an_offer_that_expires_is_gone_at_once(platform: Platform, database: Database) -> None:
    platform.offer(expires_at=datetime.now(UTC) + timedelta(hours=1))
    platform.do(settle)
    assert shown(platform, Criteria())[0] == 1
    platform.change("update job_search set expires_at = now() - interval '1 second'")
    assert platform.do(lambda connection: total(connection, Criteria())) == 0
    assert shown(platform, Criteria(keywords=("python",))) == (0, [])


@pytest.mark.parametrize("keywords", [("%",), ("_", "&"), ("",)])
def test_what_has_no_word_is_nowhere(platform: Platform, keywords: tuple[str, ...]) -> None:
    platform.offer("100 % _ &")
    platform.do(settle)
    assert shown(platform, Criteria(keywords=keywords)) == (0, [])
    assert platform.do(lambda connection: mails_per_week(connection, Criteria(keywords=keywords), "daily")) == 0


def many(connection: PsycopgConnection[Any]) -> None:
    """Offers 1 to 300 on the spot, of which the oldest 40 are at a distance."""
    connection.execute(
        """
        insert into jobs (employer_id, company_id, title, description, job_type, location_type, status, posted_at)
        select 1, 1, 'Offre', '', 'full_time', case when n <= 40 then 'remote' else 'on_site' end, 'published',
               now() - (300 - n) * interval '1 minute' from generate_series(1, 300) n
        """
    )


def test_the_newest_of_many_are_found_wherever_they_are(platform: Platform) -> None:
    platform.app(many)
    platform.do(settle)
    numbered = platform.rows("select job_id from job_search order by visible_no")
    ids = [row["job_id"] for row in numbered]
    assert shown(platform, Criteria(), limit=3) == (300, ids[:-4:-1])
    at_a_distance = Criteria(location_types=frozenset({"remote"}))
    assert shown(platform, at_a_distance, limit=3) == (40, ids[39:36:-1])


@pytest.mark.parametrize(
    ("frequency", "days", "expected"),
    [
        ("daily", [0, 0, 1, 3], 3 * 7 / 30),
        ("daily", list(range(30)), 7),
        ("weekly", [0, 1, 8], 2 * 7 / 30),
        ("weekly", list(range(30)), 1),
        ("monthly", [0, 8, 20], 7 / 30),
        ("instant", [0, 0, 5], 2 * 7 / 30),
        ("daily", [31, 40], 0),
        ("daily", [], 0),
    ],
)
def test_estimate_of_mails(platform: Platform, frequency: str, days: list[int], expected: float) -> None:
    for age in days:
        platform.offer("Juriste", posted_at=datetime.now(UTC) - timedelta(days=age, minutes=2))
    platform.offer("Comptable")
    platform.do(settle)
    platform.change("update jobs set status = 'closed' where title = 'Juriste' and id % 2 = 0")
    platform.do(settle)
    wanted = Criteria(keywords=("juristes",), location="Libreville")
    found = platform.do(lambda connection: mails_per_week(connection, wanted, frequency))
    assert found == pytest.approx(expected)
