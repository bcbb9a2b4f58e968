"""Settings: a wrong value is told by its variable's name, a secret by nobody."""

import pytest
from pydantic import ValidationError

from worker.kit.settings import Settings, WrongSettings, load_settings, variables

SECRET = "hidden-word"
GOOD = "postgresql://localhost/intowork"


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, field in Settings.model_fields.items():
        for variable in variables(name, field):
            monkeypatch.delenv(variable, raising=False)
    return monkeypatch


def told(environment: pytest.MonkeyPatch, **values: str) -> str:
    """What a start says about these variables."""
    for name, value in {"DATABASE_URL": GOOD, **values}.items():
        environment.setenv(name, value)
    with pytest.raises(WrongSettings) as refused:
        load_settings()
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "address", "said"),
    [
        (
            "DATABASE_URL",
            f"mysql://user:{SECRET}@host/name",
            "begin with postgresql:// or postgres://, not with mysql://",
        ),
        ("DATABASE_URL", f"host=db password={SECRET}", "begin with postgresql:// or postgres://"),
        ("DATABASE_URL", f"user:{SECRET}@host/name", "begin with postgresql:// or postgres://"),
        ("DATABASE_URL", f"postgresql://user:{SECRET}@1@host/name", "%40"),
        ("DATABASE_URL", f"postgresql://user:{SECRET}:1@host/name", "%3A"),
        ("DATABASE_URL", f"postgresql://user:{SECRET}/1@host/name", "%2F"),
        ("DATABASE_URL", f"postgresql://user:{SECRET}#1@host/name", "%23"),
        ("DATABASE_URL", f"postgresql://user:{SECRET}@host:54x/name", "port"),
        ("DATABASE_PRIVATE_URL", f"https://user:{SECRET}@host/name", "not with https://"),
        ("DATABASE_DIRECT_URL", f"mysql://user:{SECRET}@host/name", "not with mysql://"),
        ("BROKER_URL", f"http://user:{SECRET}@host/1", "begin with redis://, rediss://, amqp:// or amqps://"),
        ("BROKER_URL", f"redis://:{SECRET}/1@host/1", "%2F"),
        ("REDIS_URL", f"https://:{SECRET}@host", "not with https://"),
    ],
)
def test_a_wrong_address_is_named_and_never_shown(
    clean: pytest.MonkeyPatch, name: str, address: str, said: str
) -> None:
    sentence = told(clean, **{name: address})
    assert name in sentence.partition(" is wrong: ")[0]
    assert said in sentence
    assert SECRET not in sentence


@pytest.mark.parametrize(
    "address",
    [
        GOOD,
        "postgres://user@host",
        "postgresql+psycopg://user:a%40b%3A%2F%23@host:5432/name?sslmode=verify-full",
        "postgresql:///name?host=/var/run/postgresql",
        "postgresql://user:secret@[::1]:5432/name?options=-c%20a=b@c",
    ],
)
def test_an_address_in_order_is_taken_whole(clean: pytest.MonkeyPatch, address: str) -> None:
    clean.setenv("DATABASE_URL", address)
    assert load_settings().database_url.plain == address


@pytest.mark.parametrize("name", ["NEXTAUTH_SECRET", "SIGNING_SECRET", "RESEND_WEBHOOK_SECRET"])
def test_a_rejected_secret_is_never_printed(clean: pytest.MonkeyPatch, name: str) -> None:
    assert SECRET not in told(clean, **{name: SECRET})
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert SECRET not in f"{refused.value} {refused.value!r}"


def test_the_main_web_apps_secret_is_counted_in_bytes(clean: pytest.MonkeyPatch) -> None:
    assert "32 bytes" in told(clean, NEXTAUTH_SECRET="é" * 15)
    clean.setenv("NEXTAUTH_SECRET", "é" * 16)
    assert load_settings().nextauth_secret is not None


def test_settings_are_shown_without_what_is_secret_in_them(clean: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_DIRECT_URL"):
        clean.setenv(name, f"postgresql://user:{SECRET}@host/name?password={SECRET}")
    for name in ("BROKER_URL", "REDIS_URL"):
        clean.setenv(name, f"redis://:{SECRET}@host/1")
    clean.setenv("NEXTAUTH_SECRET", SECRET * 4)
    shown = f"{load_settings()} {load_settings()!r}"
    assert SECRET not in shown
    assert "host/name" in shown


def test_a_lease_outlasts_a_calls_time_limit_and_some_heartbeats(clean: pytest.MonkeyPatch) -> None:
    assert "LEASE_SECONDS" in told(clean, LEASE_SECONDS="29")
    clean.setenv("LEASE_SECONDS", "30")
    assert load_settings().lease_seconds == 30
