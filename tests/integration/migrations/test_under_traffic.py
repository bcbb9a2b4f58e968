"""An adoption that the main web app does not notice, while it works and somebody reads for long."""

import time
from collections.abc import Generator, Iterator

import pytest

from tests.factories.main_web_app import Variant
from tests.integration.migrations import catalogue
from tests.integration.migrations.conftest import Site, build, new_site
from tests.integration.migrations.traffic import traffic

CLIENTS = 3


def adopt_under_traffic(site: Site, variant: Variant, reader: float) -> float:
    """Seconds by which the slowest request beside the adoption took longer than the slowest one before it."""
    build(site, variant)
    with traffic(site, clients=CLIENTS, reader=reader) as met:
        while len(met.seconds) < 20 * CLIENTS and not met.faults:
            time.sleep(0.01)
        before, alone = len(met.seconds), max(met.seconds, default=0)
        site.upgrade()
        requests = len(met.seconds) - before
    assert met.faults == []
    assert requests > 10 * CLIENTS, "there was traffic"
    return max(met.seconds) - alone


def test_nobody_waits_for_an_adoption(site: Site, variant: Variant) -> None:
    adopt_under_traffic(site, variant, reader=1)
    quiet = catalogue.schema_of(site)
    site.downgrade()
    site.upgrade()
    assert catalogue.schema_of(site) == quiet


@pytest.fixture
def fresh_sites(server: str) -> Iterator[Iterator[Site]]:
    """As many empty databases as are asked for, one after the other."""

    def sites() -> Generator[Site]:
        while True:
            yield from new_site(server, "fresh_site")

    made = sites()
    yield made
    made.close()


@pytest.mark.full
def test_many_adoptions_beside_a_reader_of_eight_seconds(fresh_sites: Iterator[Site], variant: Variant) -> None:
    """Eight per server and variant: thirty-two in all."""
    longer = [adopt_under_traffic(next(fresh_sites), variant, reader=8) for _ in range(8)]
    assert max(longer) <= 1, longer
