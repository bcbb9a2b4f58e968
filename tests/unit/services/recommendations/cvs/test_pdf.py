"""What a reader sees of a PDF, in the order in which he reads it, and how much else stands in it."""

import io

import pytest
from PIL import Image

from tests.factories.cv_files import HELVETICA, line, one_page, pdf, stream
from worker.services.recommendations.cvs.reading.answers import Found
from worker.services.recommendations.cvs.reading.cleaning import cleaned
from worker.services.recommendations.cvs.reading.pdf.directions import as_read
from worker.services.recommendations.cvs.reading.pdf.program import extract

VISIBLE = "Caissière, 2 ans"
SECRET = "Kubernetes Terraform Go 10 ans"
LETTERS = len(SECRET.replace(" ", ""))
ON_BLUE = "0 0 0.6 rg 0 590 595 60 re f"
STATE = b"/ExtGState<</Faint<</ca 0>>/Half<</ca 0.5>>/Whole<</ca 1>>/Multiply<</BM/Multiply>>>>"
LAYERS = b"/Properties<</Off 3 0 R>>"
TOUNICODE = b"""/CIDInit /ProcSet findresource begin begincmap
1 begincodespacerange <00> <ff> endcodespacerange
3 beginbfchar
<41> <0000>
<42> <FB01>
<43> <0007>
endbfchar endcmap"""


def seen(content: bytes) -> tuple[str, int]:
    found: Found = extract(content)
    return cleaned("\n".join(found.visible)), found.hidden


@pytest.mark.parametrize(
    ("before", "size", "x"),
    [
        ("1 1 1 rg", 12, 72),
        ("1 g", 12, 72),
        ("0 0 0 0 k", 12, 72),
        ("0.97 g", 12, 72),
        ("/DeviceRGB cs 1 1 1 sc", 12, 72),
        ("/Ink cs 0 scn", 12, 72),
        ("/Palette cs 1 scn", 12, 72),
        ("1 0 0 rg 0 0 595 842 re f 1 0 0 rg", 12, 72),
        ("0 g 60 600 400 60 re f 1 g 60 600 400 60 re f", 12, 72),
        ("1 g 300 625 m 60 700 500 700 520 625 c 500 550 60 550 50 625 c f", 12, 72),
        ("/Half gs 0.9 g 0 590 595 60 re f /Whole gs 1 g", 12, 72),
        ("1 Tr 1 G 0 g", 12, 72),
        ("2 Tr 1 G 1 g", 12, 72),
        ("3 Tr", 12, 72),
        ("7 Tr", 12, 72),
        ("/Faint gs", 12, 72),
        ("", 2.9, 72),
        ("0.1 0 0 0.1 60 560 cm", 12, 72),
        ("1 Tz", 12, 72),
        ("", 12, -500),
        ("", 12, 600),
        ("0 0 20 20 re W n", 12, 72),
        ("/OC /Off BDC", 12, 72),
    ],
    ids=str,
)
def test_what_no_reader_sees_is_left_out_and_counted(before: str, size: float, x: float) -> None:
    """Red on red, white on white in all its spellings, beyond all borders, switched off."""
    secret = line(SECRET, x, 620, size=size, before=before).replace("ET Q", "ET Q EMC" if "BDC" in before else "ET Q")
    spaces = b"/ColorSpace<</Ink[/Separation/Ink/DeviceRGB<</FunctionType 2/N 1/C0[1 1 1]/C1[0 0 0]/Domain[0 1]>>]"
    spaces += b"/Palette[/Indexed/DeviceRGB 1<000000ffffff>]>>"
    content = pdf(
        secret + line(VISIBLE), resources=STATE + spaces + LAYERS, more=[b"<</Type/OCG/Name(Off)>>"], off=b"3 0 R"
    )
    assert seen(content) == (VISIBLE, LETTERS)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "0.6 g",
        "1 0 0 rg",
        f"{ON_BLUE} 1 g",
        "1 g 0 0 595 842 re f 0 0 0.6 rg 300 625 m 60 700 500 700 520 625 c 500 550 60 550 50 625 c f 1 g",
        "2 Tr 0 G 1 g",
        "0 590 595 60 re W n",
        "/Half gs",
        "50 Tz",
        "12 0 0 12 -800 -6840 cm",
        "595 0 0 842 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x80 EI 0.00168067 0 0 0.00118765 0 0 cm 1 g",
        "/OC /On BDC",
    ],
    ids=str,
)
def test_what_a_reader_sees_counts_however_it_is_painted(before: str) -> None:
    size = 1 if before.endswith("cm") else 12
    content = pdf(
        line(SECRET, 72, 620, size=size, before=before) + line(VISIBLE),
        resources=STATE + b"/Properties<</On 3 0 R>>",
        more=[b"<</Type/OCG/Name(On)>>"],
    )
    assert seen(content) == (f"{VISIBLE}\n{SECRET}", 0)


@pytest.mark.parametrize(
    ("over", "covered"),
    [
        ("1 g 0 600 595 60 re f", True),
        ("/Half gs 1 g 0 600 595 60 re f", False),
        ("/Multiply gs 1 1 0 rg 0 600 595 60 re f", False),
    ],
)
def test_what_is_painted_over_is_not_seen(over: str, covered: bool) -> None:
    content = pdf(line(VISIBLE) + line(SECRET, 72, 620) + f"q {over} 0 600 595 60 re f Q", resources=STATE)
    assert seen(content) == ((VISIBLE, LETTERS) if covered else (f"{VISIBLE}\n{SECRET}", 0))


JPEG = io.BytesIO()
Image.new("RGB", (40, 30), (250, 250, 250)).save(JPEG, "JPEG")


@pytest.mark.parametrize(
    ("entries", "data", "shown"),
    [
        (b"/ColorSpace/DeviceRGB", b"\xff\xff\xff", False),
        (b"/ColorSpace/DeviceRGB", b"\x10\x20\x80", True),
        (b"/ColorSpace/DeviceGray/Decode[1 0]", b"\x00", False),
        (b"/ColorSpace[/Indexed/DeviceRGB 1<000080ffffff>]", b"\x01", False),
        (b"/ColorSpace[/Indexed/DeviceRGB 1<000080ffffff>]", b"\x00", True),
        (b"/ColorSpace/DeviceGray/SMask 4 0 R", b"\x00", False),
        (b"/ColorSpace/DeviceGray/SMask 5 0 R", b"\x00", True),
        (b"/ColorSpace/DeviceRGB/Filter/DCTDecode", JPEG.getvalue(), False),
        (b"/ColorSpace/DeviceRGB/Filter/JPXDecode", b"?", True),
    ],
)
def test_letters_on_a_picture_are_seen_as_far_as_it_has_another_colour(
    entries: bytes, data: bytes, shown: bool
) -> None:
    one = b"/Subtype/Image/Width 1/Height 1/BitsPerComponent 8"
    masks = [stream(each, one + b"/ColorSpace/DeviceGray") for each in (b"\x00", b"\xff")]
    content = pdf(
        f"q 595 0 0 200 0 550 cm /P Do Q {line(SECRET, 72, 620, before='1 g')}{line(VISIBLE, 72, 800)}",
        resources=b"/XObject<</P 3 0 R>>",
        more=[stream(data, one + entries), *masks],
    )
    assert seen(content) == ((f"{VISIBLE}\n{SECRET}", 0) if shown else (VISIBLE, LETTERS))


@pytest.mark.parametrize(("end", "shown"), [(b"1 1 1", False), (b"0 0 0.4", True)])
def test_a_gradient_of_one_colour_is_that_colour(end: bytes, shown: bool) -> None:
    function = b"<</FunctionType 2/N 1/Domain[0 1]/C0[1 1 1]/C1[%s]>>" % end
    shading = b"<</ShadingType 2/ColorSpace/DeviceRGB/Coords[0 0 595 0]/Function%s>>" % function
    content = pdf(
        f"q 0 600 595 60 re W n /S sh Q {line(SECRET, 72, 620, before='1 g')}{line(VISIBLE)}",
        resources=b"/Shading<</S %s>>" % shading,
    )
    assert seen(content) == ((f"{VISIBLE}\n{SECRET}", 0) if shown else (VISIBLE, LETTERS))


def test_forms_are_looked_into_with_their_own_place_and_border() -> None:
    form = stream(line(SECRET, 10, 10).encode(), b"/Subtype/Form/BBox[0 0 400 50]/Matrix[1 0 0 1 %d 600]")
    for left, expected in ((60, (f"{VISIBLE}\n{SECRET}", 0)), (700, (VISIBLE, LETTERS))):
        shown = (line(VISIBLE) + "/X Do").encode("cp1252")
        assert (
            seen(one_page(stream(shown), form.replace(b"%d", b"%d" % left), resources=b"/XObject<</X 5 0 R>>"))
            == expected
        )


def test_fields_that_are_filled_in_count_as_far_as_they_are_shown() -> None:
    look = stream(
        line(SECRET, 2, 2).encode(), b"/Subtype/Form/BBox[0 0 400 20]/Resources<</Font<</F1 %s>>>>" % HELVETICA
    )
    for kind, flags, expected in (
        (b"/Widget", 4, f"{VISIBLE}\n{SECRET}"),
        (b"/Widget", 2, VISIBLE),
        (b"/Popup", 4, VISIBLE),
    ):
        field = b"<</Subtype%s/F %d/Rect[72 600 472 620]/AP<</N 4 0 R>>>>" % (kind, flags)
        assert seen(pdf(line(VISIBLE), more=[field, look], of_page=b"/Annots[3 0 R]")) == (expected, 0)


def test_a_page_is_as_large_as_readers_take_it() -> None:
    """Whichever corners are named, and whatever a box beside the page says; cut off is what is outside the cut."""
    both = line(VISIBLE) + line(SECRET, 72, 620)
    assert seen(pdf(both, of_page=b"/MediaBox[595 842 0 0]")) == (f"{VISIBLE}\n{SECRET}", 0)
    assert seen(pdf(both, of_page=b"/CropBox[900 900 950 950]")) == (f"{VISIBLE}\n{SECRET}", 0)
    assert seen(pdf(both, of_page=b"/CropBox[0 700 595 842]")) == (VISIBLE, LETTERS)


def test_words_stand_together_where_their_letters_do() -> None:
    """Whatever blanks the text has, and where it has none."""
    torn = "BT /F1 12 Tf 72 700 Td [(gestion ) 278 (nair ) 278 (e de) -300 (paie)] TJ ET "
    pieces = "BT /F1 12 Tf 72 650 Td (recru) Tj 27.4 0 Td (tement) Tj 40 0 Td (interne) Tj ET "
    spaced = "BT /F1 12 Tf 6 Tc 72 600 Td (PROFIL) Tj ET "
    bold = line("Gras", 72, 550) + line("Gras", 72.3, 550)
    bold += "BT /F1 12 Tf 72 500 Td (Le 1) Tj /F1 7 Tf 5 Ts (er) Tj /F1 12 Tf 0 Ts ( prix) Tj ET"
    assert (
        seen(pdf(torn + pieces + spaced + bold))[0]
        == "gestionnaire de paie\nrecrutement interne\nPROFIL\nGras\nLe 1er prix"
    )


def test_letters_are_those_that_people_type() -> None:
    """Ligatures, control characters in their place, and the glyph's own name where the text layer is wrong."""
    widths = b"/FirstChar 65/LastChar 67/Widths[500 500 500]"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Odd%s/ToUnicode 3 0 R%s>>"
    named = b"/Encoding<</Differences[65/f_f_i]>>"
    for encoding, office in ((b"", "oce"), (named, "office")):
        content = pdf(
            "BT /F1 12 Tf 72 700 Td (o) Tj /F2 12 Tf (A) Tj /F1 12 Tf (ce ) Tj "
            "/F2 12 Tf (BC) Tj /F1 12 Tf (nance) Tj ET",
            fonts={"F2": font % (widths, encoding)},
            more=[stream(TOUNICODE)],
        )
        assert seen(content)[0] == f"{office} finance"


def test_a_shadow_is_neither_read_twice_nor_called_hidden() -> None:
    dark = "q 0 0 0.2 rg 0 590 595 60 re f Q "
    shadow = line(SECRET, 72.8, 619.2, before="0 0 0.2 rg") + line(SECRET, 72, 620, before="1 g")
    grey = line("Titre", 73.2, 498.8, size=20, before="0.7 g") + line("Titre", 72, 500, size=20)
    assert seen(pdf(dark + shadow + grey)) == (f"{SECRET}\nTitre", 0)


def test_a_page_is_read_as_people_do() -> None:
    """From the top, whatever comes first in the file; columns one after the other, rows of a table across."""
    lines = [line(f"ligne {number}", y=700 - 20 * number) for number in range(4)]
    assert seen(pdf("".join(reversed(lines))))[0] == "ligne 0\nligne 1\nligne 2\nligne 3"
    title = line("Awa Mba, comptable et gestionnaire de paie, Libreville, disponible tout de suite, permis B", 40, 760)
    left = [line(f"gauche {number}", 40, 700 - 20 * number) for number in range(4)]
    right = [line(f"droite {number}", 320, 695 - 20 * number) for number in range(4)]
    columns = [f"{side} {number}" for side in ("gauche", "droite") for number in range(4)]
    assert seen(pdf("".join([title, *right, *left])))[0].splitlines()[1:] == columns
    table = [line(f"{2020 + row}", 40, 700 - 20 * row) + line(f"poste {row}", 200, 700 - 20 * row) for row in range(4)]
    assert seen(pdf("".join(table)))[0].splitlines() == [f"{2020 + row} poste {row}" for row in range(4)]
    upright = "q 0 1 -1 0 800 100 cm " + "".join(lines) + " Q"
    assert seen(pdf(line("droit") + upright))[0].splitlines() == ["ligne 0", "ligne 1", "ligne 2", "ligne 3", "droit"]


def test_text_that_is_no_text_of_anybody_is_not_made_up() -> None:
    """Codes of a font's own glyphs without a table of letters."""
    font = (
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts"
        b"[<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<<>>/DW 500>>]>>"
    )
    assert seen(pdf("BT /F2 12 Tf 72 700 Td <00410042> Tj ET", fonts={"F2": font})) == ("", 0)


def test_arabic_is_read_from_the_right() -> None:
    assert as_read("Go (2020) \u0645\u0644\u0639") == "\u0639\u0644\u0645 (2020) Go"
    assert as_read("Awa (\u0645)") == "Awa (\u0645)"


def test_cleaned_text_is_short_and_can_be_stored() -> None:
    assert cleaned("a\0b \ud800c\u200b\u00a0d\r\n\r\n\n e\t\tf\u00ad\n  g") == "ab c d\ne fg"
    assert cleaned("ﬁnance ﬂux e\u0301té Ａ\ue000") == "finance flux été A"
    assert len(cleaned("é " * 20_000)) <= 8_000
