"""What all pages of a file share: fonts, and which layers are switched off."""

from typing import Any

from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from worker.services.recommendations.cvs.reading.pdf.fonts import PageFont, page_font
from worker.services.recommendations.cvs.reading.pdf.objects import value


class Shelf:
    def __init__(self, reader: PdfReader) -> None:
        self.reader = reader
        self._fonts: dict[int, tuple[DictionaryObject, PageFont | None]] = {}
        self._off = _layers_off(reader)

    def font(self, resource: Any) -> PageFont | None:
        """None for one that cannot be read. Made once."""
        if not isinstance(resource, DictionaryObject):
            return None
        if id(resource) not in self._fonts:
            self._fonts[id(resource)] = (resource, _font(resource))
        return self._fonts[id(resource)][1]

    def is_off(self, layer: Any) -> bool:
        """layer: a group of optional content or a membership in some (ISO 32000-1, 8.11), as it is referred to."""
        if isinstance(layer, IndirectObject) and layer.idnum in self._off:
            return True
        known = layer.get_object() if layer is not None else None
        if not isinstance(known, DictionaryObject) or "/OCGs" not in known:
            return False
        several = known["/OCGs"] if isinstance(known["/OCGs"], list) else [known.raw_get("/OCGs")]
        return bool(several) and all(getattr(each, "idnum", None) in self._off for each in several)


def _font(resource: DictionaryObject) -> PageFont | None:
    try:
        return page_font(resource)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None


def _layers_off(reader: PdfReader) -> frozenset[int]:
    try:
        properties = value(reader.root_object, "/OCProperties")
        usual = value(properties, "/D")
        groups = value(properties, "/OCGs", []) if value(usual, "/BaseState") == "/OFF" else []
        off = {each.idnum for each in (*groups, *value(usual, "/OFF", []))}
        return frozenset(off - {each.idnum for each in value(usual, "/ON", [])})
    except (AttributeError, TypeError):
        return frozenset()
