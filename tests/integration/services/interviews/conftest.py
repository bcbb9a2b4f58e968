"""Interviews in a connected calendar and in none, for each test anew, and the mailboxes of their people."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.factories.emulators import ResendEmulator
from tests.integration.services.interviews.agenda import START, Agenda, Service
from tests.integration.services.interviews.post import Post
from tests.integration.services.support import Platform


@pytest.fixture
def service() -> Service:
    return "google"


@pytest.fixture
def start() -> datetime:
    return START


@pytest.fixture
def ahead() -> datetime:
    """In the next two days."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=30)


@pytest.fixture
def agenda(platform: Platform, emulator_url: str, service: Service, start: datetime) -> Iterator[Agenda]:
    with requests.Session() as session:
        made = Agenda(platform, emulator_url, session, service, start)
        yield made
        made.close()


@pytest.fixture
def post(platform: Platform, emulator: ResendEmulator) -> Post:
    return Post(platform, emulator)
