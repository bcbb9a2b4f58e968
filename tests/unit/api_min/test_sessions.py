"""A session's cookie proves a sign-in of ours, lately, and nothing else does."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Response
from freezegun import freeze_time
from itsdangerous import URLSafeTimedSerializer
from werkzeug.http import parse_cookie

from api_min import sessions
from api_min.errors import ApiError
from api_min.sessions import Session
from worker.kit.settings import Settings
from worker.services.email.recipients import unsubscribing

OLD, NEW, FOREIGN = ("o" * 40, "n" * 40, "f" * 40)
SESSION = Session(7, "the-id-of-a-session")
START = datetime(2026, 12, 1, 8, tzinfo=UTC)


def settings(secret: str | None = NEW, **values: Any) -> Settings:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    return Settings(database_url=url, signing_secret=secret, **values)


def cookie(ours: Settings, session: Session = SESSION) -> str:
    response = Response()
    sessions.set_cookie(response, ours, session)
    return parse_cookie(response.headers["Set-Cookie"].split(";")[0])[sessions.cookie_name(ours)]


def read(ours: Settings, text: str) -> Session | None:
    return sessions.read(ours, {sessions.cookie_name(ours): text})


def signed(value: object, salt: str = "intowork/session", key: str = NEW) -> str:
    made = URLSafeTimedSerializer([key], salt=salt, signer_kwargs=dict(sessions.SIGNING)).dumps(value)
    return made if isinstance(made, str) else made.decode()


def test_what_was_set_is_read() -> None:
    assert read(settings(), cookie(settings())) == SESSION
    assert sessions.begin(7) != sessions.begin(7)


@freeze_time(START)
def test_a_session_ends_after_twelve_hours() -> None:
    text = cookie(settings())
    with freeze_time(START + timedelta(hours=12)):
        assert read(settings(), text) == SESSION
    with freeze_time(START + timedelta(hours=12, seconds=1)):
        assert read(settings(), text) is None
    with freeze_time(START - timedelta(seconds=2)):
        assert read(settings(), text) is None


def test_a_new_secret_does_not_end_sessions_but_the_old_ones_removal_does() -> None:
    text = cookie(settings(OLD))
    assert read(settings(f"{NEW}, {OLD}"), text) == SESSION
    assert read(settings(NEW), text) is None
    assert read(settings(NEW), cookie(settings(f"{NEW},{OLD}"))) == SESSION


def _altered(text: str) -> str:
    payload, _, rest = text.partition(".")
    value = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    forged = base64.urlsafe_b64encode(json.dumps({**value, "user": 1}).encode()).rstrip(b"=").decode()
    return f"{forged}.{rest}"


HOSTILE: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "a word": lambda _: "admin",
    "only dots": lambda _: "...",
    "bytes": lambda _: "\xff\0é",
    "huge": lambda text: text * 50,
    "truncated": lambda text: text[:-1],
    "without its signature": lambda text: text.rpartition(".")[0],
    "another user's id": _altered,
    "unsigned json": lambda _: '{"user":1,"id":"x"}',
    "another key": lambda _: signed({"user": 1, "id": "x"}, key=FOREIGN),
    "another purpose": lambda _: signed({"user": 1, "id": "x"}, salt="cookie-session"),
    "a token of a form": lambda _: sessions.form_token(settings(), SESSION),
    "a link of a mail": lambda _: unsubscribing.link(settings(), user_id=1).rpartition("/")[2],
    "no object": lambda _: signed([1, "x"]),
    "no number": lambda _: signed({"user": "1", "id": "x"}),
    "no id": lambda _: signed({"user": 1}),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_cookies_prove_nothing(case: str) -> None:
    assert read(settings(), HOSTILE[case](cookie(settings()))) is None


def test_a_form_token_is_good_for_its_session_only() -> None:
    ours, token = settings(), sessions.form_token(settings(), SESSION)
    assert sessions.accepts(ours, SESSION, token)
    assert not sessions.accepts(ours, Session(7, "another session of the same user"), token)
    assert not any(sessions.accepts(ours, SESSION, each) for each in ("", "x", token[:-1], token * 2, "é", "\0"))
    assert not sessions.accepts(settings(FOREIGN), SESSION, token)
    assert sessions.accepts(settings(f"{FOREIGN},{NEW}"), SESSION, token)


@pytest.mark.parametrize(
    ("values", "secure"),
    [
        ({}, False),
        ({"force_https": True}, True),
        ({"platform_url": "https://jobs.example.com"}, True),
    ],
)
def test_attributes(values: dict[str, Any], secure: bool) -> None:
    ours, response = settings(**values), Response()
    sessions.set_cookie(response, ours, SESSION)
    name, *attributes = (each.strip() for each in response.headers["Set-Cookie"].split(";"))
    assert name.startswith("__Host-intowork-session=" if secure else "intowork-session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"} <= set(attributes)
    assert ("Secure" in attributes) is secure
    assert not any(each.startswith("Domain") for each in attributes)
    sessions.delete_cookie(response, ours)
    ended = response.headers.getlist("Set-Cookie")[1]
    assert ended.startswith(f"{sessions.cookie_name(ours)}=;")
    assert "Max-Age=0" in ended
    assert ("Secure" in ended) is secure


def test_by_https_a_cookie_of_the_plain_name_counts_for_nothing() -> None:
    secure = settings(force_https=True)
    assert sessions.read(secure, {"intowork-session": cookie(secure)}) is None


def test_without_a_secret_nobody_signs_in() -> None:
    assert read(settings(None), cookie(settings())) is None
    with pytest.raises(ApiError, match="SIGNING_SECRET") as refused:
        cookie(settings(None))
    assert refused.value.status == 503
