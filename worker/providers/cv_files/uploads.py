"""Files below the folder of uploads, and nothing else that a path could name."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worker.contracts.cv_files import LARGEST, MISSING, NOT_ALLOWED, TOO_LARGE, UNAVAILABLE, CvFile
from worker.kit.errors import Refused, Retryable

# A named pipe would be waited for, and a last link would lead elsewhere.
OPENING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
LONGEST = 1000


class Uploads:
    """folder: empty where this machine sees none."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder) if folder else None

    def fetch(self, place: str, *, known: str | None) -> CvFile | None:
        """As `CvFiles.fetch`, for a path. It may begin with a slash or with the folder's own name."""
        try:
            with _opened(self._inside(place)) as descriptor:
                status = os.fstat(descriptor)
                return _content(descriptor, status, known)
        except FileNotFoundError:
            raise Refused("There is no file at the path of the CV.", code=MISSING) from None
        except OSError as error:
            raise Retryable(f"The file of the CV cannot be read ({type(error).__name__}).", code=UNAVAILABLE) from None

    def _inside(self, place: str) -> Path:
        """With every link followed: where they lead to is what has to lie inside."""
        if self._folder is None or len(place) > LONGEST or "\0" in place or "\\" in place:
            raise _outside()
        folder = self._folder.resolve()
        for path in _candidates(folder, place):
            resolved = path.resolve()
            if resolved == folder or not resolved.is_relative_to(folder):
                raise _outside()
            if resolved.exists():
                return resolved
        raise FileNotFoundError


def _candidates(folder: Path, place: str) -> Iterator[Path]:
    """Where a path may mean: below the folder; with the folder's own path or name before it, as some are stored."""
    path = Path(place)
    if path.is_absolute() and path.is_relative_to(folder):
        yield path
        return
    relative = Path(place.lstrip("/"))
    yield folder / relative
    if relative.parts[:1] == (folder.name,) and len(relative.parts) > 1:
        yield folder.joinpath(*relative.parts[1:])


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, OPENING)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _content(descriptor: int, status: os.stat_result, known: str | None) -> CvFile | None:
    if not stat.S_ISREG(status.st_mode):
        raise _outside()
    if status.st_size > LARGEST:
        raise Refused(f"The file of the CV is larger than {LARGEST // 1024**2} MB.", code=TOO_LARGE)
    version = f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}"
    if version == known:
        return None
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return CvFile(file.read(LARGEST + 1)[:LARGEST], version)


def _outside() -> Refused:
    return Refused("The path of the CV does not lie below the folder of uploads.", code=NOT_ALLOWED)
