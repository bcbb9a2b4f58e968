"""Whether the database is at this release."""

from importlib.util import find_spec
from pathlib import Path

from worker.ledger.statistics import Readiness

RETRY_AFTER = 10


def behind(found: Readiness) -> str | None:
    """A sentence when migrations of this release are missing."""
    needed = newest_migration()
    if (found.migration_current or "") >= needed:
        return None
    return (
        f"The database is at migration {found.migration_current or 'none'}, this release needs {needed}: "
        "run `intowork migrate`."
    )


def newest_migration() -> str:
    """The last of the numbered migrations of this release (their file names begin with the revision)."""
    spec = find_spec("migrations")
    folders = [Path(each) / "versions" for each in (spec.submodule_search_locations or [])] if spec else []
    return max((file.name[:4] for folder in folders for file in folder.glob("[0-9]*.py")), default="")
