"""CVs from the folder of uploads and from the hosts that operators named, and from nowhere else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.factories.emulators import CvsEmulator
from worker.contracts.cv_files import LARGEST, CvFile
from worker.kit.errors import Refused, Retryable
from worker.providers.cv_files.client import StoredCvs


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    (folder / "cv").mkdir(parents=True)
    (folder / "cv" / "1.pdf").write_bytes(b"%PDF-1.7 one")
    (tmp_path / "secret.pdf").write_bytes(b"%PDF-1.7 secret")
    return folder


@pytest.fixture
def cvs(emulator_url: str) -> Iterator[CvsEmulator]:
    with requests.Session() as session:
        emulator = CvsEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


@pytest.fixture
def files(uploads: Path) -> Iterator[StoredCvs]:
    """As on a laptop, where the host of CVs is this machine."""
    client = StoredCvs(uploads=str(uploads), hosts="127.0.0.1", ports="443", local=True)
    yield client
    client.close()


def fetched(files: StoredCvs, place: str, known: str | None = None) -> CvFile:
    file = files.fetch(place, known=known)
    assert file is not None
    return file


@pytest.mark.parametrize("place", ["cv/1.pdf", "/cv/1.pdf", "uploads/cv/1.pdf", "/uploads/cv/1.pdf", "cv/../cv/1.pdf"])
def test_a_path_means_a_file_below_the_folder_of_uploads(files: StoredCvs, uploads: Path, place: str) -> None:
    file = fetched(files, place)
    assert file.content == b"%PDF-1.7 one"
    assert files.fetch(place, known=file.version) is None
    assert fetched(files, str(uploads / "cv/1.pdf")) == file
    (uploads / "cv/1.pdf").write_bytes(b"%PDF-1.7 another")
    assert fetched(files, place, file.version).content == b"%PDF-1.7 another"


def test_nothing_else_on_the_machine_is_read(files: StoredCvs, uploads: Path) -> None:
    (uploads / "link.pdf").symlink_to(uploads.parent / "secret.pdf")
    (uploads / "inside.pdf").symlink_to("cv/1.pdf")
    os.mkfifo(uploads / "pipe.pdf")
    places = [
        "../secret.pdf",
        "/../secret.pdf",
        "cv/../../secret.pdf",
        "link.pdf",
        "pipe.pdf",
        "cv",
        ".",
        "a\0b",
        "x" * 9999,
    ]
    for place in [*places, "a\0b", "x" * 9999, str(uploads.parent / "secret.pdf")]:
        with pytest.raises(Refused) as caught:
            files.fetch(place)
        assert caught.value.code in {"cv.not_allowed", "cv.missing"}, place
        assert "secret" not in str(caught.value)
    assert fetched(files, "inside.pdf").content == b"%PDF-1.7 one"
    with pytest.raises(Refused) as caught:
        files.fetch("cv/2.pdf")
    assert caught.value.code == "cv.missing"
    with (uploads / "large.pdf").open("wb") as large:
        large.truncate(LARGEST + 1)
    with pytest.raises(Refused) as caught:
        files.fetch("large.pdf")
    assert caught.value.code == "cv.too_large"


def test_a_file_on_a_named_host_is_handed_over_once(files: StoredCvs, cvs: CvsEmulator) -> None:
    address = cvs.put("cv.pdf", b"%PDF-1.7 remote")
    file = fetched(files, address)
    assert file.content == b"%PDF-1.7 remote"
    assert files.fetch(address, known=file.version) is None
    cvs.put("cv.pdf", b"%PDF-1.7 newer")
    assert fetched(files, address, file.version).content == b"%PDF-1.7 newer"
    assert cvs.answers() == {"cv.pdf 200": 2, "cv.pdf 304": 1}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("large.pdf", "cv.too_large"),
        ("moved.pdf", "cv.not_allowed"),
        ("private.pdf", "cv.not_allowed"),
        ("none.pdf", "cv.missing"),
    ],
)
def test_what_a_server_does_not_hand_out_is_said_by_a_code(
    files: StoredCvs, cvs: CvsEmulator, name: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        files.fetch(f"{cvs.url}/cvs/{name}")
    assert caught.value.code == code


def test_what_passes_may_be_tried_again(files: StoredCvs, cvs: CvsEmulator) -> None:
    with pytest.raises(Retryable) as caught:
        files.fetch(f"{cvs.url}/cvs/broken.pdf")
    assert caught.value.code == "cv.unavailable"


@pytest.mark.parametrize(
    "place",
    [
        "http://files.example.com/a.pdf",
        "https://elsewhere.example.com/a.pdf",
        "https://files.example.com.evil.example/a.pdf",
        "https://files.example.com@127.0.0.1/a.pdf",
        "https://127.0.0.1/a.pdf",
        "https://169.254.169.254/latest/meta-data",
        "https://files.example.com:5432/a.pdf",
        "ftp://files.example.com/a.pdf",
        "file:///etc/passwd",
        "https://",
        "cv/1.pdf",
    ],
)
def test_no_other_address_is_connected_to(place: str) -> None:
    """Neither is a path read where no folder was named."""
    client = StoredCvs(uploads="", hosts="files.example.com", ports="443", resolve=lambda _host, _port: ["10.0.0.5"])
    for each in (place, "https://files.example.com/a.pdf"):
        with pytest.raises(Refused) as caught:
            client.fetch(each)
        assert caught.value.code == "cv.not_allowed"
        assert "example" not in str(caught.value)
    client.close()
