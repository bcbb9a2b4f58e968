"""Reads a PDF on standard input; a process of its own."""

import io

from pypdf import Configuration, PageObject, PasswordType, PdfReader, overwrite_configuration
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import ContentStream

from worker.services.recommendations.cvs.outcomes import CvOutcome
from worker.services.recommendations.cvs.reading.answers import CannotBeRead, Found, answer
from worker.services.recommendations.cvs.reading.pdf.annotations import paint_annotations
from worker.services.recommendations.cvs.reading.pdf.geometry import Box, Point, around
from worker.services.recommendations.cvs.reading.pdf.glyphs import Canvas, unseen
from worker.services.recommendations.cvs.reading.pdf.layout import lines
from worker.services.recommendations.cvs.reading.pdf.objects import value
from worker.services.recommendations.cvs.reading.pdf.painter import BROKEN, Painter
from worker.services.recommendations.cvs.reading.pdf.resources import Shelf

MEGABYTE = 1024 * 1024
MOST_PAGES = 50
# What a CV needs is less by far; the library's own bounds are those of books.
BOUNDS = Configuration(
    maximum_declared_stream_length=20 * MEGABYTE,
    array_based_stream_maximum_output_length=20 * MEGABYTE,
    zlib_maximum_output_length=20 * MEGABYTE,
    lzw_maximum_output_length=20 * MEGABYTE,
    run_length_maximum_output_length=20 * MEGABYTE,
    brotli_maximum_output_length=20 * MEGABYTE,
    stream_decoding_work_maximum_length=40 * MEGABYTE,
    stream_parsing_work_maximum_count=400_000,
    page_tree_maximum_entries=2_000,
    jbig2dec_binary=None,
    disable_legacy_handling=True,
)


def extract(content: bytes) -> Found:
    """Of the first pages, as far as their text is kept. Raises CannotBeRead."""
    overwrite_configuration(BOUNDS)
    try:
        return _of_pages(Shelf(_opened(content)))
    except LimitReachedError:
        raise CannotBeRead(CvOutcome.TOO_COMPLEX) from None


def _of_pages(shelf: Shelf) -> Found:
    """A page that is broken is left out, as long as others can be read."""
    found, broken = Found([]), False
    for page in shelf.reader.pages[:MOST_PAGES]:
        try:
            found.add(_of_page(page, shelf))
        except LimitReachedError:
            raise
        except (PyPdfError, *BROKEN):
            broken = True
        if found.enough:
            break
    if broken and not found.visible:
        raise CannotBeRead(CvOutcome.UNREADABLE)
    return found


def _opened(content: bytes) -> PdfReader:
    """What has only an owner's password opens with none: anybody may read it."""
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        raise CannotBeRead(CvOutcome.PROTECTED)
    return reader


def _of_page(page: PageObject, shelf: Shelf) -> Found:
    canvas = Canvas(_box(page))
    painter = Painter(canvas, shelf, float(value(page, "/UserUnit", 1)))
    if "/Contents" in page:
        painter.paint(ContentStream(page["/Contents"], shelf.reader, "bytes"), value(page, "/Resources"))
    paint_annotations(painter, page)
    seen = [glyph for glyph in canvas.glyphs if canvas.is_seen(glyph)]
    return Found(lines(seen), sum(len(glyph.text.strip()) for glyph in unseen(canvas.glyphs, seen)))


def _box(page: PageObject) -> Box:
    """What is shown of the page: where that is nothing, all of it."""
    whole, shown = (
        around([Point(*map(float, corner)) for corner in (box.lower_left, box.upper_right)])
        for box in (page.mediabox, page.cropbox)
    )
    both = shown.within(whole)
    return both if both.left < both.right and both.bottom < both.top else whole


if __name__ == "__main__":
    answer(extract)
