"""`.env.example`: the report's names, ours, and nothing that no one reads."""

import pytest

from tests.integration.deployment.files import ENVIRONMENT, compose_variables, variables
from worker.kit.settings import Settings, load_settings
from worker.kit.settings import variables as variables_of

REPORT = """\
# LinkedIn
LINKEDIN_CLIENT_ID=
LINKEDIN_CLIENT_SECRET=
LINKEDIN_REDIRECT_URI=https://api.intowork.co/api/integrations/linkedin/callback

# Google Calendar
GOOGLE_CLIENT_ID=
GOOGLE_CLIENT_SECRET=
GOOGLE_REDIRECT_URI=https://api.intowork.co/api/integrations/google-calendar/callback

# Microsoft Outlook/Teams
MICROSOFT_CLIENT_ID=
MICROSOFT_CLIENT_SECRET=
MICROSOFT_TENANT_ID=common
MICROSOFT_REDIRECT_URI=https://api.intowork.co/api/integrations/outlook/callback

# Email Service (pour job alerts)
RESEND_API_KEY=
FROM_EMAIL=INTOWORK <noreply@intowork.com>
FRONTEND_URL=https://intowork.co

# Claude AI (pour email templates avancés - optionnel)
ANTHROPIC_API_KEY=
"""
REPORTED = {line.partition("=")[0] for line in REPORT.splitlines() if "=" in line}
SETTINGS = {name for field, info in Settings.model_fields.items() for name in variables_of(field, info)}


def test_the_reports_block_stands_verbatim() -> None:
    assert f"\n{REPORT}\n" in ENVIRONMENT.read_text()


def test_every_setting_is_shown() -> None:
    assert SETTINGS - set(variables()) == set(), "add these settings to .env.example"


def test_every_variable_of_compose_is_shown() -> None:
    assert compose_variables() - set(variables()) == set()


def test_every_variable_is_read_by_someone() -> None:
    assert set(variables()) - SETTINGS - compose_variables() - REPORTED == set()


def test_no_variable_stands_twice() -> None:
    names = [line.removeprefix("# ").partition("=")[0] for line in ENVIRONMENT.read_text().splitlines() if "=" in line]
    assert [name for name in names if name in variables() and names.count(name) > 1] == []


def test_what_is_shown_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uncommenting a line changes nothing, but for what docker-compose.yml itself decides."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/intowork")
    bare = load_settings()
    for name, (is_set, value) in variables().items():
        if value and not is_set:
            monkeypatch.setenv(name, value)
    shown = load_settings()
    decided = {"broker_url", "trusted_proxies"}
    assert shown.model_dump(exclude=decided) == bare.model_dump(exclude=decided)


def test_no_secret_is_given() -> None:
    secret = [name for name in variables() if name.endswith(("_SECRET", "_KEY", "_PASSWORD", "_AUTH"))]
    assert len(secret) >= 6
    assert [name for name in secret if variables()[name][1]] == []
