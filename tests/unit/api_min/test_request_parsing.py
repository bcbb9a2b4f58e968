"""Strict JSON, preferences and limits, without a server."""

import json

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from api_min.errors import ApiError
from api_min.request_parsing import DEEPEST, LONE_SURROGATE, parse, preferred_wait

NUMBERS = st.integers(-(2**70), 2**70) | st.floats(-1e300, 1e300)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


def storable(value: object) -> bool:
    """Whether Postgres' jsonb takes it."""
    text = json.dumps(value, ensure_ascii=False)
    return "\\u0000" not in text and not LONE_SURROGATE.search(text)


@given(st.dictionaries(st.text(), JSON, max_size=5), st.booleans())
def test_what_json_writes_is_read_unless_it_cannot_be_stored(value: dict[str, object], ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    if storable(value):
        assert parse(raw) == value
    else:
        with pytest.raises(ApiError) as caught:
            parse(raw)
        assert caught.value.status == 422


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_422(raw: bytes) -> None:
    try:
        outcome: dict[str, object] | ApiError = parse(raw)
    except ApiError as error:
        outcome = error
    assert isinstance(outcome, dict) or outcome.status == 422


def test_depth_is_bounded() -> None:
    def nested(levels: int) -> bytes:
        return b'{"a":' * levels + b"1" + b"}" * levels

    assert parse(nested(DEEPEST))
    with pytest.raises(ApiError, match="nested deeper"):
        parse(nested(DEEPEST + 1))


@pytest.mark.parametrize("number", ["1e308", "-1e308", "1.5e308", "1e999", "9" * 309, "9" * 5_000])
def test_numbers_are_bounded(number: str) -> None:
    with pytest.raises(ApiError, match="more than 308 digits"):
        parse(b'{"a": [' + number.encode() + b"]}")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("wait=5", 5),
        ("WAIT = 5", 5),
        ('wait="5"', 5),
        ("respond-async, wait=7", 7),
        ("respond-async", 0),
        ("return=minimal; wait=3", 3),
        ("wait=0", 0),
        ("wait=99999", 30),
        ("wait=-1", None),
        ("wait=1.5", None),
        ("wait=x", None),
        ("wait", None),
        ("await=5", None),
        ("", None),
    ],
)
def test_preferences(header: str | None, seconds: int | None) -> None:
    headers = {} if header is None else {"Prefer": header}
    with Flask("test").test_request_context(headers=headers):
        assert preferred_wait() == seconds
