"""Files made to harm who reads them: each ends soon, holds little, says why, and the next file is read."""

import io
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from pypdf import PdfWriter

from tests.factories.cv_files import archive, line, one_page, paragraph, pdf, pdf_of, run, stream, word
from worker.kit.errors import Retryable
from worker.services.recommendations.cvs.outcomes import CvOutcome, CvText
from worker.services.recommendations.cvs.reading import child
from worker.services.recommendations.cvs.reading.child import read
from worker.services.recommendations.cvs.reading.formats import ENCRYPTED_OFFICE

MEGABYTE = 1024 * 1024
LONGEST = 20.0
MOST = 300 * MEGABYTE
CATALOGUE, EMPTY = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>"
ENTITIES = (
    '<!DOCTYPE w [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">' for n in range(12))
    + "]>"
)


class Peak:
    """The most memory that any child of this process held, as far as it could be seen."""

    def __init__(self) -> None:
        self.bytes = 0
        self.ended = threading.Event()

    def watch(self) -> None:
        while not self.ended.wait(0.005):
            for task in Path("/proc/self/task").iterdir():
                with suppress(OSError):
                    for child_id in (task / "children").read_text().split():
                        self.look_at(child_id)

    def look_at(self, child_id: str) -> None:
        """A child that has not become its program yet is still a copy of this process."""
        if b"cvs.reading" not in Path(f"/proc/{child_id}/cmdline").read_bytes():
            return
        for each in Path(f"/proc/{child_id}/status").read_text().splitlines():
            if each.startswith("VmHWM"):
                self.bytes = max(self.bytes, int(each.split()[1]) * 1024)


@contextmanager
def watched() -> Iterator[Peak]:
    peak = Peak()
    thread = threading.Thread(target=peak.watch)
    thread.start()
    try:
        yield peak
    finally:
        peak.ended.set()
        thread.join()


@pytest.fixture(scope="module")
def base() -> int:
    """What reading a harmless file takes."""
    with watched() as peak:
        assert read(pdf(line("Bonjour"))) == CvText("Bonjour", CvOutcome.READ)
    return peak.bytes


def pages(kids: bytes) -> bytes:
    return pdf_of([CATALOGUE, b"<</Type/Pages/Count 1/Kids[%s]>>" % kids, EMPTY])


def forms(*shown: bytes) -> bytes:
    """The first one, twenty times."""
    return one_page(stream(b"/X Do " * 20), *shown, resources=b"/XObject<</X 5 0 R>>")


def deep_outline(depth: int) -> bytes:
    entries = [b"<</Title(x)/First %d 0 R/Last %d 0 R/Count 1>>" % (n + 5, n + 5) for n in range(depth)]
    catalogue = b"<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>"
    return pdf_of([catalogue, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", EMPTY, *entries, b"<</Title(x)>>"])


HOSTILE: Mapping[str, tuple[Callable[[], bytes], str | None]] = {
    "100 MB from 97 KB": (lambda: one_page(stream(b" " * 100_000_000, compressed=True)), "too_complex"),
    "operators without end": (lambda: one_page(stream(b"q Q " * 4_000_000, compressed=True)), "too_complex"),
    "nested arrays": (lambda: one_page(stream(b"[" * 5_000_000, compressed=True)), "too_complex"),
    "page-wide boxes": (lambda: one_page(stream(b"0 0 595 842 re f " * 2_000, compressed=True)), "too_complex"),
    "a form that shows itself": (lambda: forms(stream(b"/X Do /X Do", FORM % 5)), "no_text"),
    "forms that show each other": (
        lambda: forms(*(stream(b"/X Do " * 20, FORM % (6 + n)) for n in range(9)), stream(b"", FORM % 99)),
        "no_text",
    ),
    "a deep outline": (lambda: deep_outline(20_000), "no_text"),
    "one page 200,000 times": (lambda: pages(b"3 0 R " * 200_000), "too_complex"),
    "pages in a circle": (lambda: pages(b"2 0 R"), "unreadable"),
    "a torn file": (lambda: pdf(line("Bonjour"))[:300], "unreadable"),
    "rows without end": (lambda: word("<w:tr/>" * 2_000_000), "too_complex"),
    "as many paragraphs as are parsed": (lambda: word("<w:p/>" * 400_000), None),
    "one paragraph of 8 MB": (lambda: word(paragraph(run("a" * 8_000_000))), "read"),
    "100 MB of a picture": (lambda: archive({"word/media/1.bmp": bytes(100_000_000)}), "too_complex"),
    "entities": (lambda: word(paragraph(run("&m;")), prologue=ENTITIES), "unreadable"),
    "entities in an attribute": (
        lambda: word(paragraph(run("x", '<w:color w:val="&m;"/>')), prologue=ENTITIES),
        "unreadable",
    ),
    "tables in tables": (
        lambda: word("<w:tbl><w:tr><w:tc>" * 75 + "<w:p/>" * 9_000 + "</w:tc></w:tr></w:tbl>" * 75),
        "no_text",
    ),
    "a torn archive": (lambda: b"PK\x03\x04\x14\x00", "unreadable"),
    "a document with a password": (lambda: b"\xd0\xcf\x11\xe0" + ENCRYPTED_OFFICE, "protected"),
    "a page of the web": (lambda: b"<!doctype html>", "unknown_format"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_soon_and_says_why(base: int, name: str) -> None:
    """Whatever follows is read by a new process, which `base` proved for each."""
    make, expected = HOSTILE[name]
    content = make()
    assert len(content) < 10 * MEGABYTE
    began = time.monotonic()
    with watched() as peak:
        cv = read(content)
    assert time.monotonic() - began < LONGEST
    assert peak.bytes < base + MOST
    assert expected is None or cv.outcome == f"cv.{expected}"
    assert (cv.text is not None) is (cv.outcome is CvOutcome.READ)


def test_a_password_is_said_and_one_of_the_owner_alone_hinders_nobody() -> None:
    for password, expected in (("secret", CvText(None, CvOutcome.PROTECTED)), ("", CvText("Bonjour", CvOutcome.READ))):
        writer, written = PdfWriter(clone_from=io.BytesIO(pdf(line("Bonjour")))), io.BytesIO()
        writer.encrypt(password, "owner", algorithm="AES-256")
        writer.write(written)
        assert read(written.getvalue()) == expected


def test_a_child_is_killed_when_its_time_is_up() -> None:
    assert read(pdf(line("Bonjour")), seconds=0.01) == CvText(None, CvOutcome.TOO_COMPLEX)
    assert read(pdf(line("Bonjour"))).outcome is CvOutcome.READ


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false"])
def test_a_machine_that_starts_nothing_blames_no_file(python: str) -> None:
    with pytest.raises(Retryable) as caught:
        read(pdf(line("Bonjour")), python=python)
    assert caught.value.code == "cv.not_read"


CONFINED = """
import os, socket, subprocess
from worker.services.recommendations.cvs.reading.confinement import confine
confine()
def refused(work, *kinds):
    try:
        work()
    except kinds:
        return True
    return False
print([
    refused(lambda: bytearray(260 * 1024 * 1024), MemoryError),
    refused(lambda: socket.create_connection(("127.0.0.1", 9)), PermissionError),
    refused(lambda: subprocess.Popen(["true"]), PermissionError),
    refused(lambda: os.fork(), PermissionError),
    refused(lambda: open("/tmp/written", "w"), PermissionError),
    refused(lambda: bytearray(100 * 1024 * 1024), MemoryError),
])
"""


def test_a_confined_process_gets_no_memory_no_network_no_process_and_no_file() -> None:
    command = [sys.executable, "-c", CONFINED]
    ended = subprocess.run(command, env=dict(child.ENVIRONMENT), capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[True, True, True, True, True, False]"


BUSY = """
from worker.services.recommendations.cvs.reading import confinement
confinement.CPU_SECONDS = 1
confinement.confine()
print("ready", flush=True)
while True:
    pass
"""


def test_a_file_that_takes_all_the_time_of_a_processor_is_the_one_to_blame(tmp_path: Path) -> None:
    """A kernel that kills at once would look like whoever ends a process from outside."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{BUSY}'\n")
    python.chmod(0o755)
    assert read(pdf(line("Bonjour")), python=str(python)) == CvText(None, CvOutcome.TOO_COMPLEX)
