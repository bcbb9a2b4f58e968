"""Where servers of the tests keep their data."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
# The servers of all lanes together hold less than half of it.
ROOM = 4 * 1024**3


@contextmanager
def data_folder(purpose: str) -> Iterator[Path]:
    """A folder for throw-away data, passable for the account that Postgres runs under when the tests run as root.

    In memory where there is room: a database is 800 files, and ext4 remembers deleted ones for some seconds, so that
    databases that come and go with the tests cost the disk's file system up to half a second of CPU each.
    """
    parent = MEMORY if _free_memory() > ROOM else Path("/var/tmp")
    folder = Path(tempfile.mkdtemp(prefix=f"intowork-{purpose}-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_memory() -> int:
    """Bytes; 0 where the kernel does not say, or a container has not this much room for shared memory."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return min(
            shutil.disk_usage(MEMORY).free,
            next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")),
        )
    except (OSError, StopIteration):
        return 0
