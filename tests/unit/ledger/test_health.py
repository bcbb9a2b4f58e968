"""What counts as well, for whoever asks."""

import pytest

from worker.ledger.health import DISPATCHER_SILENT_SECONDS, Readiness, newest_migration


def found(migration: str | None = None, age: float | None = None) -> Readiness:
    return Readiness(migration, age, broker_reachable=None)


@pytest.mark.parametrize(
    ("age", "silent"), [(None, True), (0.0, False), (DISPATCHER_SILENT_SECONDS, False), (15.1, True)]
)
def test_a_dispatcher_is_silent_after_its_bound(age: float | None, silent: bool) -> None:
    assert found(age=age).dispatcher_silent is silent


def test_a_database_is_behind_until_the_newest_migration() -> None:
    newest = newest_migration()
    assert newest.isdecimal()
    assert found(newest).behind is None
    assert found("9999").behind is None
    for older in (None, "0001"):
        sentence = found(older).behind
        assert sentence == (
            f"The database is at migration {older or 'none'}, this release needs {newest}: run `intowork migrate`."
        )
