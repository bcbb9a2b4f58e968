"""LinkedIn's emulator, and an application."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.emulators.site import Site
from tests.unit.sandbox.emulators.linkedin.application import Application


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    site = Site(tmp_path)
    yield Application(site)
    site.close()
