import pytest

from sandbox.access import refuse_production
from sandbox.processes import SandboxError


@pytest.mark.parametrize(
    "environment",
    [
        {"RAILWAY_ENVIRONMENT": "production"},
        {"NEXT_PUBLIC_FORCE_HTTPS": "true"},
        {"DATABASE_URL": "postgresql://user:secret@db.example.org:5432/app"},
        {"DATABASE_PRIVATE_URL": "postgresql://postgres.railway.internal/app"},
        {"BROKER_URL": "rediss://:secret@cache.example.org/1"},
    ],
    ids=lambda environment: next(iter(environment)),
)
def test_what_looks_like_production_is_refused_by_name_and_without_secrets(environment: dict[str, str]) -> None:
    with pytest.raises(SandboxError, match=next(iter(environment))) as refusal:
        refuse_production(environment)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"DATABASE_URL": "postgresql://localhost:5432/app", "BROKER_URL": "redis://127.0.0.1:6379/1"},
        {"DATABASE_URL": "postgresql:///app?host=/run/postgresql", "NEXT_PUBLIC_FORCE_HTTPS": "false"},
    ],
)
def test_a_laptop_is_accepted(environment: dict[str, str]) -> None:
    refuse_production(environment)
