"""Google's emulator with an application beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.emulators.site import Site
from tests.unit.sandbox.emulators.google.application import Application


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Nothing is connected."""
    site = Site(tmp_path)
    yield Application(site)
    site.close()


@pytest.fixture
def connected(application: Application) -> Application:
    """The account of human resources is connected."""
    application.connect()
    return application
