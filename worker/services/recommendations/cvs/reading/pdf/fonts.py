"""What the bytes of a string are in a font: letters, and how far each moves on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pypdf._codecs import adobe_glyphs
from pypdf.generic import DictionaryObject, NameObject
from pypdf.generic._font import Font

from worker.services.recommendations.cvs.reading.pdf.objects import value

TYPICAL_HEIGHT = 1000.0
# Codes that mean glyphs of the font's file and nothing else.
OF_THE_FONT = frozenset({"/Identity-H", "/Identity-V"})


class Shown(NamedTuple):
    """advance: in units of text space, for a size of 1. is_space: the one-byte code 32, which word spacing widens."""

    text: str
    advance: float
    is_space: bool
    measured: bool


@dataclass(frozen=True, slots=True)
class PageFont:
    """names: letters by code, where the font names its glyphs. height: of its letters for a size of 1, where 1 is
    usual. unit: of its widths. legible: whether the file tells which letters its codes are.
    """

    font: Font
    names: dict[int, str]
    height: float
    unit: float
    legible: bool

    def shown(self, data: bytes) -> Iterator[Shown]:
        encoding, widths = self.font.encoding, self.font.character_widths
        usual = float(widths.get("default", 500))
        if isinstance(encoding, str):
            codes: list[tuple[str, str, bool]] = [
                (each, self.font.character_map.get(each, each), False) for each in data.decode(encoding, "replace")
            ]
        else:
            codes = [(chr(each), self._letter(each, encoding), each == 32) for each in data]
        for code, text, is_space in codes:
            width = widths.get(code)
            advance = (usual if width is None else float(width)) * self.unit
            yield Shown(text if self.legible else "", advance, is_space, width is not None)

    def _letter(self, code: int, encoding: dict[int, str]) -> str:
        plain = encoding.get(code, chr(code))
        text: str = self.font.character_map.get(plain, plain)
        return text if text >= " " or code not in self.names else self.names[code]


def page_font(resource: DictionaryObject) -> PageFont:
    font = Font.from_font_resource(resource)
    matrix = value(resource, "/FontMatrix") if font.sub_type == "Type3" else None
    unit = abs(float(matrix[0])) if matrix else 0.001
    tall = font.font_descriptor.bbox[3] - font.font_descriptor.bbox[1] if matrix else TYPICAL_HEIGHT
    height = abs(float(matrix[3])) * (tall or TYPICAL_HEIGHT) if matrix else 1.0
    blind = not font.character_map and value(resource, "/Encoding") in OF_THE_FONT
    return PageFont(font, _named(resource), height, unit, legible=font.interpretable and not blind)


def _named(resource: DictionaryObject) -> dict[int, str]:
    """The letters that the font's own names of its glyphs tell, by code."""
    named: dict[int, str] = {}
    code = 0
    for each in value(value(resource, "/Encoding"), "/Differences", []):
        if isinstance(each, NameObject):
            # `f_i` and `fi.alt` are kinds of `fi`.
            named[code] = adobe_glyphs.get("/" + each[1:].replace("_", "").partition(".")[0], "")
            code += 1
        else:
            code = int(each)
    return {code: text for code, text in named.items() if text >= " "}
