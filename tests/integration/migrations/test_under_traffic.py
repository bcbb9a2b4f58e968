"""An adoption that the main web app does not notice, while it works and somebody reads for long."""

from collections.abc import Generator, Iterator

import pytest

from tests.factories.main_web_app import Variant
from tests.integration.migrations import catalogue
from tests.integration.migrations.conftest import Site, build, new_site
from tests.integration.migrations.traffic import Traffic, traffic

CLIENTS = 3


def adopt_under_traffic(site: Site, variant: Variant, reader: float) -> Traffic:
    build(site, variant)
    with traffic(site, clients=CLIENTS, reader=reader) as met:
        site.upgrade()
        requests = len(met.seconds)
    assert met.faults == []
    assert requests > 10 * CLIENTS, "there was traffic"
    return met


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
    slowest = [adopt_under_traffic(next(fresh_sites), variant, reader=8).slowest for _ in range(8)]
    assert max(slowest) <= 1, slowest
