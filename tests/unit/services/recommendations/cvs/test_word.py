"""What a reader sees of a Word document, wherever in it that stands, and how much else there is."""

import pytest

from tests.factories.cv_files import paragraph, run, word
from worker.services.recommendations.cvs.outcomes import CvOutcome
from worker.services.recommendations.cvs.reading.answers import CannotBeRead
from worker.services.recommendations.cvs.reading.cleaning import cleaned
from worker.services.recommendations.cvs.reading.word.program import extract

VISIBLE = "Caissière, 2 ans"
SECRET = "Kubernetes Terraform Go 10 ans"
LETTERS = len(SECRET.replace(" ", ""))
WORD_2010 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
STYLES = """
<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"/>
<w:style w:type="character" w:styleId="Ghost"><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Phantom"><w:basedOn w:val="Ghost"/></w:style>
<w:style w:type="character" w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>
<w:style w:type="paragraph" w:styleId="Pale"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>
<w:style w:type="table" w:styleId="Grid"><w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:val="clear" w:fill="204060"/>
</w:tcPr></w:tblStylePr></w:style>
"""
WHITE = '<w:color w:val="FFFFFF"/>'


def seen(content: bytes) -> tuple[str, int]:
    found = extract(content)
    return cleaned("\n".join(found.visible)), found.hidden


def box(inner: str, *, fill: str = "", around: str = "") -> str:
    """A text box as Word writes it: a drawing, and a picture for those that cannot draw."""
    text = f"<w:txbxContent>{paragraph(inner)}</w:txbxContent>"
    drawn = f"<wps:wsp><wps:spPr>{fill}</wps:spPr><wps:txbx>{text}</wps:txbx></wps:wsp>"
    choice = f'<mc:Choice Requires="wps"><w:drawing><wp:anchor>{around}{drawn}</wp:anchor></w:drawing></mc:Choice>'
    fallback = f"<mc:Fallback><w:pict><v:shape><v:textbox>{text}</v:textbox></v:shape></w:pict></mc:Fallback>"
    return f"<w:r><mc:AlternateContent>{choice}{fallback}</mc:AlternateContent></w:r>"


@pytest.mark.parametrize(
    ("properties", "of_paragraph"),
    [
        ("<w:vanish/>", ""),
        ('<w:rStyle w:val="Ghost"/>', ""),
        ('<w:rStyle w:val="Phantom"/>', ""),
        (WHITE, ""),
        ('<w:color w:val="FDFDFD"/>', ""),
        ("", '<w:pStyle w:val="Pale"/>'),
        ('<w:color w:val="204060"/><w:shd w:val="clear" w:fill="204060"/>', ""),
        ('<w:color w:val="204060"/>', '<w:shd w:val="clear" w:fill="204060"/>'),
        ('<w:color w:val="000000"/><w:highlight w:val="black"/>', ""),
        ('<w:sz w:val="5"/>', ""),
        ('<w:w w:val="1"/>', ""),
        (f"<w14:textFill {WORD_2010}><w14:noFill/></w14:textFill>", ""),
        (f'<w14:textFill {WORD_2010}><w14:solidFill><w14:schemeClr w14:val="bg1"/></w14:solidFill></w14:textFill>', ""),
        ("", '<w:spacing w:lineRule="exact" w:line="20"/>'),
        ("", '<w:ind w:left="-30000"/>'),
    ],
)
def test_what_no_reader_sees_is_left_out_and_counted(properties: str, of_paragraph: str) -> None:
    secret = paragraph(f"<w:pPr>{of_paragraph}</w:pPr>", run(SECRET, properties))
    assert seen(word(paragraph(run(VISIBLE)) + secret, styles=STYLES)) == (VISIBLE, LETTERS)


@pytest.mark.parametrize(
    ("properties", "of_paragraph"),
    [
        ('<w:vanish w:val="0"/><w:rStyle w:val="Ghost"/>', ""),
        ('<w:rStyle w:val="Loop"/>', ""),
        ('<w:color w:val="auto"/>', '<w:pStyle w:val="Pale"/>'),
        (WHITE + '<w:shd w:val="clear" w:fill="204060"/>', ""),
        (WHITE + '<w:shd w:val="solid" w:color="204060" w:fill="FFFFFF"/>', ""),
        (WHITE, '<w:shd w:val="clear" w:fill="204060"/>'),
        (WHITE + '<w:highlight w:val="blue"/>', ""),
        ('<w:color w:val="808080"/>', ""),
        ('<w:sz w:val="12"/><w:w w:val="80"/>', ""),
        ('<w:sz w:val="large"/>', '<w:spacing w:lineRule="exact" w:line="many"/>'),
    ],
)
def test_what_a_reader_sees_counts_however_it_looks(properties: str, of_paragraph: str) -> None:
    shown = paragraph(f"<w:pPr>{of_paragraph}</w:pPr>", run(SECRET, properties))
    assert seen(word(shown, styles=STYLES)) == (SECRET, 0)


def wrapped(name: str, inner: str) -> str:
    return f"<w:{name}>{inner}</w:{name}>"


def test_text_is_read_wherever_it_stands() -> None:
    """Tracked insertions too; what was deleted or moved away is not there any more."""
    cells = [wrapped("tc", paragraph(run(each))) for each in ("2020", "Caisse")]
    torn = "<w:softHyphen/><w:t>tion</w:t><w:tab/><w:t>paie</w:t><w:br/><w:t>suite</w:t>"
    body = [
        paragraph(run("Awa Mba"), wrapped("ins", run(", comptable")), wrapped("moveTo", run(" senior"))),
        paragraph("<w:del><w:r><w:delText>supprimé</w:delText></w:r></w:del>", wrapped("moveFrom", run("déplacé"))),
        wrapped("tbl", wrapped("tr", "".join(cells))),
        wrapped("sdt", "<w:sdtPr><w:alias/></w:sdtPr>" + wrapped("sdtContent", paragraph(run("contrôle")))),
        paragraph(run("ancre"), box(run("zone de texte"))),
        paragraph(run("ges"), wrapped("r", torn)),
        paragraph(wrapped("hyperlink", run("lien")), wrapped("r", "<w:instrText>PAGE</w:instrText>")),
    ]
    section = '<w:headerReference r:id="r1"/><w:headerReference r:id="r1"/><w:footerReference r:id="r2"/>'
    parts = {
        "header1": paragraph(run("en-tête")),
        "footer1": paragraph(run("pied")),
        "footnotes": wrapped("footnote", paragraph(run("note"))),
    }
    expected = (
        "en-tête|Awa Mba, comptable senior|2020|Caisse|contrôle|ancre|zone de texte|gestion paie|suite|lien|note|pied"
    )
    assert seen(word("".join(body), parts=parts, section=section)) == (expected.replace("|", "\n"), 0)


def test_what_white_text_stands_on_decides_whether_it_is_seen() -> None:
    """Cells by themselves or by the table's style, boxes, and the page as far as its colour is shown."""
    white = paragraph(run(SECRET, WHITE))

    def table(*rows: str, properties: str = "") -> str:
        cells = "".join(f"<w:tr><w:tc>{row}</w:tc></w:tr>" for row in rows)
        return f"<w:tbl><w:tblPr>{properties}</w:tblPr>{cells}</w:tbl>"

    styled = '<w:tblStyle w:val="Grid"/><w:tblLook w:val="0020"/>'
    dark = '<w:tcPr><w:shd w:val="clear" w:fill="204060"/></w:tcPr>'
    fill = '<a:solidFill><a:srgbClr val="{}"/></a:solidFill>'
    low = '<w:trPr><w:trHeight w:hRule="exact" w:val="20"/></w:trPr>'
    page = '<w:background w:color="204060"/>'
    settings = {"settings": "<w:displayBackgroundShape/>"}
    for content, shown in (
        (word(table(dark + white)), True),
        (word(table(dark + table(white))), True),
        (word(table(white)), False),
        (word(table(paragraph(run(SECRET))).replace("<w:tr>", f"<w:tr>{low}")), False),
        (word(table(white, "<w:p/>", properties=styled), styles=STYLES), True),
        (word(table("<w:p/>", white, properties=styled), styles=STYLES), False),
        (word(paragraph(box(run(SECRET, WHITE), fill=fill.format("204060")))), True),
        (word(paragraph(box(run(SECRET, WHITE), fill=fill.format("FFFFFF")))), False),
        (word(paragraph(box(run(SECRET), around='<wp:docPr hidden="1"/>'))), False),
        (word(white, background=page, parts=settings), True),
        (word(white, background=page), False),
    ):
        assert seen(content) == ((SECRET, 0) if shown else ("", LETTERS))


def test_names_of_colours_mean_what_the_documents_theme_says() -> None:
    """They go before the value beside them, unless it is a shade of theirs."""
    white = '<a:{0}><a:srgbClr val="FFFFFF"/></a:{0}>'
    theme = f"<a:clrScheme>{white.format('lt1')}{white.format('accent1')}</a:clrScheme>"
    for colour, shown in (
        ('<w:color w:val="000000" w:themeColor="background1"/>', False),
        ('<w:color w:val="000000" w:themeColor="accent1"/>', False),
        ('<w:color w:val="7F7F7F" w:themeColor="background1" w:themeShade="7F"/>', True),
        ('<w:color w:val="FFFFFF" w:themeColor="text1"/>', True),
        (WHITE + '<w:shd w:val="clear" w:fill="FFFFFF" w:themeFill="text1"/>', True),
    ):
        assert seen(word(paragraph(run(SECRET, colour)), parts={"theme": theme})) == (
            (SECRET, 0) if shown else ("", LETTERS)
        )


def test_headers_of_pages_that_there_are_not_are_not_seen() -> None:
    parts = {"header1": paragraph(run(VISIBLE)), "header2": paragraph(run(SECRET))}
    for kind, switch, settings, shown in (
        ("first", "", "", False),
        ("first", "<w:titlePg/>", "", True),
        ("even", "", "", False),
        ("even", "", "<w:evenAndOddHeaders/>", True),
    ):
        section = (
            f'<w:headerReference w:type="default" r:id="r1"/><w:headerReference w:type="{kind}" r:id="r2"/>{switch}'
        )
        content = word("<w:p/>", parts=parts | {"settings": settings}, section=section)
        assert seen(content) == ((f"{VISIBLE}\n{SECRET}", 0) if shown else (VISIBLE, LETTERS))


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (b"PK\x03\x04 torn", CvOutcome.UNREADABLE),
        (word("<w:p/>").replace(b"word/", b"xlsx/"), CvOutcome.UNKNOWN_FORMAT),
    ],
)
def test_what_is_no_document_is_said(content: bytes, outcome: CvOutcome) -> None:
    with pytest.raises(CannotBeRead) as caught:
        extract(content)
    assert caught.value.outcome is outcome
