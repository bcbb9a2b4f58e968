"""Bodies on disk, so that a long run does not fill the memory: two files; when one is full the other is dropped."""

import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

FILE_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    file: int
    offset: int
    length: int


class Spool:
    """A None folder means a temporary one that ends with the process."""

    def __init__(self, folder: Path | None, *, file_bytes: int = FILE_BYTES) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="emulators-") if folder is None else None
        self._folder = Path(self._temporary.name) if self._temporary else Path(folder or "")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file_bytes = file_bytes
        self._guard = threading.Lock()
        self._files: dict[int, int] = {}
        self._newest = -1
        self._end = 0
        self._open_next()

    def append(self, body: bytes) -> Place:
        with self._guard:
            if self._end and self._end + len(body) > self._file_bytes:
                self._open_next()
            place = Place(self._newest, self._end, len(body))
            os.pwrite(self._files[self._newest], body, self._end)
            self._end += len(body)
            return place

    def read(self, place: Place) -> bytes | None:
        """The body, or None when it is no longer kept."""
        with self._guard:
            descriptor = self._files.get(place.file)
            return None if descriptor is None else os.pread(descriptor, place.length, place.offset)

    def clear(self) -> None:
        with self._guard:
            self._open_next()
            self._drop_before(self._newest)

    def close(self) -> None:
        with self._guard:
            self._drop_before(self._newest + 1)
            if self._temporary:
                self._temporary.cleanup()

    def _open_next(self) -> None:
        self._newest += 1
        self._end = 0
        path = self._path(self._newest)
        self._files[self._newest] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._drop_before(self._newest - 1)

    def _drop_before(self, first_kept: int) -> None:
        for number in [known for known in self._files if known < first_kept]:
            os.close(self._files.pop(number))
            self._path(number).unlink(missing_ok=True)

    def _path(self, number: int) -> Path:
        return self._folder / f"bodies-{number}"
