"""What cells of a table stand on: their own fill, or what the table's style says for their place."""

from collections.abc import Iterator
from typing import Any

from worker.services.recommendations.cvs.reading.word.looks import LOWEST, Styles
from worker.services.recommendations.cvs.reading.word.names import OFF, w
from worker.services.recommendations.cvs.reading.word.shading import Ground, shaded

# Bits of `w:tblLook` where it has no attributes (ECMA-376 part 4, 2.8.2).
BITS = {"firstRow": 0x20, "lastRow": 0x40, "firstColumn": 0x80, "lastColumn": 0x100, "noHBand": 0x200}


class TableGround:
    """Of one table with so many rows."""

    def __init__(self, table: Any, styles: Styles, rows: int) -> None:
        properties = table.find(w("tblPr"))
        named = properties.find(w("tblStyle")) if properties is not None else None
        self._chain = list(styles.chain(named.get(w("val")))) if named is not None else []
        look = properties.find(w("tblLook")) if properties is not None else None
        self._parts = {name for name in BITS if _has(look, name)}
        self._palette = styles.palette
        self._own = shaded(properties, self._palette)
        self._rows = rows

    def of_cell(self, cell: Any, row: int, column: int, *, last: bool) -> Ground:
        own = shaded(cell.find(w("tcPr")), self._palette)
        if own is not None:
            return own
        styled = (self._styled(kind) for kind in self._kinds(row, column, last=last))
        return next((each for each in styled if each is not None), self._whole())

    def _kinds(self, row: int, column: int, *, last: bool) -> Iterator[str]:
        """The parts of the table that a cell belongs to, the most particular first."""
        if row == 0 and "firstRow" in self._parts:
            yield "firstRow"
        if row == self._rows - 1 and "lastRow" in self._parts:
            yield "lastRow"
        if column == 0 and "firstColumn" in self._parts:
            yield "firstCol"
        if last and "lastColumn" in self._parts:
            yield "lastCol"
        if "noHBand" not in self._parts:
            yield "band1Horz" if (row - ("firstRow" in self._parts)) % 2 == 0 else "band2Horz"

    def _styled(self, kind: str) -> Ground:
        for style in self._chain:
            for part in style.iterfind(w("tblStylePr")):
                fill = shaded(part.find(w("tcPr")), self._palette) if part.get(w("type")) == kind else None
                if fill is not None:
                    return fill
        return None

    def _whole(self) -> Ground:
        fills = (shaded(style.find(w(name)), self._palette) for style in self._chain for name in ("tcPr", "tblPr"))
        return self._own if self._own is not None else next((each for each in fills if each is not None), None)


def is_cut_off(row: Any) -> bool:
    """A row that is exactly so low that nothing of its text is left."""
    height = row.find(f"{w('trPr')}/{w('trHeight')}")
    if height is None or height.get(w("hRule")) != "exact":
        return False
    try:
        return float(height.get(w("val"), LOWEST)) < LOWEST
    except ValueError:
        return False


def _has(look: Any, name: str) -> bool:
    if look is None:
        return False
    if w(name) in look.attrib:
        return look.get(w(name)) not in OFF
    try:
        return bool(int(look.get(w("val"), "0"), 16) & BITS[name])
    except ValueError:
        return False
