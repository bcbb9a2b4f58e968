"""Microsoft: accounts of work and at home, accounts of no use, and organisations that want to be asked first."""

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.api.integrations.conftest import COLLEAGUE, RECRUITER, URL, Connecting, asked, new_event, told
from worker.catalogue.interviews import READ_CALENDARS
from worker.kit.logging import configure_logging

CARD = "outlook_calendar"


@pytest.mark.parametrize("kind", ["work", "personal"])
def test_an_outlook_account_is_connected(connecting: Connecting, kind: str) -> None:
    connecting.microsoft.steer("PUT", "accounts/rh@exemple.cm", kind=kind)
    assert told(connecting.connect("outlook")) == {"provider": "outlook", "success": "true"}
    shown = connecting.status()[CARD]
    assert (shown["is_connected"], shown["account"], shown["account_kind"]) == (True, "rh@exemple.cm", kind)


def test_an_account_without_a_mailbox_is_not_connected(connecting: Connecting) -> None:
    connecting.microsoft.steer("PUT", "accounts/rh@exemple.cm", kind="work", mailbox=False)
    answer = told(connecting.connect("outlook"))
    assert answer["success"] == "false"
    assert "boîte Exchange" in answer["error"]
    assert not connecting.status()[CARD]["is_connected"]
    assert connecting.credentials() == []


@pytest.mark.parametrize("code", [90094, 900941, 65001])
def test_an_organisation_that_wants_to_be_asked_first_gets_a_link_to_hand_on(connecting: Connecting, code: int) -> None:
    """The administrator's browser brings back no code and knows no session: that connects nobody, and is told once."""
    connecting.microsoft.steer("PUT", "accounts/rh@exemple.cm", kind="work", user_consent=False)
    connecting.microsoft.faults(consent_error=code)
    refused = told(connecting.connect("outlook"))
    assert refused["success"] == "false"
    assert "administrateur" in refused["error"]
    card = connecting.status()[CARD]
    assert (card["is_connected"], card["state"]) == (False, "disconnected")
    assert "administrateur" in card["reason"]
    assert connecting.rows("select task from task_runs") == []
    link = card["approval_url"]
    assert "/organizations/v2.0/adminconsent?" in link
    assert {"client_id", "scope", "redirect_uri", "state"} <= asked(link).keys()
    assert connecting.status(COLLEAGUE)[CARD]["approval_url"] is None

    location = connecting.microsoft.approve(link)
    assert location
    assert "code=" not in location
    approved = connecting.come_back(location)
    assert told(approved) == {"provider": "outlook", "success": "false", "approved": "true"}
    assert not connecting.status()[CARD]["is_connected"]
    connecting.work()
    [notification] = connecting.notifications()
    assert notification["user_id"] == RECRUITER
    assert "approuvé" in notification["title"]

    assert told(connecting.come_back(location))["success"] == "false", "a state is good for one use"
    connecting.work()
    assert len(connecting.notifications()) == 1
    connecting.microsoft.faults()
    assert told(connecting.connect("outlook"))["success"] == "true"
    assert connecting.status()[CARD]["approval_url"] is None


def test_an_administrator_who_declines_approves_nothing(connecting: Connecting) -> None:
    connecting.microsoft.steer("PUT", "accounts/rh@exemple.cm", kind="work", user_consent=False)
    connecting.connect("outlook")
    location = connecting.microsoft.approve(connecting.status()[CARD]["approval_url"], deny=True)
    assert location
    assert "approved" not in told(connecting.come_back(location))
    connecting.work()
    assert connecting.notifications() == []


def test_no_token_code_or_secret_is_anywhere_but_sealed_in_its_row(
    connecting: Connecting, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every row of every table, every answer of every route, every line of the log, after everything was done once."""
    configure_logging("DEBUG")
    caplog.set_level(logging.DEBUG)
    answers = [connecting.connect(slug) for slug in ("google-calendar", "outlook", "linkedin")]
    connecting.connect(deny=True)
    with connecting.working():
        answers += [
            connecting.recruiter.post(f"{URL}/{slug}/create-event", new_event(connecting))
            for slug in ("google-calendar", "outlook")
        ]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200, 200]
    connecting.google.expire()
    connecting.microsoft.expire()
    answers += [connecting.recruiter.get(f"{URL}/status")]
    answers += [connecting.api.post("/api/tasks", {"task": READ_CALENDARS.name, "payload": {}})]
    connecting.work()
    answers += [
        connecting.recruiter.call("DELETE", f"{URL}/{slug}/disconnect") for slug in ("google-calendar", "outlook")
    ]
    connecting.work()
    runs = connecting.rows("select id from task_runs")
    answers += [connecting.api.get(f"/api/tasks/{row['id']}?reveal=true") for row in runs]
    secrets = secrets_of(connecting)
    assert len(secrets) >= 6
    logged = "".join(capfd.readouterr())
    assert "DEBUG" in logged
    written = "\n".join(
        [
            *(str(dict(answer.headers)) + answer.get_data(as_text=True) for answer in answers),
            *everything(connecting),
            caplog.text,
            logged,
        ]
    )
    found = [name for name, secret in secrets.items() if secret in written]
    assert found == []


def secrets_of(connecting: Connecting) -> Mapping[str, str]:
    """What the providers gave, and the apps' own secrets, by where it comes from."""
    settings = connecting.settings.model_dump()
    names = [name for name in settings if name.endswith(("_client_secret", "_keys")) and settings[name]]
    ours = {name: settings[name].get_secret_value() for name in names}
    issued = connecting.microsoft.get("microsoft/tokens")
    theirs: dict[str, str] = {}

    def collect(value: Any, place: str) -> None:
        if isinstance(value, dict):
            for name, each in value.items():
                collect(each, f"{place}.{name}")
        elif isinstance(value, list):
            for number, each in enumerate(value):
                collect(each, f"{place}[{number}]")
        elif isinstance(value, str) and len(value) >= 24:
            theirs[place] = value

    collect(issued, "microsoft")
    for row in connecting.credentials():
        for column in ("access_token", "refresh_token"):
            if row[column]:
                theirs[f"{row['provider']}.{column}"] = connecting.vault.open(row[column])
    return {**ours, **theirs}


def everything(connecting: Connecting) -> list[str]:
    tables = connecting.rows("select tablename from pg_tables where schemaname = 'public'")
    return [
        str(row["row"])
        for table in tables
        for row in connecting.rows(f"select to_jsonb(t) as row from {table['tablename']} t")
    ]
