"""The picture of an offer or a company for cards on networks: 1200 by 627 pixels, drawn from words alone."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import font_source_sans_pro
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 627
MARGIN = 72
GROUND, INK, SOFT, ACCENT = "#0f2a20", "#ffffff", "#b9d3c7", "#7fd8b0"
PALETTE = 64
# Characters that are drawn at most; what is behind them would not fit anyway.
LONGEST = 160
# From large to small: the first size at which the title fits into its lines.
TITLE_SIZES = ((104, 2), (76, 3), (62, 4), (50, 5))
TITLE_TOP, TITLE_BOTTOM = 104, HEIGHT - 226
LEADING = 1.12
FOLDER = Path(font_source_sans_pro.font_directory)
MEDIA_TYPE = "image/png"


@dataclass(frozen=True, slots=True)
class Card:
    """heading: above the title, such as "We are hiring". footer: where the page is."""

    heading: str
    title: str
    company: str
    facts: str
    footer: str


def draw(card: Card) -> bytes:
    """A PNG. The same card makes the same bytes."""
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 16, HEIGHT), fill=ACCENT)
    pen.text((MARGIN, 56), card.heading[:LONGEST].upper(), fill=ACCENT, font=_font("Semibold", 30))
    _draw_title(pen, card.title[:LONGEST])
    room = WIDTH - 2 * MARGIN
    for text, top, weight, size, ink in (
        (card.company, HEIGHT - 214, "Semibold", 44, INK),
        (card.facts, HEIGHT - 152, "Regular", 36, SOFT),
    ):
        font = _font(weight, size)
        pen.text((MARGIN, top), _shortened(text[:LONGEST], font, room), fill=ink, font=font)
    font = _font("Bold", 30)
    pen.text((MARGIN, HEIGHT - 76), "INTO", fill=INK, font=font)
    pen.text((MARGIN + font.getlength("INTO"), HEIGHT - 76), "WORK", fill=ACCENT, font=font)
    footer = _font("Regular", 26)
    pen.text((WIDTH - MARGIN, HEIGHT - 72), card.footer[:LONGEST], fill=SOFT, font=footer, anchor="ra")
    return _encoded(image)


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: float, most: int) -> tuple[Sequence[str], bool]:
    """The text in at most `most` lines of `width` pixels, and whether all of it is in them. A word that is wider than
    a line is broken.
    """
    lines: list[str] = []
    current = ""
    for word in (part for each in text.split() for part in _broken(each, font, width)):
        longer = f"{current} {word}".strip()
        if font.getlength(longer) <= width:
            current = longer
            continue
        lines.append(current)
        current = word
    lines.append(current)
    if len(lines) <= most:
        return lines, True
    return [*lines[: most - 1], _shortened(" ".join(lines[most - 1 :]), font, width)], False


def _draw_title(pen: ImageDraw.ImageDraw, title: str) -> None:
    lines: Sequence[str] = ()
    size = 0
    for size, most in TITLE_SIZES:
        lines, fits = wrapped(title, _font("Bold", size), WIDTH - 2 * MARGIN, most)
        if fits:
            break
    top = TITLE_TOP + max((TITLE_BOTTOM - TITLE_TOP - len(lines) * size * LEADING) / 2, 0)
    for number, line in enumerate(lines):
        pen.text((MARGIN, top + number * size * LEADING), line, fill=INK, font=_font("Bold", size))


def _broken(word: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    if font.getlength(word) <= width:
        return [word]
    parts = [""]
    for character in word:
        if font.getlength(parts[-1] + character) > width:
            parts.append("")
        parts[-1] += character
    return parts


def _shortened(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1].rstrip()
    return f"{text}…"


@lru_cache(maxsize=16)
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    """Source Sans Pro: Latin with the letters of African languages, Greek, Cyrillic (SIL Open Font License)."""
    return ImageFont.truetype(FOLDER / f"SourceSansPro-{weight}.ttf", size, layout_engine=ImageFont.Layout.BASIC)


def _encoded(image: Image.Image) -> bytes:
    """A few colours make a fifth of the bytes, and are drawn with the edges as smooth."""
    file = io.BytesIO()
    image.quantize(PALETTE, dither=Image.Dither.NONE).save(file, "PNG", optimize=False, compress_level=6)
    return file.getvalue()
