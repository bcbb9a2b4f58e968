"""Reads a Word document on standard input; a process of its own."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.package import Package

from worker.services.recommendations.cvs.outcomes import CvOutcome
from worker.services.recommendations.cvs.reading.answers import CannotBeRead, Found, answer
from worker.services.recommendations.cvs.reading.word.looks import Styles
from worker.services.recommendations.cvs.reading.word.names import OFF, RELATIONS, w
from worker.services.recommendations.cvs.reading.word.palette import Palette
from worker.services.recommendations.cvs.reading.word.shading import page_ground
from worker.services.recommendations.cvs.reading.word.walking import Place, Walker

MEGABYTE = 1024 * 1024
MOST_ENTRIES = 5_000
# Unpacked: of a part that is parsed, and of all, pictures included.
LARGEST_XML = 8 * MEGABYTE
LARGEST = 80 * MEGABYTE
ENCRYPTED = 0x1


def extract(content: bytes) -> Found:
    """Headers, the text, notes, footers. Raises CannotBeRead."""
    _look_inside(content)
    document = Package.open(io.BytesIO(content)).main_document_part
    element = _element(document)
    if element.tag != w("document"):
        raise CannotBeRead(CvOutcome.UNKNOWN_FORMAT)
    palette = Palette(_related(document, RELATIONSHIP_TYPE.THEME))
    settings = _related(document, RELATIONSHIP_TYPE.SETTINGS)
    walker = Walker(Styles(_related(document, RELATIONSHIP_TYPE.STYLES), palette))
    ground = page_ground(element, settings, palette)
    for part, shown in _parts(document, element, settings):
        walker.blocks(part, Place(ground, hidden=not shown))
    return walker.found


def _look_inside(content: bytes) -> None:
    """What the archive says of itself; no more than that is unpacked of any entry."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        raise CannotBeRead(CvOutcome.UNREADABLE) from None
    if not any(each.filename.startswith("word/") for each in entries):
        raise CannotBeRead(CvOutcome.UNKNOWN_FORMAT)
    if any(each.flag_bits & ENCRYPTED for each in entries):
        raise CannotBeRead(CvOutcome.PROTECTED)
    parsed = [each.file_size for each in entries if each.filename.lower().endswith((".xml", ".rels"))]
    whole = sum(each.file_size for each in entries)
    if len(entries) > MOST_ENTRIES or max(parsed, default=0) > LARGEST_XML or whole > LARGEST:
        raise CannotBeRead(CvOutcome.TOO_COMPLEX)


def _parts(document: Part, element: Any, settings: Any) -> Iterator[tuple[Any, bool]]:
    """In the order of reading, and whether Word shows them."""
    yield from _referred(document, element, settings, "headerReference")
    yield element, True
    for kind in (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES):
        notes = _related(document, kind)
        if notes is not None:
            yield notes, True
    yield from _referred(document, element, settings, "footerReference")


def _referred(document: Part, element: Any, settings: Any, kind: str) -> Iterator[tuple[Any, bool]]:
    """Each once, however many sections share it. Those of a first page and of even ones are shown where the document
    has such pages.
    """
    even = settings is not None and _is_on(settings.find(w("evenAndOddHeaders")))
    shown: dict[str, bool] = {}
    for section in element.iter(w("sectPr")):
        has = {"first": _is_on(section.find(w("titlePg"))), "even": even}
        for each in section.iterfind(w(kind)):
            name = each.get(RELATIONS + "id", "")
            shown[name] = shown.get(name, False) or has.get(each.get(w("type"), ""), True)
    for name, is_shown in shown.items():
        if name in document.rels and not document.rels[name].is_external:
            yield _element(document.rels[name].target_part), is_shown


def _is_on(switch: Any) -> bool:
    return switch is not None and switch.get(w("val"), "on") not in OFF


def _related(document: Part, kind: str) -> Any:
    related = (each for each in document.rels.values() if each.reltype == kind and not each.is_external)
    return next((_element(each.target_part) for each in related), None)


def _element(part: Part) -> Any:
    known = getattr(part, "element", None)
    return known if known is not None else parse_xml(part.blob)


if __name__ == "__main__":
    answer(extract)
