"""Candidates' CVs from where they lie to the text that is compared: read once, followed when they change, forgotten."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Connection

from tests.factories import main_web_app
from tests.factories.cv_files import line, one_page, paragraph, pdf, run, stream, word
from tests.factories.emulators import CvsEmulator
from tests.factories.ledger import change, claim_one, one, prepare, transact, write
from tests.factories.runs import TASK
from worker.kit.database import Database, raw
from worker.kit.settings import Settings
from worker.ledger.context import Context
from worker.services.recommendations.cvs.notes import notes
from worker.services.recommendations.cvs.outcomes import CvOutcome, CvText, Refreshed
from worker.services.recommendations.cvs.refreshing import fetch_and_extract
from worker.services.recommendations.cvs.stored import stored_texts
from worker.services.recommendations.retention import RETENTION
from worker.wiring import Wiring

BOMB = one_page(stream(b" " * 100_000_000, compressed=True))
HIDDEN = line("Kubernetes Terraform", y=700, size=1, before="1 1 1 rg")


class Reader:
    """A run that looks at CVs, with its settings and the main web app beside it."""

    def __init__(self, database: Database, uploads: Path) -> None:
        self.database = database
        self.uploads = uploads
        self.wiring = Wiring(
            Settings(
                database_url="postgresql:///unused",
                uploads_path=str(uploads),
                cv_hosts="127.0.0.1",
                webhook_local_receivers=True,
            )
        )
        worker = prepare(database, TASK)
        [run_id] = write(database)
        self.context = Context(database, claim_one(database, worker, run_id, task=TASK))

    def put(self, name: str, content: bytes) -> None:
        (self.uploads / name).write_bytes(content)

    def hand_in(self, candidate_id: int, path: str, **values: Any) -> None:
        def insert(connection: Connection) -> None:
            row = {"candidate_id": candidate_id, "filename": "cv", "file_path": path, **values}
            main_web_app.insert(raw(connection), "candidate_cvs", **row)

        transact(self.database, insert)

    def read(self, candidate_id: int) -> Refreshed:
        return fetch_and_extract(self.context, self.wiring.cv_files(), candidate_id)

    def stored(self, candidate_id: int) -> CvText:
        return transact(self.database, lambda connection: stored_texts(connection, [candidate_id]))[candidate_id]

    def outcome(self, candidate_id: int) -> CvOutcome:
        """Of a look, and as it is stored then."""
        found = self.read(candidate_id).cv
        assert self.stored(candidate_id) == found
        return found.outcome


@pytest.fixture
def reader(database: Database, tmp_path: Path) -> Iterator[Reader]:
    transact(database, lambda connection: main_web_app.populate_people(raw(connection)))
    reader = Reader(database, tmp_path)
    yield reader
    reader.wiring.close()


@pytest.fixture
def cvs(emulator_url: str) -> Iterator[CvsEmulator]:
    with requests.Session() as session:
        emulator = CvsEmulator(emulator_url, session)
        emulator.reset()
        yield emulator


def test_a_cv_is_followed_from_its_upload_to_the_end_of_the_account(reader: Reader) -> None:
    database = reader.database
    assert reader.outcome(1) is CvOutcome.NONE
    reader.put("1.pdf", pdf(line("Caissière, 2 ans") + line("o\0ce", y=600) + HIDDEN))
    reader.hand_in(1, "/1.pdf", created_at="2026-01-02")
    reader.hand_in(1, "old.pdf", created_at="2026-01-01")
    reader.hand_in(1, "off.pdf", created_at="2026-01-03", is_active=False)
    assert reader.stored(1).outcome is CvOutcome.PENDING

    read = CvText("Caissière, 2 ans\noce", CvOutcome.READ, 19)
    assert reader.read(1) == Refreshed(read, changed=True)
    assert reader.read(1) == Refreshed(read, changed=False)
    assert notes(reader.stored(1), "fr") == ["CV : texte caché ignoré (19 caractères)."]

    # The same bytes at another place are not read again.
    reader.put("2.pdf", (reader.uploads / "1.pdf").read_bytes())
    change(database, "update cv_texts set text = 'as stored'")
    change(database, "update candidates set cv_url = '2.pdf' where id = 2")
    assert reader.read(2).cv == CvText("as stored", CvOutcome.READ, 19)

    reader.put("1.pdf", word(paragraph(run("Comptable"), run("Go", "<w:vanish/>"))))
    assert reader.read(1) == Refreshed(CvText("Comptable", CvOutcome.READ, 2), changed=True)

    transact(database, lambda connection: main_web_app.delete_candidate_account(raw(connection), 2))
    assert one(database, "select count(*) as n from cv_files")["n"] == 1
    change(database, "update cv_texts set used_at = now() - interval '2 days'")
    [entry] = [each for each in RETENTION if each.table == "cv_texts"]
    assert transact(database, lambda connection: entry.step(connection, 100)).rows == 1
    assert reader.stored(2).text == "as stored"


def test_a_score_does_without_what_cannot_be_read_and_the_next_cv_is_read(reader: Reader, cvs: CvsEmulator) -> None:
    database = reader.database
    places = {
        "bomb.pdf": CvOutcome.TOO_COMPLEX,
        "../secret.pdf": CvOutcome.NOT_ALLOWED,
        "none.pdf": CvOutcome.MISSING,
        "cv.doc": CvOutcome.UNKNOWN_FORMAT,
        "blank.pdf": CvOutcome.NO_TEXT,
        f"{cvs.url}/cvs/large.pdf": CvOutcome.TOO_LARGE,
        f"{cvs.url}/cvs/broken.pdf": CvOutcome.UNAVAILABLE,
        "https://elsewhere.example/cv.pdf": CvOutcome.NOT_ALLOWED,
        cvs.put("cv.pdf", pdf(line("Chauffeur"))): CvOutcome.READ,
    }
    reader.put("bomb.pdf", BOMB)
    reader.put("cv.doc", b"\xd0\xcf\x11\xe0 an old document")
    reader.put("blank.pdf", pdf(""))
    for place, outcome in places.items():
        change(database, f"update candidates set cv_url = '{place}' where id = 1")
        assert reader.outcome(1) is outcome, place
        assert bool(notes(reader.stored(1), "fr")) is (outcome is not CvOutcome.READ)

    # What was fetched once stays known while its server is away, and is not handed over again.
    assert reader.read(1) == Refreshed(CvText("Chauffeur", CvOutcome.READ), changed=False)
    assert cvs.answers()["cv.pdf 304"] == 1

    # These bytes are never tried again.
    change(database, "update cv_texts set hidden_characters = 7 where outcome = 'cv.too_complex'")
    change(database, "update candidates set cv_url = '/bomb.pdf' where id = 1")
    assert reader.read(1).cv == CvText(None, CvOutcome.TOO_COMPLEX, 7)
