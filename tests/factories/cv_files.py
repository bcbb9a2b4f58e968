"""CVs as files: PDFs written object by object, Word documents part by part, and files made to harm who reads them."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence

HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DIGITS = "0123456789"
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def pdf_of(objects: Sequence[bytes], *, trailer: bytes = b"") -> bytes:
    """objects: from number 1, the first one the catalogue."""
    written = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, each in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    written += b"trailer <</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(written)


def stream(content: bytes, entries: bytes = b"", *, compressed: bool = False) -> bytes:
    if compressed:
        content, entries = zlib.compress(content, 9), entries + b"/Filter/FlateDecode"
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), entries, content)


def pdf(
    *pages: str,
    fonts: Mapping[str, bytes] | None = None,
    resources: bytes = b"",
    more: Sequence[bytes] = (),
    off: bytes = b"",
    of_page: bytes = b"",
) -> bytes:
    """Pages of 595 × 842 points by their content. F1 is Helvetica; more: objects from number 3 on; off: layers that are
    switched off; of_page: further entries of each page.
    """
    shelf = b"".join(b"/%s %s" % (name.encode(), font) for name, font in {"F1": HELVETICA, **(fonts or {})}.items())
    first = 3 + len(more)
    kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(len(pages)))
    layers = b"/OCProperties<</OCGs[%s]/D<</OFF[%s]>>>>" % (off, off) if off else b""
    tree = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), kids)
    objects = [b"<</Type/Catalog/Pages 2 0 R%s>>" % layers, tree, *more]
    box = b"" if b"MediaBox" in of_page else b"/MediaBox[0 0 595 842]"
    for number, content in enumerate(pages):
        objects.append(
            b"<</Type/Page/Parent 2 0 R%s%s/Contents %d 0 R/Resources<</Font<<%s>>%s>>>>"
            % (of_page, box, first + 2 * number + 1, shelf, resources)
        )
        objects.append(stream(content.encode("latin-1"), compressed=True))
    return pdf_of(objects)


def one_page(content: bytes, *more: bytes, resources: bytes = b"") -> bytes:
    """A page with this very object as its content. more: objects from number 5 on."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 %s>>%s>>>>"
    tree = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", tree, page % (HELVETICA, resources), content, *more])


def line(text: str, x: float = 72, y: float = 720, *, size: float = 12, before: str = "") -> str:
    """One line of text; before: operators that change how it looks."""
    return f"q {before} BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET Q\n"


def word(
    body: str,
    *,
    styles: str = "",
    parts: Mapping[str, str] | None = None,
    section: str = "",
    background: str = "",
    prologue: str = "",
) -> bytes:
    """A Word document. parts: headers, footers and the like by their names below `word/`, without `.xml`."""
    parts = parts or {}
    names = (
        f'xmlns:w="{WORD}" xmlns:r="{RELATIONS}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    )
    shapes = (
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    )
    document = (
        f"{prologue}<w:document {names} {shapes}>{background}<w:body>{body}<w:sectPr>{section}</w:sectPr></w:body>"
        "</w:document>"
    )
    files = {
        "word/document.xml": document,
        "word/styles.xml": f"<w:styles {names}>{styles}</w:styles>",
        **{
            f"word/{name}.xml": f"<w:{_root(name)} {names} {shapes}>{inner}</w:{_root(name)}>"
            for name, inner in parts.items()
        },
    }
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{TYPES}.{_kind(name)}+xml"/>' for name in files)
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{name.rstrip(DIGITS)}" Target="{name}.xml"/>'
        for number, name in enumerate(["styles", *parts])
    )
    files["[Content_Types].xml"] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>"
    )
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    files["_rels/.rels"] = (
        f'<Relationships xmlns="{package}"><Relationship Id="r0" Type="{RELATIONS}/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    )
    files["word/_rels/document.xml.rels"] = f'<Relationships xmlns="{package}">{relations}</Relationships>'
    return archive(files)


def _root(name: str) -> str:
    return {"header": "hdr", "footer": "ftr"}.get(name.rstrip(DIGITS), name.rstrip(DIGITS))


def _kind(name: str) -> str:
    bare = name.removeprefix("word/").removesuffix(".xml").rstrip(DIGITS)
    return "document.main" if bare == "document" else bare


def archive(files: Mapping[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return written.getvalue()


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'
