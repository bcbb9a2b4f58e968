"""Carries out a content stream as far as it matters which letters are seen, and where (ISO 32000-1, 7.8)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pypdf.generic import ContentStream, StreamObject

from worker.services.recommendations.cvs.reading.pdf.geometry import EVERYWHERE, IDENTITY, Box, Matrix, around
from worker.services.recommendations.cvs.reading.pdf.glyphs import Canvas
from worker.services.recommendations.cvs.reading.pdf.graphics import Operands
from worker.services.recommendations.cvs.reading.pdf.lettering import Lettering
from worker.services.recommendations.cvs.reading.pdf.objects import named, value
from worker.services.recommendations.cvs.reading.pdf.paths import Path
from worker.services.recommendations.cvs.reading.pdf.pictures import Picture
from worker.services.recommendations.cvs.reading.pdf.resources import Shelf
from worker.services.recommendations.cvs.reading.pdf.state import State

DEEPEST = 8
# Of one page.
MOST_FORMS = 500

BROKEN = (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError)


class Painter(Lettering):
    def __init__(self, canvas: Canvas, shelf: Shelf, unit: float) -> None:
        super().__init__(canvas, shelf, unit)
        self._forms: list[int] = []
        self._forms_seen = 0

    def paint(self, content: ContentStream, resources: Any) -> None:
        """What a broken operator asked for is left out."""
        outer, self.resources = self.resources, resources
        for operands, operator in content.operations:
            work = OPERATORS.get(operator)
            try:
                if work is not None:
                    work(self, operands)
            except BROKEN:
                continue
        self.resources = outer

    def place(self, operands: Operands) -> None:
        """A picture, or a form: a content stream of its own."""
        chosen = named(self.resources, "/XObject", operands[0])
        layer = chosen.raw_get("/OC") if "/OC" in chosen else None
        if any(self.layers) or (layer is not None and self.shelf.is_off(layer)):
            return
        if chosen["/Subtype"] == "/Form":
            self._form(chosen)
        else:
            whole = not any(key in chosen for key in ("/SMask", "/Mask", "/ImageMask"))
            self.picture(Picture(chosen, self.state.matrix), opaque=whole and self.state.opaque)

    def stamp(self, form: StreamObject, place: Box) -> None:
        """Fitted into its place on the page (ISO 32000-1, 12.5.5)."""
        self.state = State(IDENTITY, EVERYWHERE)
        box = self._state_of(form).clip
        self.state = State(IDENTITY, self.canvas.box)
        across = (place.right - place.left) / (box.right - box.left)
        up = (place.top - place.bottom) / (box.top - box.bottom)
        self.state.matrix = Matrix(across, 0, 0, up, place.left - across * box.left, place.bottom - up * box.bottom)
        self._form(form)

    def _form(self, form: StreamObject) -> None:
        self._forms_seen += 1
        if id(form) in self._forms or len(self._forms) >= DEEPEST or self._forms_seen > MOST_FORMS:
            return
        outer, stack = self.state, self.stack
        self._forms.append(id(form))
        self.state, self.stack = self._state_of(form), []
        try:
            content = ContentStream(form, self.shelf.reader, "bytes")
            self.paint(content, value(form, "/Resources", self.resources))
        finally:
            self.state, self.stack = outer, stack
            self._forms.pop()

    def _state_of(self, form: StreamObject) -> State:
        state = self.state.copy()
        state.matrix = state.matrix.after(Matrix(*map(float, value(form, "/Matrix", IDENTITY))))
        if "/BBox" in form:
            left, bottom, right, top = map(float, value(form, "/BBox"))
            corners = ((left, bottom), (right, bottom), (right, top), (left, top))
            state.clip = state.clip.within(around([state.matrix.at(*corner) for corner in corners]))
        return state

    def open_mark(self, operands: Operands) -> None:
        """Each mark is closed by one end."""
        layer = None
        if len(operands) > 1 and operands[0] == "/OC":
            layer = named(self.resources, "/Properties", operands[1], reference=True)
        self.layers.append(layer is not None and self.shelf.is_off(layer))

    def close_mark(self, _: Operands) -> None:
        if self.layers:
            self.layers.pop()


Work = Callable[[Painter, Operands], None]


def _set(name: str, share: float = 1.0) -> Work:
    def change(state: State, value: float) -> None:
        setattr(state, name, value * share)

    return partial(Painter.set, change=change)


def _set_mode(state: State, value: float) -> None:
    state.mode = int(value)


def _end(*, fill: bool = False, even_odd: bool = False) -> Work:
    return lambda painter, _: painter.close_path(fill=fill, even_odd=even_odd)


def _build(add: Callable[..., None]) -> Work:
    return partial(Painter.build, add=add)


OPERATORS: Mapping[bytes, Work] = {
    b"q": Painter.save,
    b"Q": Painter.restore,
    b"cm": Painter.transform,
    b"gs": Painter.graphics_state,
    b"g": partial(Painter.device, filling=True, space="/DeviceGray"),
    b"rg": partial(Painter.device, filling=True, space="/DeviceRGB"),
    b"k": partial(Painter.device, filling=True, space="/DeviceCMYK"),
    b"G": partial(Painter.device, filling=False, space="/DeviceGray"),
    b"RG": partial(Painter.device, filling=False, space="/DeviceRGB"),
    b"K": partial(Painter.device, filling=False, space="/DeviceCMYK"),
    b"cs": partial(Painter.choose_space, filling=True),
    b"CS": partial(Painter.choose_space, filling=False),
    b"sc": partial(Painter.mix, filling=True),
    b"scn": partial(Painter.mix, filling=True),
    b"SC": partial(Painter.mix, filling=False),
    b"SCN": partial(Painter.mix, filling=False),
    b"m": _build(Path.move),
    b"l": _build(Path.line),
    b"c": _build(Path.curve),
    b"v": _build(Path.curve_from_here),
    b"y": _build(Path.curve_to_end),
    b"re": _build(Path.rectangle),
    b"n": _end(),
    b"S": _end(),
    b"s": _end(),
    b"f": _end(fill=True),
    b"F": _end(fill=True),
    b"B": _end(fill=True),
    b"b": _end(fill=True),
    b"f*": _end(fill=True, even_odd=True),
    b"B*": _end(fill=True, even_odd=True),
    b"b*": _end(fill=True, even_odd=True),
    b"W": Painter.clip,
    b"W*": Painter.clip,
    b"sh": Painter.shade,
    b"INLINE IMAGE": Painter.inline_picture,
    b"Do": Painter.place,
    b"BDC": Painter.open_mark,
    b"BMC": Painter.open_mark,
    b"EMC": Painter.close_mark,
    b"BT": Painter.begin_text,
    b"Tf": Painter.choose_font,
    b"Tc": _set("character_spacing"),
    b"Tw": _set("word_spacing"),
    b"Tz": _set("scale", 0.01),
    b"TL": _set("leading"),
    b"Ts": _set("rise"),
    b"Tr": partial(Painter.set, change=_set_mode),
    b"Td": Painter.move,
    b"TD": partial(Painter.move, leading=True),
    b"Tm": Painter.place_text,
    b"T*": Painter.next_line,
    b"Tj": Painter.show,
    b"TJ": Painter.show_all,
    b"'": Painter.show_next_line,
    b'"': Painter.show_next_line,
}
