"""The alert benchmark's market: the same every time, and plain words that every peer must find alike."""

import re
from itertools import islice

from benchmarks import alert_market
from benchmarks.alert_sentences import DESCRIPTION, DUTIES, EDUCATION, POSTURE, REQUIREMENTS
from benchmarks.alert_words import CITIES, OCCUPATIONS, PLAIN, PLAIN_CITIES, SKILLS, SPECIALITIES
from worker.services.matching.criteria import parse_criteria
from worker.services.matching.normalise import tokens

TITLE, DESCRIPTION_COLUMN, REQUIREMENTS_COLUMN = 1, 2, 3


def test_the_same_market_every_time() -> None:
    assert list(alert_market.offers(50)) == list(alert_market.offers(50))
    first, again = (list(alert_market.alerts(50, rare_share=0.5, highest=9, plain=5)) for _ in range(2))
    assert first == again


def test_a_smaller_crowd_is_the_beginning_of_a_larger_one() -> None:
    larger = alert_market.alerts(100, rare_share=0.5, highest=9, plain=5)
    assert list(alert_market.alerts(40, rare_share=0.5, highest=9, plain=5)) == list(islice(larger, 40))


def test_plain_words_stand_in_no_other_word() -> None:
    sentences = [*sum(DESCRIPTION, ()), *sum(DUTIES, ()), *REQUIREMENTS, *sum(EDUCATION, ()), *sum(POSTURE, ())]
    names = [*sum(OCCUPATIONS, ()), *sum(SPECIALITIES, ()), *SKILLS, *(city for city, _, _ in CITIES), *PLAIN]
    everything = [text.casefold() for text in (*sentences, *names)]
    for word in (*PLAIN, *PLAIN_CITIES):
        assert [text for text in everything if word.casefold() in text] == [word.casefold()]


def test_plain_words_are_one_token_and_no_places_name_is_another() -> None:
    for word in PLAIN:
        assert {len(tokens(word, "fr")), len(tokens(word, "en"))} == {1}
    forms = [tokens(word, "fr") for word in PLAIN]
    assert len(set(forms)) == len(PLAIN)


def test_plain_words_stand_only_where_the_main_web_app_looks() -> None:
    looked_at = {TITLE, DESCRIPTION_COLUMN, REQUIREMENTS_COLUMN}
    plain = re.compile("|".join(PLAIN))
    for row in alert_market.offers(300):
        assert not [place for place, value in enumerate(row) if plain.search(str(value)) and place not in looked_at]


def test_every_wish_is_understood() -> None:
    for alert in alert_market.alerts(2_000, rare_share=0.5, highest=9, plain=20):
        assert parse_criteria(alert.criteria).ignored == ()
        assert 0 <= alert.above <= 9


def test_what_is_wanted_often_is_offered_often() -> None:
    titles = [row[TITLE] for row in alert_market.offers(3_000)]
    common, rare = OCCUPATIONS[0][0], OCCUPATIONS[40][0]
    assert titles.count(common) > 10 * titles.count(rare)
